//! What a chapter, a quiz and an interview question *are*, as types. The YAML that authors write is
//! read straight into these; `check.rs` says what else must hold.
//!
//! Ids are written by the author and never derived from the text: the learner's record refers to
//! them, so a reworded question keeps its history.

use serde::Deserialize;
use std::path::PathBuf;

/// The front matter of `chapters/NN-slug/chapter.md`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    /// Stable id, the slug without its number: `scatter-gather`.
    pub id: String,
    /// Its place in the book, from 1.
    pub number: u8,
    pub title: String,
    /// The part of the book: `Single node`, `Serving`, `Batch`, `Advanced`.
    pub part: String,
    /// One paragraph, shown at home and in search.
    pub summary: String,
    /// How long a first reading takes.
    pub minutes: u16,
    /// Ids of chapters to read before.
    #[serde(default)]
    pub prerequisites: Vec<String>,
    /// Ids of labs, `scatter-gather`.
    #[serde(default)]
    pub labs: Vec<String>,
    /// Slugs of graded exercises.
    #[serde(default)]
    pub exercises: Vec<String>,
    #[serde(default)]
    pub sources: Vec<Source>,
    /// Codes of the curriculum that the text itself covers: its mistakes, connections and exercises
    /// (`ch12-m1`). Questions are covered by `interview.yaml`.
    #[serde(default)]
    pub covers: Vec<String>,
    /// A summary only: the chapter itself is still to come.
    #[serde(default)]
    pub coming: bool,
}

/// Where a figure or a statement comes from; `[^id]` in the text points here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub id: String,
    /// Author, title, place and year, with the section where it matters.
    pub text: String,
}

/// A `##` section of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// `how-it-works`
    pub slug: String,
    pub title: String,
}

/// One folder of `chapters/`, loaded and checked.
#[derive(Debug, Clone)]
pub struct Chapter {
    pub meta: FrontMatter,
    /// The markdown after the front matter.
    pub body: String,
    /// The line of `chapter.md` on which `body` starts (1-based), so that errors name true lines.
    pub body_line: usize,
    /// What the body is divided into, in its order.
    pub sections: Vec<Section>,
    /// Where it was loaded from, for messages; embedded content has a path that starts with `chapters/`.
    pub path: PathBuf,
    pub quiz: Vec<QuizQuestion>,
    pub interview: Vec<InterviewQuestion>,
    /// Pages of their own that the text leads to, `appendix-NAME.md`: what only some readers need, such as
    /// the steps on a real cluster. Each is a chapter without questions, with the sources of its chapter
    /// and the id `CHAPTER/NAME`.
    pub appendices: Vec<Chapter>,
}

impl Chapter {
    /// The sections that are read from their beginning to their end: things are looked up in the list of sources.
    pub fn sections_to_read(&self) -> impl Iterator<Item = &Section> {
        let sections = self.sections.iter();
        sections.filter(|section| section.slug != "sources")
    }
}

/// One question of `quiz.yaml`; a ```` ```check ID ```` fence in the text shows the same question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuizQuestion {
    pub id: String,
    /// The `##` heading it belongs to, as a slug (`how-it-works`), for the score by section.
    pub section: String,
    /// It asks about a situation, not a definition.
    #[serde(default)]
    pub scenario: bool,
    /// It asks to tell two confusable patterns apart.
    #[serde(default)]
    pub tells_apart: bool,
    /// Markdown.
    pub prompt: String,
    pub kind: QuizKind,
    /// Shown after the answer, whichever it was: why the right one is right.
    pub explain: String,
}

