//! A quiz question answered in place: the five kinds, in the page of a chapter and on the screen of
//! its questions alike.
//!
//! [`Quiz`] is the state: what lies where, what was chosen so far, and the marking once it was
//! answered. Whoever shows it
//! 1. puts [`Quiz::contexts`] before its own while the question has the focus (all alone when
//!    [`Quiz::takes_text`]: a typed `q` must not leave the program),
//! 2. passes actions to [`Quiz::act`], other keys to [`Quiz::type_key`], the mouse to [`Quiz::mouse`],
//! 3. records [`Quiz::answer`] when a [`Reply::Answered`] comes back, moves on at [`Reply::Left`],
//! 4. draws [`Quiz::sheet`]: its lines, as many as it needs at this width.
//!
//! [`pick`] is what is chosen so far, by kind; [`sheet`] sets it all as lines; [`pointer`] is the mouse.

mod pick;
mod pointer;
mod sheet;

#[cfg(test)]
mod tests;

pub use pointer::Gesture;
pub use sheet::{Sheet, sureness};

use crate::content::model::QuizQuestion;
use crate::study::grade::Confidence;
use crate::study::quiz::layout::Layout;
use crate::study::quiz::{self, Answer, Marking};
use crate::study::shuffle;
use crate::tui::keymap::{Action, Context};
use crossterm::event::KeyEvent;
use pick::Pick;

#[derive(Debug, Clone)]
pub struct Quiz {
    question: QuizQuestion,
    layout: Layout,
    asked: u64,
    cursor: usize,
    pick: Pick,
    confidence: Option<Confidence>,
    /// An item is under the pressed button of the mouse, and whether it was moved.
    dragging: Option<bool>,
    /// Why the last attempt to answer was not one.
    refusal: Option<String>,
    given: Option<(Answer, Marking)>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// It means nothing here.
    Ignored,
    Changed,
    /// The answer was given just now: record it.
    Answered,
    /// The learner moves on.
    Left,
}

impl Quiz {
    /// The question laid out for its `asked`-th asking (from 0): the same every time, so that a
    /// resize or a crash moves nothing, and another next time, so that places are not learnt.
    pub fn new(question: &QuizQuestion, asked: u64) -> Self {
        let seed = shuffle::seed_of(&question.id).wrapping_add(asked);
        let layout = Layout::new(&question.kind, seed);
        Self {
            pick: Pick::new(&question.kind),
            question: question.clone(),
            layout,
            asked,
            cursor: 0,
            confidence: None,
            dragging: None,
            refusal: None,
            given: None,
        }
    }

    /// The question as it was once answered. An answer that no longer fits, because the question was
    /// rewritten, leaves it unanswered.
    pub fn answered(
        question: &QuizQuestion,
        asked: u64,
        answer: &Answer,
        confidence: Option<Confidence>,
    ) -> Self {
        let mut quiz = Self::new(question, asked);
        if let Ok(marking) = quiz::mark(&question.kind, answer) {
            quiz.confidence = confidence;
            quiz.given = Some((answer.clone(), marking));
        }
        quiz
    }

    pub fn question(&self) -> &QuizQuestion {
        &self.question
    }

    /// What was answered, once it was.
    pub fn answer(&self) -> Option<&Answer> {
        self.given.as_ref().map(|(answer, _)| answer)
    }

    pub fn marking(&self) -> Option<&Marking> {
        self.given.as_ref().map(|(_, marking)| marking)
    }

    /// How sure the learner was; none when it was not said.
    pub fn confidence(&self) -> Option<Confidence> {
        self.confidence
    }

    /// The keys that hold while the question has the focus.
    pub fn contexts(&self) -> Vec<Context> {
        match (&self.given, &self.pick) {
            (Some(_), _) => vec![Context::CheckDone],
            (None, Pick::Typed(_)) => vec![Context::CheckTyping],
            (None, Pick::Match(_)) => vec![Context::CheckMatching, Context::Check],
            (None, Pick::Order { .. }) => vec![Context::CheckOrdering, Context::Check],
            (None, Pick::One(_) | Pick::Several(_)) => vec![Context::Check],
        }
    }

    /// Letters belong to the answer: no other context may take them.
    pub fn takes_text(&self) -> bool {
        self.given.is_none() && matches!(self.pick, Pick::Typed(_))
    }

    pub fn act(&mut self, action: Action) -> Reply {
        if matches!(action, Action::Back | Action::NextFocus) {
            return Reply::Left;
        }
        if self.given.is_some() {
            if action == Action::Reset {
                *self = Self::new(&self.question, self.asked.wrapping_add(1));
                return Reply::Changed;
            }
            return Reply::Ignored;
        }
        self.refusal = None;
        match action {
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::Toggle => self.pick.toggle(self.cursor),
            Action::NextPart => self.cursor = self.pick.shift(self.cursor, 1),
            Action::PreviousPart => self.cursor = self.pick.shift(self.cursor, -1),
            Action::Larger => self.pick.turn(self.cursor, 1),
            Action::Smaller => self.pick.turn(self.cursor, -1),
            Action::Choose(nth) => {
                let place = usize::from(nth).wrapping_sub(1);
                if place < self.pick.rows(&self.layout) {
                    self.cursor = place;
                    self.pick.toggle(place);
                }
            }
            Action::Sure => self.confidence = surer(self.confidence),
            Action::Open => return self.give(),
            _ => return Reply::Ignored,
        }
        Reply::Changed
    }

    pub fn type_key(&mut self, key: KeyEvent) -> Reply {
        if self.given.is_some() {
            return Reply::Ignored;
        }
        let changed = self.pick.type_key(self.cursor, key);
        if changed {
            self.refusal = None;
        }
        if changed {
            Reply::Changed
        } else {
            Reply::Ignored
        }
    }

    fn step(&mut self, by: isize) {
        if self.pick.is_holding() {
            self.cursor = self.pick.shift(self.cursor, by);
            return;
        }
        let rows = self.pick.rows(&self.layout);
        self.cursor = self
            .cursor
            .saturating_add_signed(by)
            .min(rows.saturating_sub(1));
    }

    fn give(&mut self) -> Reply {
        // On one option the row under the cursor is the answer: enter needs no space before it.
        if let Pick::One(chosen @ None) = &mut self.pick {
            *chosen = Some(self.cursor);
        }
        let kind = &self.question.kind;
        let marked = self.pick.answer(kind, &self.layout).and_then(|answer| {
            let marking = quiz::mark(kind, &answer).map_err(|error| error.to_string())?;
            Ok((answer, marking))
        });
        match marked {
            Ok(given) => {
                self.given = Some(given);
                Reply::Answered
            }
            Err(refusal) => {
                self.refusal = Some(refusal);
                Reply::Changed
            }
        }
    }
}

/// The next degree of being sure; after the last, none again.
pub fn surer(confidence: Option<Confidence>) -> Option<Confidence> {
    match confidence {
        None => Confidence::ALL.first().copied(),
        Some(now) => Confidence::ALL.into_iter().find(|other| *other > now),
    }
}
