//! What a mock interview is about: the eight classic prompts of `prompts/`, and each pattern by the design
//! question of its chapter.

use super::Lead;
use crate::content::Library;
use crate::content::model::{
    Chapter, Dimension, Followup, FollowupWhen, InterviewKind, InterviewQuestion, Level,
};
use crate::content::yaml;
use crate::study::chapter::{exercises, labs};
use crate::study::rubric::Matcher;
use ddlab_archive::{Archive, archive};
use ddlab_practice::drill;
use serde::Deserialize;
use std::sync::LazyLock;

static FILES: Archive = archive!("prompts");

/// What an interview of its own kind has beside a question of a chapter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    pub id: String,
    pub title: String,
    /// Ids of the chapters that it is built from.
    pub chapters: Vec<String>,
    /// What the interviewer says first.
    pub opening: String,
    /// What is answered when it is asked for.
    #[serde(default)]
    pub facts: Vec<Fact>,
    pub points: Vec<Point>,
    pub followups: Vec<Asked>,
    /// Something happens to the system.
    pub curveballs: Vec<Turn>,
    /// The interviewer doubts something that is right.
    pub pushback: Turn,
    pub evolution: Turn,
    /// Where to study what it asks, found in the book.
    #[serde(skip)]
    pub study: Vec<Lead>,
}

/// A fact of the scenario, and the words by which one asks for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Alternatives, as in a rubric: `slow*|latency`.
    pub ask: String,
    pub say: String,
}

/// A point of the rubric.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub id: String,
    pub dim: Dimension,
    /// From this level on a strong answer cannot leave it out; none: it is good to have.
    #[serde(default)]
    pub from: Option<Level>,
    pub statement: String,
    #[serde(rename = "match")]
    pub matches: Vec<Vec<String>>,
    /// How a strong candidate says it.
    pub say: String,
    /// Where it is taught.
    #[serde(default)]
    study: Study,
    /// The same, found in the book.
    #[serde(skip)]
    pub leads: Vec<Lead>,
}

/// Where something is taught, asked, tried, built and trained; what is not in the book is passed over.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Study {
    /// A chapter and a heading of it: `sharded#the-ring`.
    page: Option<String>,
    question: Option<String>,
    lab: Option<String>,
    exercise: Option<String>,
    drill: Option<String>,
}

impl Study {
    fn leads(&self, library: &Library) -> Vec<Lead> {
        let page = self.page.as_ref().and_then(|page| {
            let (chapter, section) = match page.split_once('#') {
                Some((chapter, section)) => (chapter, Some(section.to_owned())),
                None => (page.as_str(), None),
            };
            let chapter = library.chapter(chapter).ok()?.meta.id.clone();
            Some(Lead::Page { chapter, section })
        });
        let question = self.question.as_ref().and_then(|id| {
            let (chapter, question) = library.interview_question(id).ok()?;
            Some(Lead::Question {
                chapter: chapter.meta.id.clone(),
                question: question.id.clone(),
            })
        });
        let lab = self.lab.as_ref().and_then(|id| {
            Some(Lead::Lab {
                lab: ddlab_labs::find(id)?.spec().id.to_owned(),
                set: Vec::new(),
                at: Vec::new(),
            })
        });
        let exercise = self.exercise.as_ref().and_then(|slug| {
            ddlab_exercises::find(slug).ok()?;
            Some(Lead::Exercise { slug: slug.clone() })
        });
        let drill = self.drill.as_ref().and_then(|kind| {
            drill::find(kind)?;
            Some(Lead::Drill {
                kind: Some(kind.clone()),
            })
        });
        [page, question, lab, exercise, drill]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// A question that depends on what was said.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub ask: FollowupWhen,
    pub prompt: String,
    pub listen_for: String,
}

/// Something that the interviewer says, and what a good answer to it says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    pub ask: String,
    pub listen_for: String,
}

impl Point {
    /// Whether someone of this level must make it.
    pub fn is_must(&self, level: Level) -> bool {
        self.from.is_some_and(|from| from as u8 <= level as u8)
    }

    /// Whether these words seem to make the point: a hint, never a score.
    pub fn heard(&self, said: &str) -> bool {
        self.words_in(said).is_some()
    }

    /// The words that seem to make the point.
    pub fn words_in<'a>(&self, said: &'a str) -> Option<&'a str> {
        let matcher = Matcher::new(&self.matches).ok()?;
        Some(&said[matcher.find_in_answer(said)?])
    }
}

impl Prompt {
    /// All questions: first those about what was missed, then others that what was said calls for; last those
    /// about what was made already.
    pub fn followups(&self, said: &str) -> Vec<&Asked> {
        let heard = |id: &str| {
            let point = self.points.iter().find(|point| point.id == id);
            point.is_some_and(|point| point.heard(said))
        };
        let called_for = |asked: &Asked| match &asked.ask {
            FollowupWhen::Always => true,
            FollowupWhen::Missed(id) => !heard(id),
            FollowupWhen::Met(id) => heard(id),
        };
        let mut asked: Vec<&Asked> = self.followups.iter().collect();
        asked.sort_by_key(|asked| {
            let about_missed = matches!(asked.ask, FollowupWhen::Missed(_));
            let called_for = called_for(asked);
            (!called_for, called_for != about_missed)
        });
        asked
    }
}

