//! What the list says of each question.

use crate::content::model::{
    Chapter, InterviewKind, InterviewQuestion, Level, QuizKind, QuizQuestion,
};
use crate::markdown::block::words;
use crate::markdown::parse::parse_inline;
use crate::progress::bookmark;
use crate::study::grade::Grade;
use crate::study::quiz::score::{self, SectionScore};
use crate::tui::screen::Cx;

/// One row of the list.
pub enum Row {
    Heading(&'static str),
    /// How the quiz went in one section of the page.
    Score(SectionScore),
    Gap,
    Question(ListedQuestion),
}

pub struct ListedQuestion {
    pub id: String,
    pub is_quiz: bool,
    pub prompt: String,
    /// `design · senior · 35 min`
    pub about: String,
    pub sign: Sign,
    pub is_marked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Open,
    /// Right, or graded good or easy.
    Holds,
    Missed,
}

/// The questions under their headings.
pub fn rows(chapter: &Chapter, cx: &Cx<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let dot = cx.theme.symbols.none;
    if !chapter.quiz.is_empty() {
        rows.push(Row::Heading("Quiz: predict, then see why"));
        let quiz = chapter.quiz.iter();
        rows.extend(quiz.map(|question| Row::Question(quiz_entry(question, cx))));
        rows.push(Row::Gap);
        score_rows(chapter, cx, &mut rows);
    }
    if !chapter.interview.is_empty() {
        rows.push(Row::Heading(
            "Interview: say it as you would to a colleague",
        ));
        rows.extend(chapter.interview.iter().map(|question| {
            let last = cx.marks.interview(&question.id).map(|answer| answer.grade);
            let grade = last.map(Grade::name);
            let waits = cx.marks.committed(&question.id).map(|_| "to grade");
            let draft = cx.marks.draft(&question.id).map(|_| "draft");
            let said = draft.or(waits).or(grade);
            let said = said.map_or_else(String::new, |said| format!("{said} {dot} "));
            Row::Question(ListedQuestion {
                id: question.id.clone(),
                is_quiz: false,
                prompt: plain(&question.prompt),
                about: format!("{said}{}", about(question, dot)),
                is_marked: is_marked(&question.id, cx),
                sign: match last.map(Grade::holds) {
                    None => Sign::Open,
                    Some(true) => Sign::Holds,
                    Some(false) => Sign::Missed,
                },
            })
        }));
    }
    rows
}

/// What to read again, once something was answered. The questions themselves stay as they were
/// written: mixed, so that the section does not give the answer away.
fn score_rows(chapter: &Chapter, cx: &Cx<'_>, rows: &mut Vec<Row>) {
    let scores = scores(chapter, cx);
    if scores.iter().any(|score| score.answered > 0) {
        rows.push(Row::Heading("The quiz by section: what to read again"));
        rows.extend(scores.into_iter().map(Row::Score));
        rows.push(Row::Gap);
    }
}

/// How the quiz went in each section.
pub fn scores(chapter: &Chapter, cx: &Cx<'_>) -> Vec<SectionScore> {
    let outcome = |id: &str| cx.marks.answer(id).map(|answer| answer.right);
    score::by_section(&chapter.sections, &chapter.quiz, outcome)
}

/// A quiz question, and how it went.
pub fn quiz_entry(question: &QuizQuestion, cx: &Cx<'_>) -> ListedQuestion {
    ListedQuestion {
        id: question.id.clone(),
        is_quiz: true,
        prompt: plain(&question.prompt),
        about: quiz_about(question).to_owned(),
        is_marked: is_marked(&question.id, cx),
        sign: match cx.marks.answer(&question.id).map(|answer| answer.right) {
            None => Sign::Open,
            Some(true) => Sign::Holds,
            Some(false) => Sign::Missed,
        },
    }
}

fn is_marked(question: &str, cx: &Cx<'_>) -> bool {
    let of = bookmark::of_question(question);
    cx.marks.bookmark(&of).is_some()
}

/// `design · senior · 35 min`
pub fn about(question: &InterviewQuestion, dot: &str) -> String {
    let kind = match question.kind {
        InterviewKind::Explain => "explain",
        InterviewKind::Compare => "compare",
        InterviewKind::Design => "design",
        InterviewKind::Debug => "debug",
        InterviewKind::Estimate => "estimate",
    };
    let level = match question.level {
        Level::Mid => "mid",
        Level::Senior => "senior",
        Level::Staff => "staff",
    };
    format!("{kind} {dot} {level} {dot} {} min", question.minutes)
}

fn quiz_about(question: &QuizQuestion) -> &'static str {
    match question.kind {
        QuizKind::One { .. } => "one of several",
        QuizKind::Several { .. } => "all that are right",
        QuizKind::Order { .. } => "put in order",
        QuizKind::Match { .. } => "match",
        QuizKind::Number { .. } => "a number",
    }
}

/// The words of a prompt on one line.
pub fn plain(prompt: &str) -> String {
    words(&parse_inline(prompt))
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
