//! One question of the quiz.

use super::Session;
use crate::content::model::QuizQuestion;
use crate::progress::Event;
use crate::progress::event::QuestionAnswered;
use crate::study::quiz::layout::Layout;
use crate::study::quiz::{self, Answer, Marking, typed};
use crate::study::{sheet, shuffle};
use eyre::Result;

impl Session<'_> {
    /// Asks, marks, keeps, explains; none when the input has ended.
    pub(super) fn quiz(&mut self, question: &QuizQuestion) -> Result<Option<()>> {
        let seed = shuffle::seed_of(&question.id).wrapping_add(self.seed);
        let layout = Layout::new(&question.kind, seed);
        self.lines.set(&sheet::prompt(question, &layout))?;
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
        let saved = self.keeper.keep(event(question, answer, &marking));
        self.marked.insert(question.id.clone(), marking.right);
        self.lines.set(&sheet::verdict(question, &marking))?;
        self.say_saved(saved)?;
        Ok(Some(()))
    }
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
