//! The review: what is due, card by card. Own answer first and committed, then how sure one is, then what is
//! right beside it, then a grade that is suggested and never forced. What failed comes again before the end.
//!
//! [`card`] is one card from its prompt to its grade.

mod card;
#[cfg(test)]
mod tests;

pub use card::sides;

use super::deck::{Deck, Due, Settled};
use super::{Ask, Flow, Step};
use crate::clock::Moment;
use crate::content::Library;
use crate::judge;
use crate::progress::practice::JudgeSet;
use crate::progress::{Event, EventId};
use crate::study::grade::{Confidence, Grade};
use crate::study::sheet;
use card::{Asks, Card, Stage, Turn, asking};
use ddlab_text::counted;
use std::collections::VecDeque;
use std::fmt::Write;

/// A card that failed comes again after so many others, or at the end.
const AGAIN_AFTER: usize = 5;

pub struct Review {
    left: VecDeque<Card>,
    now: Option<Turn>,
    /// The card before, with the events of its grade: what undo takes back.
    before: Option<Before>,
    /// Cards that were graded, and those of them that had to come again.
    graded: usize,
    failed: usize,
    left_over: usize,
    /// What falls due tomorrow if all goes well.
    tomorrow: usize,
    judge: Option<JudgeSet>,
}

struct Before {
    card: Card,
    events: Vec<(Option<EventId>, Event)>,
    grade: Grade,
}

impl Review {
    /// What is due now.
    pub fn new(library: &Library, deck: &Deck, now: Moment) -> Self {
        let today = now.day.number();
        let Due {
            cards, left_over, ..
        } = deck.due(library, today);
        let left = cards.into_iter().filter_map(|id| {
            let (chapter, asked) = deck.asked(library, &id)?;
            Some(Card {
                asks: Asks::of(asked),
                settled: deck.settled(&id).map(Settled::in_words),
                note: deck.note(&id).map(str::to_owned),
                chapter: chapter.meta.title.clone(),
                id,
                again: false,
            })
        });
        let mut review = Self {
            left: left.collect(),
            now: None,
            before: None,
            graded: 0,
            failed: 0,
            left_over,
            tomorrow: deck.forecast(library, today, 2)[1],
            judge: None,
        };
        review.next(now);
        review
    }

    /// With this judge, where one is set.
    #[must_use]
    pub fn with_judge(self, judge: Option<JudgeSet>) -> Self {
        Self { judge, ..self }
    }

    fn next(&mut self, now: Moment) {
        self.now = self
            .left
            .pop_front()
            .map(|card| Turn::new(card, asking(now)));
    }

    /// The grade of the card is given: what is recorded, and the next card.
    fn grade(&mut self, grade: Grade, now: Moment) -> Vec<Event> {
        let Some(turn) = self.now.take() else {
            return Vec::new();
        };
        let mut card = turn.card.clone();
        let events = turn.graded(grade);
        self.graded += usize::from(!card.again);
        if grade == Grade::Again {
            self.failed += usize::from(!card.again);
            card.again = true;
            self.left.insert(AGAIN_AFTER.min(self.left.len()), card);
        }
        self.before = Some(Before {
            card: turn.card,
            events: events.iter().map(|event| (None, event.clone())).collect(),
            grade,
        });
        self.next(now);
        events
    }

    fn summary(&self) -> String {
        let mut text = match (self.graded, self.failed) {
            (0, _) => "**Nothing is due.** Cards come from what you answer: the quiz of a chapter, its interview questions, predictions in the labs.\n".to_owned(),
            (graded, 0) => format!("**Done for today:** {}, none failed.\n", counted(graded, "card")),
            (graded, failed) => format!(
                "**Done for today:** {}, {failed} of them came again until they held.\n",
                counted(graded, "card")
            ),
        };
        if self.left_over > 0 {
            let _ = write!(
                text,
                "\n{} more {} due; your daily limit leaves them for tomorrow. `ddlab review set --limit N` changes it.\n",
                counted(self.left_over, "card"),
                if self.left_over == 1 { "is" } else { "are" }
            );
        }
        if self.tomorrow + self.failed > 0 {
            let _ = write!(
                text,
                "\nTomorrow: {}.\n",
                counted(self.tomorrow + self.failed, "card")
            );
        }
        text
    }
}

