//! One question of the quiz.

use super::Session;
use crate::content::model::{QuizKind, QuizOption, QuizQuestion};
use crate::progress::Event;
use crate::progress::event::QuestionAnswered;
use crate::study::quiz::layout::Layout;
use crate::study::quiz::{self, Answer, Marking, typed};
use crate::study::shuffle;
use color_eyre::eyre::Result;
use std::fmt::Write;

impl Session<'_> {
    /// Asks, marks, explains, keeps; none when the input has ended.
    pub(super) fn quiz(&mut self, question: &QuizQuestion) -> Result<Option<()>> {
        let seed = shuffle::seed_of(&question.id).wrapping_add(self.seed);
        let layout = Layout::new(&question.kind, seed);
        self.lines.set(&prompt(question, &layout))?;
        let how_to = typed::how_to(&question.kind);
        self.lines.say(&format!("An empty line skips. {how_to}"))?;
        let answered = self.lines.until(|line| {
            if line.trim().is_empty() {
                return Ok(None);
            }
            typed::read(&question.kind, &layout, line)
                .and_then(|answer| Ok(Some((quiz::mark(&question.kind, &answer)?, answer))))
                .map_err(|error| format!("{error}. Try again:"))
        })?;
        let Some(answered) = answered else {
            return Ok(None);
        };
        let Some((marking, answer)) = answered else {
            self.lines.say("Skipped.")?;
            return Ok(Some(()));
        };
        self.keep(event(question, answer, &marking))?;
        self.marked.insert(question.id.clone(), marking.right);
        self.lines.set(&verdict(question, &marking))?;
        Ok(Some(()))
    }
}

fn prompt(question: &QuizQuestion, layout: &Layout) -> String {
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

fn event(question: &QuizQuestion, answer: Answer, marking: &Marking) -> Event {
    Event::QuizAnswered(QuestionAnswered {
        question: question.id.clone(),
        said: quiz::in_words(&question.kind, &answer),
        answer,
        right: marking.right,
        confidence: None,
    })
}

fn verdict(question: &QuizQuestion, marking: &Marking) -> String {
    let mut text = if marking.right {
        "**Right.**"
    } else {
        "**Not right.**"
    }
    .to_owned();
    text.push_str("\n\n");
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

/// The options that were not chosen: why one is tempting is worth as much as what is right.
fn others(options: &[QuizOption], marking: &Marking, text: &mut String) {
    let chosen = |option: &QuizOption| marking.parts.iter().any(|part| part.what == option.text);
    for option in options.iter().filter(|option| !chosen(option)) {
        let sign = if option.right { "right" } else { "wrong" };
        let what = option.text.trim_end_matches('.');
        let _ = writeln!(text, "- {sign}, not chosen: {what}. {}", option.why.trim());
    }
}
