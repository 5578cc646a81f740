//! The journal: what happened, in words, newest last. Bounded, so that an overload which has
//! something to say of every request does not grow it.

use crate::engine::SimTime;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

const LINES: usize = 200;

#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    pub at: SimTime,
    pub level: LogLevel,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Info,
    Warn,
    Bad,
}

/// The last lines of a run's log.
#[derive(Debug, Default)]
pub struct Journal {
    lines: RefCell<VecDeque<LogLine>>,
}

impl Journal {
    pub fn info(&self, at: SimTime, text: impl Into<String>) {
        self.push(at, LogLevel::Info, text.into());
    }

    pub fn warn(&self, at: SimTime, text: impl Into<String>) {
        self.push(at, LogLevel::Warn, text.into());
    }

    pub fn bad(&self, at: SimTime, text: impl Into<String>) {
        self.push(at, LogLevel::Bad, text.into());
    }

    fn push(&self, at: SimTime, level: LogLevel, text: String) {
        let mut lines = self.lines.borrow_mut();
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(LogLine { at, level, text });
    }

    pub fn lines(&self) -> Vec<LogLine> {
        self.lines.borrow().iter().cloned().collect()
    }
}

/// An overload, of which there is something to say with each request: the journal gets a line in so long at most.
#[derive(Debug)]
pub struct Overload {
    every: Duration,
    said_at: Cell<Option<SimTime>>,
}

impl Overload {
    pub const fn said_every(every: Duration) -> Self {
        let said_at = Cell::new(None);
        Self { every, said_at }
    }

    /// `how` it stands: `50000 requests in progress`.
    pub fn say(&self, now: SimTime, journal: &Journal, how: impl FnOnce() -> String) {
        let said_at = self.said_at.get();
        if said_at.is_none_or(|at| now - at >= self.every) {
            self.said_at.set(Some(now));
            journal.bad(now, format!("overload: {}", how()));
        }
    }
}

impl Default for Overload {
    fn default() -> Self {
        Self::said_every(Duration::from_secs(1))
    }
}