impl Fact {
    /// Whether this question asks for it.
    pub fn is_asked(&self, question: &str) -> bool {
        let sets = [vec![self.ask.clone()]];
        Matcher::new(&sets).is_ok_and(|matcher| matcher.find(question).is_some())
    }
}

/// The prompts of the program; a test holds that all can be read.
pub fn classic() -> &'static [Prompt] {
    static PROMPTS: LazyLock<Vec<Prompt>> = LazyLock::new(|| {
        let files = FILES.files().iter();
        files
            .filter_map(|file| yaml::read(file.text).ok())
            .collect()
    });
    &PROMPTS
}

/// Every topic: the prompts, then each chapter that has a design question.
pub fn topics(library: &Library) -> Vec<(String, String)> {
    let classic = classic().iter();
    let classic = classic.map(|prompt| (prompt.id.clone(), prompt.title.clone()));
    let chapters = library
        .chapters()
        .filter(|chapter| design(chapter).is_some());
    let chapters = chapters.map(|chapter| (chapter.meta.id.clone(), chapter.meta.title.clone()));
    classic.chain(chapters).collect()
}

/// The prompt of a topic.
///
/// # Errors
/// A sentence that names the nearest topic.
pub fn find(library: &Library, topic: &str) -> Result<Prompt, String> {
    let classic = classic().iter().find(|prompt| prompt.id == topic).cloned();
    let of_chapter = || {
        let chapter = library.chapter(topic).ok()?;
        Some(of_question(chapter, design(chapter)?))
    };
    let mut prompt = classic.or_else(of_chapter).ok_or_else(|| {
        let topics = topics(library);
        let near = ddlab_text::nearest(topic, topics.iter().map(|(id, _)| id.as_str()));
        let hint = ddlab_text::hint(near);
        format!(
            "there is no topic `{}`{hint}; `ddlab interview list` shows them",
            ddlab_text::given(topic)
        )
    })?;
    prompt.study = study(library, &prompt.chapters);
    for point in &mut prompt.points {
        point.leads = point.study.leads(library);
    }
    Ok(prompt)
}

/// What these chapters offer: their pages, a question of the first, labs, an exercise, numbers.
fn study(library: &Library, chapters: &[String]) -> Vec<Lead> {
    let chapters: Vec<&Chapter> = chapters
        .iter()
        .filter_map(|id| library.chapter(id).ok())
        .collect();
    let pages = chapters.iter().take(4).map(|chapter| Lead::Page {
        chapter: chapter.meta.id.clone(),
        section: None,
    });
    let questions = chapters.iter().take(1).filter_map(|chapter| {
        Some(Lead::Question {
            chapter: chapter.meta.id.clone(),
            question: chapter.interview.first()?.id.clone(),
        })
    });
    let labs = chapters.iter().flat_map(|chapter| labs(chapter));
    let labs = labs.take(2).map(|lab| Lead::Lab {
        lab: lab.to_owned(),
        set: Vec::new(),
        at: Vec::new(),
    });
    let exercises = chapters.iter().flat_map(|chapter| exercises(chapter));
    let exercises = exercises.take(1).map(|slug| Lead::Exercise {
        slug: slug.to_owned(),
    });
    let found = pages.chain(questions).chain(labs).chain(exercises);
    found.chain([Lead::Drill { kind: None }]).collect()
}

fn design(chapter: &Chapter) -> Option<&InterviewQuestion> {
    let mut questions = chapter.interview.iter();
    questions.find(|question| question.kind == InterviewKind::Design)
}

