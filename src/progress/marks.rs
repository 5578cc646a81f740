//! What the record tells of the learner, kept in memory while the program runs: the log so far, and the
//! projections that screens ask for.

use super::event::{Event, QuestionAnswered, Stored};
use super::projection::{self, ChapterMarks, Place};
use crate::content::model::Chapter;

#[derive(Debug, Clone, Default)]
pub struct Marks {
    log: Vec<Stored>,
}

impl Marks {
    pub fn new<'a>(events: impl IntoIterator<Item = &'a Stored>) -> Self {
        Self {
            log: events.into_iter().cloned().collect(),
        }
    }

    /// Takes up what has just become part of the record.
    pub fn apply(&mut self, stored: Stored) {
        self.log.push(stored);
    }

    /// The events that count, oldest first: those that no undo takes back.
    pub fn standing(&self) -> Vec<&Stored> {
        projection::standing(&self.log)
    }

    /// The five marks of a chapter whose sections have these slugs.
    pub fn chapter(&self, chapter: &Chapter, sections: &[String]) -> ChapterMarks {
        projection::marks(chapter, sections, self.standing())
    }

    /// The last place read, in the book or in one chapter of it.
    pub fn last_read(&self, in_chapter: Option<&str>) -> Option<Place> {
        projection::last_place(self.standing(), in_chapter)
    }

    /// The last answer to a quiz question, wherever it was asked.
    pub fn answer(&self, question: &str) -> Option<&QuestionAnswered> {
        self.log
            .iter()
            .rev()
            .find_map(|stored| match &stored.event {
                Event::CheckAnswered(answered) | Event::QuizAnswered(answered)
                    if answered.question == question =>
                {
                    Some(answered)
                }
                _ => None,
            })
    }

    /// Where the program was when it was left, as its interface wrote it.
    pub fn last_left(&self) -> Option<&str> {
        self.log
            .iter()
            .rev()
            .find_map(|stored| match &stored.event {
                Event::Left { place } => Some(place.as_str()),
                _ => None,
            })
    }
}