/// The five kinds of quiz question. In YAML: `kind: {one: {options: […]}}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuizKind {
    /// Exactly one option is right.
    One { options: Vec<QuizOption> },
    /// Any number of options is right, at least one.
    Several { options: Vec<QuizOption> },
    /// The items are given here in the right order and shown shuffled.
    Order {
        items: Vec<String>,
        why_confused: String,
    },
    /// Each left belongs to its right; rights are shown shuffled.
    Match { pairs: Vec<MatchPair> },
    Number {
        answer: f64,
        /// `%`, `ms`, `requests/s`, or empty for a bare number.
        #[serde(default)]
        unit: String,
        /// Absolute, in the unit: `answer ± tolerance` is right.
        tolerance: f64,
        /// Answers that people give, and why they would.
        #[serde(default)]
        near_misses: Vec<NearMiss>,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuizOption {
    pub text: String,
    #[serde(default)]
    pub right: bool,
    /// For a wrong option: why someone would think so, and where it breaks. For a right one: why it holds.
    pub why: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchPair {
    pub left: String,
    pub right: String,
    pub why: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NearMiss {
    pub value: f64,
    pub why: String,
}

/// One question of `interview.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterviewQuestion {
    pub id: String,
    /// Raised when the meaning of the question or of its rubric changes.
    pub rev: u32,
    pub kind: InterviewKind,
    pub level: Level,
    pub minutes: u16,
    /// Codes of the curriculum's questions that it answers: `ch07-q3`.
    #[serde(default)]
    pub covers: Vec<String>,
    pub prompt: String,
    #[serde(default)]
    pub hints: Vec<String>,
    /// Four to eight points.
    pub rubric: Vec<RubricPoint>,
    /// What a strong interviewer winces at.
    #[serde(default)]
    pub anti: Vec<AntiPoint>,
    /// 200–400 words, spoken style; each paragraph says which points it meets.
    pub model_answer: Vec<ModelParagraph>,
    /// At least three; two depend on what was missed or met.
    pub followups: Vec<Followup>,
    #[serde(default)]
    pub traps: Vec<String>,
    /// A lab command that settles the matter: `scatter-gather --set policy=hedge …`.
    #[serde(default)]
    pub lab: Option<LabScenario>,
    #[serde(default)]
    pub sources: Vec<String>,
    /// Six: strong, middling, weak, salad, negated, off topic. For tests, never shown.
    pub samples: Vec<Sample>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterviewKind {
    Explain,
    Compare,
    Design,
    Debug,
    Estimate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Mid,
    Senior,
    Staff,
}

/// The seven dimensions that an interviewer scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    Requirements,
    Estimation,
    HighLevel,
    DeepDive,
    TradeOffs,
    Failure,
    Evolution,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RubricPoint {
    pub id: String,
    pub dim: Dimension,
    /// A strong answer cannot leave it out.
    #[serde(default)]
    pub must: bool,
    /// 1 to 5.
    pub weight: u8,
    /// What the interviewer listens for, one sentence.
    pub statement: String,
    /// Groups of which any one suffices. A group is a list of term sets that must all occur near each
    /// other; a term set is a string of alternatives, `slow*|straggler|tail` (`*` ends a prefix, a
    /// blank inside an alternative makes it a phrase).
    #[serde(rename = "match")]
    pub matches: Vec<Vec<String>>,
    /// An example sentence that meets the point (and matches).
    pub good: String,
    /// One that does not, though it sounds near (and does not match).
    pub bad: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AntiPoint {
    pub id: String,
    pub statement: String,
    pub why: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelParagraph {
    /// Ids of the rubric points that this paragraph meets.
    pub meets: Vec<String>,
    pub text: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Followup {
    pub id: String,
    pub ask: FollowupWhen,
    pub prompt: String,
    /// What a good answer to it says, in a sentence or two.
    pub listen_for: String,
}

/// In YAML: `ask: always`, `ask: {missed: POINT}`, `ask: {met: POINT}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowupWhen {
    Always,
    Missed(String),
    Met(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabScenario {
    pub lab: String,
    /// `knob=value` settings.
    #[serde(default)]
    pub set: Vec<String>,
    /// `20s:slow=7` interventions.
    #[serde(default)]
    pub at: Vec<String>,
    /// What to look at, in a sentence.
    pub look: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub kind: SampleKind,
    pub text: String,
    /// Ids of the points that a careful human would tick.
    pub ticks: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleKind {
    Strong,
    Middling,
    Weak,
    /// Keywords without a sentence between them.
    Salad,
    /// Says the opposite of the points.
    Negated,
    OffTopic,
}
