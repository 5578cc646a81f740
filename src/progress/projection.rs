//! What follows from the log. Each is a pure fold over events, oldest first; none is stored.

use super::event::{Event, EventId, QuestionAnswered, Stored, Verdict};
use crate::content::model::Chapter;
use crate::study::grade::Grade;
use std::collections::{HashMap, HashSet};

/// The events that still count: those that no standing undo takes back.
pub fn standing<'a>(events: impl IntoIterator<Item = &'a Stored>) -> Vec<&'a Stored> {
    let events: Vec<&Stored> = events.into_iter().collect();
    let mut undone: HashSet<&EventId> = HashSet::new();
    // Last first: an undo that was itself undone takes nothing back.
    for stored in events.iter().rev() {
        if let Event::Undo { of } = &stored.event
            && !undone.contains(&stored.id)
        {
            undone.insert(of);
        }
    }
    events
        .into_iter()
        .filter(|stored| {
            !undone.contains(&stored.id) && !matches!(stored.event, Event::Undo { .. })
        })
        .collect()
}

/// Where someone was in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub chapter: String,
    pub section: String,
    pub block: u32,
}

/// The last place read, in the book or in one chapter of it.
pub fn last_place<'a>(
    events: impl IntoIterator<Item = &'a Stored>,
    in_chapter: Option<&str>,
) -> Option<Place> {
    events
        .into_iter()
        .filter_map(|stored| match &stored.event {
            Event::PageRead {
                chapter,
                section,
                block,
                ..
            } if in_chapter.is_none_or(|wanted| wanted == chapter) => Some(Place {
                chapter: chapter.clone(),
                section: section.clone(),
                block: *block,
            }),
            _ => None,
        })
        .last()
}

/// The last answer to each quiz question, whether it was asked in the text or in the quiz.
pub fn answers<'a>(
    events: impl IntoIterator<Item = &'a Stored>,
) -> HashMap<&'a str, &'a QuestionAnswered> {
    events
        .into_iter()
        .filter_map(|stored| match &stored.event {
            Event::CheckAnswered(answered) | Event::QuizAnswered(answered) => {
                Some((answered.question.as_str(), answered))
            }
            _ => None,
        })
        .collect()
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub done: usize,
    pub of: usize,
}

impl Tally {
    fn of<'a, S: AsRef<str> + 'a>(
        wanted: impl IntoIterator<Item = &'a S>,
        done: &HashSet<&str>,
    ) -> Self {
        let mut tally = Self::default();
        for name in wanted {
            tally.of += 1;
            tally.done += usize::from(done.contains(name.as_ref()));
        }
        tally
    }

    /// 0 to 1; 0 when there is nothing to do.
    pub fn share(self) -> f64 {
        if self.of == 0 {
            0.0
        } else {
            self.done as f64 / self.of as f64
        }
    }

    pub const fn is_complete(self) -> bool {
        self.of > 0 && self.done == self.of
    }
}

/// The five marks of a chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChapterMarks {
    /// Sections read to their end.
    pub read: Tally,
    /// Quiz questions whose last answer is right.
    pub quiz: Tally,
    /// Labs that were run.
    pub lab: Tally,
    /// Exercises that passed.
    pub build: Tally,
    /// Interview questions whose last grade is good or easy.
    pub defend: Tally,
}

/// The marks of a chapter whose sections have these slugs. `events` are the [`standing`] ones.
pub fn marks<'a>(
    chapter: &Chapter,
    sections: &[String],
    events: impl IntoIterator<Item = &'a Stored>,
) -> ChapterMarks {
    let mut done = Done::default();
    for stored in events {
        done.take(&chapter.meta.id, &stored.event);
    }
    let questions = chapter.quiz.iter().map(|question| &question.id);
    let interview = chapter.interview.iter().map(|question| &question.id);
    ChapterMarks {
        read: Tally::of(sections, &done.sections),
        quiz: Tally::of(questions, &done.right),
        lab: Tally::of(&chapter.meta.labs, &done.labs),
        build: Tally::of(&chapter.meta.exercises, &done.passed),
        defend: Tally::of(interview, &done.defended),
    }
}

/// Names of what is done; a later answer takes an earlier one's place.
#[derive(Default)]
struct Done<'a> {
    sections: HashSet<&'a str>,
    right: HashSet<&'a str>,
    labs: HashSet<&'a str>,
    passed: HashSet<&'a str>,
    defended: HashSet<&'a str>,
}

impl<'a> Done<'a> {
    fn take(&mut self, in_chapter: &str, event: &'a Event) {
        match event {
            Event::PageRead {
                chapter,
                section,
                finished: true,
                ..
            } if chapter == in_chapter => {
                self.sections.insert(section);
            }
            Event::CheckAnswered(answered) | Event::QuizAnswered(answered) => {
                set(&mut self.right, &answered.question, answered.right);
            }
            Event::InterviewAnswered(answered) => {
                let held = matches!(answered.grade, Grade::Good | Grade::Easy);
                set(&mut self.defended, &answered.question, held);
            }
            Event::LabRun { lab, .. } => {
                self.labs.insert(lab);
            }
            // Once passed stays passed: what is tried afterwards is play.
            Event::ExerciseGraded {
                slug,
                verdict: Verdict::Passed,
                ..
            } => {
                self.passed.insert(slug);
            }
            _ => {}
        }
    }
}

fn set<'a>(names: &mut HashSet<&'a str>, name: &'a str, holds: bool) {
    if holds {
        names.insert(name);
    } else {
        names.remove(name);
    }
}

#[cfg(test)]
mod tests;
