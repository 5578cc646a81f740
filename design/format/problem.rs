//! What is wrong with a design, or worth to know of it: where, what, and what to do.

use std::fmt;

/// A place in a file, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub line: usize,
    pub column: usize,
}

impl Mark {
    pub const START: Self = Self { line: 1, column: 1 };

    pub fn new(line: usize, column: usize) -> Self {
        Self {
            line: line.max(1),
            column: column.max(1),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The design can't be run.
    Error,
    /// It can, and this is worth to know.
    Note,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Note => "note",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub at: Mark,
    pub severity: Severity,
    pub what: String,
    /// What to do about it.
    pub cure: String,
}

impl Problem {
    pub fn error(at: Mark, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            at,
            severity: Severity::Error,
            what: what.into(),
            cure: cure.into(),
        }
    }

    pub fn note(at: Mark, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(at, what, cure)
        }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `12:7: error: …; …`, to be put behind the name of the file.
impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mark { line, column } = self.at;
        write!(
            out,
            "{line}:{column}: {}: {}",
            self.severity.word(),
            self.what
        )?;
        if !self.cure.is_empty() {
            write!(out, "; {}", self.cure)?;
        }
        Ok(())
    }
}
