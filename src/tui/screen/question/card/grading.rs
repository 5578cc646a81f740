//! The grade of an answer: given by the learner, kept by the record, taken back by `u`.

use crate::progress::event::InterviewAnswered;
use crate::progress::{Event, EventId, Recorded};
use crate::study::grade::Grade;
use crate::tui::effect::Effect;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::kept::Kept;
use ratatui::text::Line;

#[derive(Debug, Default)]
pub struct Grading {
    given: Option<Given>,
}

/// A grade that was given.
#[derive(Debug)]
struct Given {
    grade: Grade,
    /// The event to take back, once the record has said its id.
    id: Option<EventId>,
    kept: Kept,
    /// Points were ticked or unticked since.
    stale: bool,
}

impl Grading {
    /// Records a grade. One given before is taken back first, so that one answer has one grade; while the
    /// record has not said the id of that one yet, which is a moment, the key does nothing.
    pub fn give(&mut self, answered: InterviewAnswered) -> Vec<Effect> {
        let before = match &self.given {
            None => None,
            Some(Given { id: None, .. }) => return Vec::new(),
            Some(Given { id: Some(of), .. }) => Some(Event::Undo { of: of.clone() }),
        };
        self.given = Some(Given {
            grade: answered.grade,
            id: None,
            kept: Kept::Waiting,
            stale: false,
        });
        before
            .into_iter()
            .chain([Event::InterviewAnswered(answered)])
            .map(Effect::Record)
            .collect()
    }

    pub fn is_given(&self) -> bool {
        self.given.is_some()
    }

    pub fn take_back(&mut self) -> Vec<Effect> {
        match &self.given {
            None => vec![Effect::info("there is no grade to take back")],
            Some(Given { id: None, .. }) => Vec::new(),
            Some(Given { id: Some(of), .. }) => {
                let undo = Event::Undo { of: of.clone() };
                self.given = None;
                vec![
                    Effect::Record(undo),
                    Effect::info("the grade is taken back; your answer is still here"),
                ]
            }
        }
    }

    /// The record has answered: the grade of this question is kept.
    pub fn recorded(&mut self, answer: &Recorded, question: &str) {
        if let Event::InterviewAnswered(answered) = &answer.stored.event
            && answered.question == question
            && let Some(given) = &mut self.given
        {
            given.id = Some(answer.stored.id.clone());
            given.kept = Kept::of(answer.durable);
        }
    }

    pub fn ticks_changed(&mut self) {
        if let Some(given) = &mut self.given {
            given.stale = true;
        }
    }

    /// What was given and whether it is kept, or what is suggested.
    pub fn line(&self, suggested: Grade, theme: &Theme) -> Line<'static> {
        let Some(given) = &self.given else {
            return Line::from(vec![
                theme.span("tick what you said, then grade it; suggested: ", Role::Dim),
                theme.span(
                    format!("{} {}", suggested.key(), suggested.name()),
                    Role::Accent,
                ),
            ]);
        };
        let mut spans = vec![theme.span(format!("{}  ", given.grade.name()), Role::Strong)];
        if given.stale {
            spans.push(theme.span(
                "ticks have changed: grade again to keep them",
                Role::Warning,
            ));
        } else if let Some((words, role)) = given.kept.words() {
            spans.push(theme.span(words, role));
        }
        Line::from(spans)
    }
}
