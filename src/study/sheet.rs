//! A question as markdown: its prompt, the verdict on an answer, its rubric. The same on a line printer and
//! in a review.

use super::quiz::Marking;
use super::quiz::layout::Layout;
use super::quiz::typed;
use super::rubric::{Matcher, Writing};
use super::ticks::Ticks;
use crate::content::model::{InterviewQuestion, QuizKind, QuizOption, QuizQuestion};
use std::fmt::Write;

/// A quiz question with its choices as they are laid out.
pub fn prompt(question: &QuizQuestion, layout: &Layout) -> String {
    let mut text = format!("{}\n\n", question.prompt.trim());
    if let QuizKind::Match { pairs } = &question.kind {
        for (number, pair) in pairs.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}. {}", number + 1, pair.left.trim());
        }
        text.push('\n');
    }
    for (place, choice) in layout.choices(&question.kind).into_iter().enumerate() {
        let _ = writeln!(text, "- {}) {}", typed::letter(place), choice.trim());
    }
    text
}

/// What was right and wrong of an answer, and why.
pub fn verdict(question: &QuizQuestion, marking: &Marking) -> String {
    let mut text = if marking.right {
        "**Right.**"
    } else {
        "**Not right.**"
    }
    .to_owned();
    text.push_str("\n\n");
    if let Some(right) = right_answer(&question.kind).filter(|_| !marking.right) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{right}\n");
    }
    // A number that is right needs no word of its own.
    for part in marking
        .parts
        .iter()
        .filter(|part| !(part.right && part.why.is_empty()))
    {
        let sign = if part.right { "right" } else { "wrong" };
        let what = part.what.trim_end_matches('.');
        let _ = writeln!(text, "- {sign}: {what}. {}", part.why.trim());
    }
    if let QuizKind::One { options } = &question.kind {
        others(options, marking, &mut text);
    }
    let _ = write!(text, "\n{}\n", question.explain.trim());
    text
}

/// What is right, of a kind whose reasons do not say it.
pub fn right_answer(kind: &QuizKind) -> Option<String> {
    match kind {
        QuizKind::Number { answer, unit, .. } => {
            let answer = format!("{answer} {unit}");
            Some(format!("It is **{}**.", answer.trim_end()))
        }
        QuizKind::Order { items, .. } => Some(format!("In order: {}.", items.join(", then "))),
        QuizKind::One { .. } | QuizKind::Several { .. } | QuizKind::Match { .. } => None,
    }
}

/// The options that were not chosen: why one is tempting is worth as much as what is right.
fn others(options: &[QuizOption], marking: &Marking, text: &mut String) {
    let chosen = |option: &QuizOption| marking.parts.iter().any(|part| part.what == option.text);
    for option in options.iter().filter(|option| !chosen(option)) {
        let sign = if option.right { "right" } else { "wrong" };
        let what = option.text.trim_end_matches('.');
        let _ = writeln!(text, "- {sign}, not chosen: {what}. {}", option.why.trim());
    }
}

/// `1 3 4` or `1,3,4` as the points that were made; none when a number is no point.
pub fn numbers(line: &str, count: usize) -> Option<Ticks> {
    line.split([' ', ',', ';', '\t'])
        .filter(|token| !token.is_empty())
        .map(|token| {
            let number: usize = token.parse().ok()?;
            (1..=count).contains(&number).then(|| number - 1)
        })
        .collect()
}

/// The rubric with what was heard of it, and the model answer.
pub fn reveal(question: &InterviewQuestion, answer: &str) -> String {
    let mut text = String::from("**What a strong answer has**\n\n");
    for (number, point) in question.rubric.iter().enumerate() {
        let must = if point.must { "must" } else { "nice" };
        let matcher = Matcher::new(&point.matches).ok();
        let hint = match matcher.and_then(|matcher| matcher.find_in_answer(answer)) {
            Some(bytes) => format!("mentioned? {}", quoted(&answer[bytes])),
            None => "not seen".to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}. {must}: {} ({hint})",
            number + 1,
            point.statement.trim()
        );
    }
    if let Some(note) = Writing::of(answer).note() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{note}");
    }
    text.push_str("\n**A model answer**\n\n");
    for paragraph in &question.model_answer {
        let _ = writeln!(text, "{}\n", paragraph.text.trim());
    }
    if !question.anti.is_empty() {
        text.push_str("**What makes an interviewer wince**\n\n");
        for anti in &question.anti {
            let _ = writeln!(text, "- {} {}", anti.statement.trim(), anti.why.trim());
        }
    }
    text
}

/// The learner's words inside a list of markdown: on one line, and with nothing that markdown would obey.
pub fn quoted(text: &str) -> String {
    format!("“{}”", plain(text))
}

/// Text from elsewhere on one line of markdown, with nothing that markdown would obey.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    let words: Vec<&str> = text.split_whitespace().collect();
    for c in words.join(" ").chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