/// A design question of a chapter, as an interview of its own.
fn of_question(chapter: &Chapter, question: &InterviewQuestion) -> Prompt {
    let turn = |ask: &str, listen_for: &str| Turn {
        ask: ask.to_owned(),
        listen_for: listen_for.to_owned(),
    };
    let asked = |followup: &Followup| Asked {
        ask: followup.ask.clone(),
        prompt: followup.prompt.clone(),
        listen_for: followup.listen_for.clone(),
    };
    Prompt {
        id: chapter.meta.id.clone(),
        title: chapter.meta.title.clone(),
        chapters: vec![chapter.meta.id.clone()],
        opening: question.prompt.trim().to_owned(),
        facts: Vec::new(),
        points: question
            .rubric
            .iter()
            .map(|point| Point {
                id: point.id.clone(),
                dim: point.dim,
                from: point.must.then_some(Level::Mid),
                statement: point.statement.clone(),
                matches: point.matches.clone(),
                say: point.good.clone(),
                study: Study {
                    page: Some(chapter.meta.id.clone()),
                    question: Some(question.id.clone()),
                    lab: question.lab.as_ref().map(|scenario| scenario.lab.clone()),
                    ..Study::default()
                },
                leads: Vec::new(),
            })
            .collect(),
        followups: question.followups.iter().map(asked).collect(),
        curveballs: vec![
            turn(
                "Traffic grows tenfold within a week. What breaks first, and what do you do about it?",
                "The part whose capacity does not grow by adding machines; a figure; what is shed meanwhile.",
            ),
            turn(
                "A zone is lost, and a third of your machines with it. Walk me through the next minutes.",
                "What clients see, what takes over and how it knows, what overload follows, what is told to whom.",
            ),
            turn(
                "Your budget is halved. What goes first?",
                "What costs most for the least promise, with a figure; the promise that changes is named.",
            ),
            turn(
                "A new law demands that the data of a country stays in it. What changes?",
                "Where data is placed and who decides; what may still cross the border; what it costs.",
            ),
        ],
        pushback: turn(
            "I am not convinced: one large machine with a standby would do. Why not?",
            "Hold the ground where figures ask for it, grant what is true, and say from where on it would be right.",
        ),
        study: Vec::new(),
        evolution: turn(
            "A year from now, ten times as large: what do you change first, and what will you regret?",
            "The next bottleneck by figures, a migration that can be undone, and an honest regret.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_prompt_is_read_whole_and_its_rubric_holds() {
        for file in FILES.files() {
            let path = file.path;
            let prompt: Prompt =
                yaml::read(file.text).unwrap_or_else(|error| panic!("{path}: {error:?}"));
            assert_eq!(format!("{}.yaml", prompt.id), path);
            let library = Library::embedded();
            for chapter in &prompt.chapters {
                assert!(library.chapter(chapter).is_ok(), "{path}: {chapter}");
            }
            let dims: BTreeSet<Dimension> = prompt.points.iter().map(|point| point.dim).collect();
            assert_eq!(dims.len(), 7, "{path}: {dims:?}");
            let ids: BTreeSet<&str> = prompt.points.iter().map(|p| p.id.as_str()).collect();
            assert_eq!(ids.len(), prompt.points.len(), "{path}");
            for point in &prompt.points {
                assert!(
                    point.heard(&point.say),
                    "{path}: {}: {}",
                    point.id,
                    point.say
                );
                assert!(!point.heard("We use microservices and the cloud for everything."));
            }
            for asked in &prompt.followups {
                if let FollowupWhen::Missed(id) | FollowupWhen::Met(id) = &asked.ask {
                    assert!(ids.contains(id.as_str()), "{path}: {id}");
                }
            }
            assert!(
                prompt.facts.len() >= 6 && prompt.curveballs.len() >= 2,
                "{path}"
            );
        }
        assert_eq!(classic().len(), 8);
    }

    #[test]
    fn every_point_leads_to_where_it_is_taught() {
        let library = Library::embedded();
        for (topic, _) in topics(&library) {
            for point in find(&library, &topic).unwrap().points {
                let path = format!("{topic}: {}", point.id);
                assert!(point.leads.len() >= 2, "{path}: {:?}", point.leads);
                let study = &point.study;
                let named = [&study.page, &study.question, &study.drill];
                let named = named.into_iter().flatten().count();
                let found = point.leads.iter().filter(|lead| {
                    matches!(
                        lead,
                        Lead::Page { .. } | Lead::Question { .. } | Lead::Drill { .. }
                    )
                });
                assert_eq!(found.count(), named, "{path}: {study:?}");
                for lead in &point.leads {
                    if let Lead::Page {
                        chapter,
                        section: Some(section),
                    } = lead
                    {
                        let chapter = library.chapter(chapter).unwrap();
                        let there = crate::book::heading(chapter, section);
                        assert!(there.is_some(), "{path}: {section}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_question_is_answered_by_the_fact_that_it_asks_for() {
        let prompt = classic().iter().find(|p| p.id == "chat").unwrap();
        let answers = |question: &str| -> Vec<&str> {
            let facts = prompt.facts.iter().filter(|fact| fact.is_asked(question));
            facts.map(|fact| fact.say.as_str()).collect()
        };
        assert!(answers("How large can a group be?")[0].contains("500 members"));
        assert!(answers("Is it raining?").is_empty());
    }

    #[test]
    fn more_is_asked_of_a_senior_and_every_pattern_is_a_topic() {
        let prompt = classic().iter().find(|p| p.id == "chat").unwrap();
        let musts = |level| prompt.points.iter().filter(|p| p.is_must(level)).count();
        assert!(musts(Level::Mid) < musts(Level::Senior));
        assert!(musts(Level::Senior) < musts(Level::Staff));
        let library = Library::embedded();
        let topics = topics(&library);
        for id in ["chat", "scatter-gather", "election", "whole-platform"] {
            let known = topics.iter().any(|(topic, _)| topic == id);
            assert_eq!(known, find(&library, id).is_ok(), "{id}");
        }
        assert!(find(&library, "caht").unwrap_err().contains("`chat`"));
    }
}
