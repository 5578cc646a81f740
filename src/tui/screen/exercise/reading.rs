//! The pane to read: the statement, the hints so far, what the program printed, the solution.

use super::grading::Grading;
use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::scroll::{self, Scroll};
use crate::tui::widget::{prose, wrapped};
use ddlab_exercises::Exercise;
use ddlab_text::{clean, clean_code};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Statement,
    Hints,
    Output,
    Solution,
    Diff,
}

impl Face {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Hints => "hints",
            Self::Output => "output",
            Self::Solution => "solution",
            Self::Diff => "diff",
        }
    }
}

pub struct Reading {
    face: Face,
    scroll: Scroll,
    statement: String,
    hints: &'static [String],
    review: &'static [String],
    pub hints_shown: usize,
    /// Path and text of each file.
    pub solution: Vec<(PathBuf, String)>,
    /// From the learner's program to the solution.
    pub diff: String,
}

impl Reading {
    pub fn new(exercise: &'static Exercise) -> Self {
        let statement = exercise.folder().file("statement.md").unwrap_or_default();
        Self {
            face: Face::Statement,
            scroll: Scroll::default(),
            statement: without_title(statement).to_owned(),
            hints: &exercise.manifest().hints,
            review: &exercise.manifest().review,
            hints_shown: 0,
            solution: Vec::new(),
            diff: String::new(),
        }
    }

    pub fn face(&self) -> Face {
        self.face
    }

    /// Turns to a face: to its beginning, or to its end where news comes at the end.
    pub fn show(&mut self, face: Face, grading: &Grading, area: Rect, theme: &Theme) {
        self.face = face;
        self.scroll = Scroll::default();
        if matches!(face, Face::Hints | Face::Output) {
            self.scroll(Action::Bottom, grading, area, theme);
        }
    }

    pub fn scroll(&mut self, action: Action, grading: &Grading, area: Rect, theme: &Theme) {
        let total = self.lines(grading, area.width, theme).len();
        let height = usize::from(area.height);
        self.scroll.act(action, total, height);
    }

    pub fn draw(&self, grading: &Grading, area: Rect, theme: &Theme, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        let lines = self.lines(grading, area.width, theme);
        scroll::lines(lines.iter().skip(self.scroll.top), area, buf);
        self.scroll.bar(lines.len(), 2, theme, area, buf);
    }

    fn lines(&self, grading: &Grading, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        match self.face {
            Face::Statement => prose::lines(&self.statement, width, theme),
            Face::Hints => self.hint_lines(width, theme),
            Face::Output => output_lines(grading, width, theme),
            Face::Diff => diff_lines(&self.diff, width, theme),
            Face::Solution => {
                let mut text = String::new();
                for remark in self.review {
                    let _ = writeln!(text, "- {remark}");
                }
                for (path, code) in &self.solution {
                    let lang = path.extension().and_then(|ext| ext.to_str()).unwrap_or("");
                    let name = clean(&path.display().to_string()).into_owned();
                    let _ = write!(text, "\n### {name}\n\n````{lang}\n{code}\n````\n\n");
                }
                prose::lines(&text, width, theme)
            }
        }
    }

    fn hint_lines(&self, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for (index, hint) in self.hints.iter().enumerate().take(self.hints_shown) {
            let sign = format!("{} of {}  ", index + 1, self.hints.len());
            let sign = [theme.span(sign, Role::Accent)];
            lines.extend(prose::hanging(&sign, hint, width, theme));
            lines.push(Line::default());
        }
        if self.hints_shown < self.hints.len() {
            let more = "h shows one more";
            lines.push(theme.line(more, Role::Faint));
        }
        lines
    }
}

fn output_lines(grading: &Grading, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = grading
        .output()
        .flat_map(|line| wrapped::lines(line, None, width, theme))
        .collect();
    if lines.is_empty() {
        let none = "your program has printed nothing yet";
        lines.push(theme.line(none, Role::Dim));
    }
    lines
}

/// A unified diff: what is yours, what is the solution's, and what is the same.
fn diff_lines(diff: &str, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    if diff.is_empty() {
        return vec![theme.line("your program is the solution, line by line", Role::Dim)];
    }
    let mut lines = vec![
        theme.line("- yours   + the solution", Role::Dim),
        Line::default(),
    ];
    for line in clean_code(diff).lines() {
        let role = match line.as_bytes().first() {
            _ if line.starts_with("--- ") || line.starts_with("+++ ") => Role::Strong,
            Some(b'-') => Role::Danger,
            Some(b'+') => Role::Good,
            Some(b'@') => Role::Accent,
            _ => Role::Text,
        };
        let rows = wrapped::lines(line, None, width, theme);
        lines.extend(prose::tinted(rows, role, theme));
    }
    lines
}

/// The title is in the header already.
fn without_title(statement: &str) -> &str {
    match statement.split_once('\n') {
        Some((first, rest)) if first.starts_with("# ") => rest,
        _ => statement,
    }
}
