//! What is wrong in the content, where, and how to cure it.

use ddlab_text::clean_line;
use std::cmp::Ordering;
use std::fmt;
use std::path::PathBuf;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It must be cured before the content is fit to be read.
    Error,
    /// It is probably a slip; a good reason may overrule it.
    Warning,
    /// Worth knowing: what is still to come.
    Notice,
}

/// A place in a file; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Position {
    pub const START: Self = Self { line: 1, column: 1 };

    /// The first column of a line.
    pub const fn line(line: usize) -> Self {
        Self { line, column: 1 }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    pub path: PathBuf,
    /// None when the file as a whole is meant.
    pub position: Option<Position>,
    /// What is wrong, one sentence.
    pub message: String,
    /// What to do about it, one sentence.
    pub cure: String,
}

impl Problem {
    pub fn new(
        severity: Severity,
        path: impl Into<PathBuf>,
        position: Option<Position>,
        message: impl AsRef<str>,
        cure: impl AsRef<str>,
    ) -> Self {
        Self {
            severity,
            path: path.into(),
            position,
            message: clean_line(message.as_ref()).into_owned(),
            cure: clean_line(cure.as_ref()).into_owned(),
        }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// By file, then by place in it.
    pub fn by_place(&self, other: &Self) -> Ordering {
        (&self.path, self.position, self.severity, &self.message).cmp(&(
            &other.path,
            other.position,
            other.severity,
            &other.message,
        ))
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        })
    }
}

/// `chapters/07-x/quiz.yaml:12:5: error: what is wrong`, and the cure on a line of its own.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clean_line(&self.path.display().to_string()))?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}: {}", self.severity, self.message)?;
        if !self.cure.is_empty() {
            write!(f, "\n    cure: {}", self.cure)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_place_severity_message_and_cure() {
        let problem = Problem::new(
            Severity::Error,
            "a/quiz.yaml",
            Some(Position { line: 3, column: 7 }),
            "no option is right",
            "mark one",
        );
        assert_eq!(
            problem.to_string(),
            "a/quiz.yaml:3:7: error: no option is right\n    cure: mark one"
        );
    }

    #[test]
    fn escape_sequences_in_names_and_messages_are_not_obeyed() {
        let problem = Problem::new(
            Severity::Error,
            "a\u{1b}[2J/quiz.yaml",
            None,
            "odd \u{9b}31m text\u{202e}",
            "",
        );
        assert!(
            !problem
                .to_string()
                .replace('\n', "")
                .chars()
                .any(|c| c.is_control() || c == '\u{202e}')
        );
    }
}
