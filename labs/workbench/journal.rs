//! The journal: what happened, in words, newest last. Bounded, so that an overload which has
//! something to say of every request does not grow it.

use crate::engine::SimTime;
use std::cell::RefCell;
use std::collections::VecDeque;

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