impl Flow for Review {
    fn step(&self, _now: Moment) -> Step {
        let title = "Review".to_owned();
        let Some(turn) = &self.now else {
            return Step {
                title,
                status: "done".to_owned(),
                above: String::new(),
                text: self.summary(),
                ask: Ask::Done,
            };
        };
        let again = if turn.card.again { " · again" } else { "" };
        let prompt = turn.prompt();
        let (above, text) = match turn.stage {
            Stage::Asked => (String::new(), prompt),
            Stage::Sure => (prompt, String::new()),
            Stage::Graded(_)
                if matches!(turn.card.asks, Asks::Interview(_)) && !turn.answer.is_empty() =>
            {
                (format!("{prompt}\n\n{}", turn.solution()), String::new())
            }
            Stage::Ticking | Stage::Judging | Stage::Graded(_) => (prompt, turn.solution()),
        };
        let ask = match (turn.ask(), turn.stage, &self.judge) {
            (Ask::Line { how }, Stage::Ticking, Some(_)) => Ask::Line {
                how: format!("{how}{}", judge::HOW),
            },
            (ask, ..) => ask,
        };
        Step {
            title,
            status: format!(
                "{}{again} · {}",
                turn.card.chapter,
                match self.left.len() {
                    0 => "the last one".to_owned(),
                    left => format!("{left} more"),
                }
            ),
            above,
            text,
            ask,
        }
    }

    fn reply(&mut self, typed: &str, now: Moment) -> Result<Vec<Event>, String> {
        let Some(turn) = &mut self.now else {
            return Ok(Vec::new());
        };
        match turn.stage {
            Stage::Asked => turn.answered(typed),
            Stage::Sure => {
                let key = typed.trim();
                turn.confidence = if key.is_empty() {
                    None
                } else {
                    let nth = key.parse::<usize>().ok();
                    let known = nth.and_then(|nth| Confidence::ALL.get(nth.checked_sub(1)?));
                    Some(*known.ok_or("press 1 to 5, or enter")?)
                };
                turn.stage = turn.revealed();
                Ok(Vec::new())
            }
            Stage::Ticking if self.judge.is_some() && typed.trim() == judge::WORD => {
                turn.stage = Stage::Judging;
                Ok(Vec::new())
            }
            Stage::Judging => Ok(Vec::new()),
            Stage::Ticking => {
                let Asks::Interview(question) = &turn.card.asks else {
                    return Ok(Vec::new());
                };
                let points = question.rubric.len();
                turn.ticked = sheet::numbers(typed, points)
                    .ok_or_else(|| format!("the points are numbered 1 to {points}"))?;
                turn.stage = Stage::Graded(turn.ticked.suggested(question));
                Ok(Vec::new())
            }
            Stage::Graded(suggested) => {
                let grade = if typed.trim().is_empty() {
                    Some(suggested)
                } else {
                    Grade::parse(typed)
                };
                let grade = grade.ok_or("press 1, 2, 3 or 4, or enter for what is suggested")?;
                Ok(self.grade(grade, now))
            }
        }
    }

    fn recorded(&mut self, id: &EventId, event: &Event) {
        let waiting = self
            .before
            .iter_mut()
            .flat_map(|before| &mut before.events)
            .find(|(known, waiting)| known.is_none() && waiting == event);
        if let Some((known, _)) = waiting {
            *known = Some(id.clone());
        }
    }

    fn can_undo(&self) -> bool {
        let all_known = |before: &Before| before.events.iter().all(|(id, _)| id.is_some());
        self.before.as_ref().is_some_and(all_known)
    }

    fn undo(&mut self, now: Moment) -> Vec<Event> {
        if !self.can_undo() {
            return Vec::new();
        }
        let Some(before) = self.before.take() else {
            return Vec::new();
        };
        if let Some(turn) = self.now.take() {
            self.left.push_front(turn.card);
        }
        if before.grade == Grade::Again
            && let Some(at) = self.left.iter().position(|card| card.id == before.card.id)
        {
            self.left.remove(at);
            self.failed -= usize::from(!before.card.again);
        }
        self.graded -= usize::from(!before.card.again);
        let events = before.events.into_iter().rev();
        let undos = events.filter_map(|(id, _)| Some(Event::Undo { of: id? }));
        let undos = undos.collect();
        self.now = Some(Turn::new(before.card, asking(now)));
        undos
    }

    fn asks_judge(&self) -> Option<judge::Question> {
        let turn = self.now.as_ref()?;
        match (&turn.card.asks, turn.stage) {
            (Asks::Interview(question), Stage::Judging) => {
                let set = self.judge.clone()?;
                Some(judge::Question::of(set, question, &turn.answer))
            }
            _ => None,
        }
    }

    fn judged(&mut self, said: Result<&judge::Verdicts, String>) {
        if let Some(turn) = &mut self.now
            && turn.stage == Stage::Judging
        {
            turn.judged = Some(said.cloned());
            turn.stage = Stage::Ticking;
        }
    }

    fn settles(&self) -> Option<&str> {
        match &self.now.as_ref()?.card.asks {
            Asks::Interview(question) | Asks::Point(question, _) => {
                question.lab.as_ref()?;
                Some(&question.id)
            }
            Asks::Quiz(_) | Asks::Prediction(..) | Asks::Number(_) => None,
        }
    }
}
