//! The left pane after the reveal: the own answer, or a strong one.

use crate::content::model::InterviewQuestion;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::{prose, wrapped};
use ratatui::text::Line;
use std::ops::Range;

/// Which answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Own,
    Model,
}

impl Face {
    pub const fn other(self) -> Self {
        match self {
            Self::Own => Self::Model,
            Self::Model => Self::Own,
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Own => "what you said",
            Self::Model => "a strong answer",
        }
    }
}

/// An answer as lines, and the first line that belongs to the point under the cursor.
#[derive(Debug, Default)]
pub struct Pane {
    pub lines: Vec<Line<'static>>,
    pub focus: Option<usize>,
}

/// The own answer with the words marked in which the point was seen.
pub fn own(answer: &str, seen: Option<&Range<usize>>, width: u16, theme: &Theme) -> Pane {
    if answer.is_empty() {
        let text = "*Nothing was typed.*";
        return Pane {
            lines: prose::lines_as(Role::Dim, text, width, theme),
            focus: None,
        };
    }
    let focus = seen.and_then(|seen| {
        wrapped::rows(answer, width)
            .iter()
            .position(|row| seen.start < row.end)
    });
    Pane {
        lines: wrapped::lines(answer, seen, width, theme),
        focus,
    }
}

/// What the learner noted on the question, below the answer.
pub fn note(note: &str, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default(), theme.line("your note", Role::Dim)];
    lines.extend(wrapped::lines(note, None, width, theme));
    lines
}

/// The model answer; a bar stands beside the paragraphs that meet the point.
pub fn model(question: &InterviewQuestion, point: Option<&str>, width: u16, theme: &Theme) -> Pane {
    let mut pane = Pane::default();
    for paragraph in &question.model_answer {
        let meets = point.is_some_and(|id| paragraph.meets.iter().any(|met| met == id));
        if meets && pane.focus.is_none() {
            pane.focus = Some(pane.lines.len());
        }
        let bar = if meets { theme.symbols.bar } else { " " };
        let lines = prose::lines(&paragraph.text, width.saturating_sub(2), theme);
        pane.lines.extend(lines.into_iter().map(|mut line| {
            line.spans
                .insert(0, theme.span(format!("{bar} "), Role::Accent));
            line
        }));
        pane.lines.push(Line::default());
    }
    pane.lines.pop();
    pane
}
