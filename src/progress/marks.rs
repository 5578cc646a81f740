//! What the screens know of the record: the events that stand, and what follows from them.

use super::event::{Event, QuestionAnswered};
use std::collections::HashSet;

#[derive(Debug, Clone, Default)]
pub struct Marks {
    events: Vec<Event>,
}

impl Marks {
    pub fn apply(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    /// The block of the page at which this chapter was last left.
    pub fn block_read(&self, of_chapter: &str) -> Option<usize> {
        self.events.iter().rev().find_map(|event| match event {
            Event::PageRead { chapter, block, .. } if chapter == of_chapter => {
                Some(*block as usize)
            }
            _ => None,
        })
    }

    /// The sections of this chapter whose end was on the screen.
    pub fn sections_read(&self, of_chapter: &str) -> HashSet<&str> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::PageRead {
                    chapter,
                    section,
                    finished: true,
                    ..
                } if chapter == of_chapter => Some(section.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The last answer to a question of the quiz, in the text or elsewhere.
    pub fn answer_to(&self, question: &str) -> Option<&QuestionAnswered> {
        self.events.iter().rev().find_map(|event| match event {
            Event::CheckAnswered(given) | Event::QuizAnswered(given)
                if given.question == question =>
            {
                Some(given)
            }
            _ => None,
        })
    }
}
