//! The learner's record while a command runs: what is wrong with it is said, and stops nothing.

use super::{Global, aside};
use crate::clock;
use crate::progress::{Event, Receipt, Record, Stored};
use ddlab_text::counted;

/// The learner's record, opened for a session.
pub struct Keeper {
    record: Record,
    events: usize,
}

impl Keeper {
    pub fn open(global: &Global) -> Self {
        let record = global.record();
        let mut keeper = Self { record, events: 0 };
        keeper.print_notices();
        keeper
    }

    /// All events, oldest first.
    pub fn log(&mut self) -> impl Iterator<Item = &Stored> + Clone {
        self.record.events()
    }

    /// Appends; true when it is on the disk, else the learner has read why it is not.
    pub fn keep(&mut self, event: Event) -> bool {
        self.append(event).durable
    }

    /// As [`Keeper::keep`], with the id under which the event is known.
    pub fn append(&mut self, event: Event) -> Receipt {
        let receipt = self.record.append(event, clock::now());
        self.events += 1;
        self.print_notices();
        receipt
    }

    /// How many events are on the disk.
    pub fn kept(&self) -> usize {
        self.events - self.record.waiting()
    }

    /// One more try for what could not be written: whoever held the record may have let go. False, and said,
    /// when something is lost.
    pub fn close(&mut self) -> bool {
        self.record.flush(clock::now().at);
        self.print_notices();
        let lost = self.record.waiting();
        if lost > 0 {
            aside(format!(
                "ddlab: {} could not be kept.",
                counted(lost, "answer")
            ));
        }
        lost == 0
    }

    fn print_notices(&mut self) {
        for notice in self.record.take_notices() {
            aside(format!("ddlab: {notice}"));
        }
    }
}
