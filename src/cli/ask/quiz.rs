//! One question of the quiz.

use super::{Ended, Session};
use crate::content::model::{QuizKind, QuizOption, QuizQuestion};
use crate::progress::Event;
use crate::progress::event::QuestionAnswered;
use crate::study::quiz::layout::Layout;
use crate::study::quiz::{self, Answer, Marking, typed};
use crate::study::shuffle;
use color_eyre::eyre::Result;
use std::fmt::Write;

impl Session<'_> {
    /// Asks, marks, explains, keeps.
    pub(super) fn quiz(&mut self, question: &QuizQuestion) -> Result<Result<(), Ended>> {
        let seed = shuffle::seed_of(&question.id).wrapping_add(self.seed);
        let layout = Layout::new(&question.kind, seed);
        self.lines
            .say(&self.paper.set(&prompt(question, &layout)))?;
        self.lines.say(&format!(
            "An empty line skips. {}",
            typed::how_to(&question.kind)
        ))?;
        let (answer, marking) = loop {
            let Ok(line) = self.lines.next()? else {
                return Ok(Err(Ended));
            };
            if line.trim().is_empty() {
                self.lines.say("Skipped.")?;
                return Ok(Ok(()));
            }
            let marked = typed::read(&question.kind, &layout, &line)
                .and_then(|answer| Ok((quiz::mark(&question.kind, &answer)?, answer)));
            match marked {
                Ok((marking, answer)) => break (answer, marking),
                Err(error) => self.lines.say(&format!("{error}. Try again:"))?,
            }
        };
        self.keep(event(question, answer, &marking))?;
        self.marked.insert(question.id.clone(), marking.right);
        self.lines
            .say(&self.paper.set(&verdict(question, &marking)))?;
        Ok(Ok(()))
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
