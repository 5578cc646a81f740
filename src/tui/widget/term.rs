//! A term explained in a pane of its own, beside the word that it is about.

use super::{popup, prose, scroll};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns of the pane with its frame.
const WIDTH: u16 = 58;
/// Its frame and the air inside.
const OTHER_COLUMNS: u16 = 4;
const OTHER_ROWS: u16 = 2;

/// What there is to say of a term.
pub struct Explanation<'a> {
    pub term: &'a str,
    pub means: &'a str,
    /// Terms to look at beside it, which are chosen by number from 1.
    pub beside: Vec<&'a str>,
    /// Where the book teaches it: `12 Leader election`.
    pub taught_in: String,
}

/// What a click on the pane asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A term beside it, by its place in the list.
    Beside(usize),
    /// The chapter.
    Chapter,
}

/// The pane: where it is and what stands in it.
pub struct Pane {
    pub frame: Rect,
    title: String,
    lines: Vec<Line<'static>>,
    /// Line, first column, columns.
    targets: Vec<(u16, u16, u16, Target)>,
}

impl Explanation<'_> {
    /// The pane for a word on row `y` that begins in column `x`: below the word, above it where there is
    /// no room below, in the middle of `area` when no word is in view.
    pub fn pane(&self, word: Option<Position>, area: Rect, theme: &Theme) -> Pane {
        let width = WIDTH.min(area.width);
        let inside = width.saturating_sub(OTHER_COLUMNS);
        let mut pane = Pane {
            frame: area,
            title: self.term.to_owned(),
            lines: prose::lines(self.means, inside, theme),
            targets: Vec::new(),
        };
        self.beside(&mut pane, inside, theme);
        self.taught(&mut pane, theme);
        let height = (pane.lines.len() as u16 + OTHER_ROWS).min(area.height);
        pane.frame = place(word, width, height, area);
        pane
    }

    fn beside(&self, pane: &mut Pane, inside: u16, theme: &Theme) {
        if self.beside.is_empty() {
            return;
        }
        pane.lines.push(Line::default());
        let lead = "beside it  ";
        let mut line = theme.line(lead, Role::Dim);
        for (n, term) in self.beside.iter().enumerate() {
            let width = (term.width() + 2) as u16;
            if line.width() as u16 + width > inside && line.width() > lead.width() {
                pane.lines.push(line);
                line = Line::raw(" ".repeat(lead.width()));
            }
            let (row, column) = (pane.lines.len() as u16, line.width() as u16);
            pane.targets.push((row, column, width, Target::Beside(n)));
            let number = theme.span((n + 1).to_string(), Role::Key);
            line.push_span(number);
            line.push_span(theme.span(format!(" {term}"), Role::Text));
            line.push_span(Span::raw("   "));
        }
        pane.lines.push(line);
    }

    fn taught(&self, pane: &mut Pane, theme: &Theme) {
        pane.lines.push(Line::default());
        let row = pane.lines.len() as u16;
        let line = Line::from(vec![
            theme.span("taught in  ", Role::Dim),
            theme.span(self.taught_in.clone(), Role::Text),
            theme.span("   enter", Role::Key),
        ]);
        let whole = (row, 0, line.width() as u16, Target::Chapter);
        pane.targets.push(whole);
        pane.lines.push(line);
    }
}

fn place(word: Option<Position>, width: u16, height: u16, area: Rect) -> Rect {
    let middle = Position::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
    );
    let at = word.map_or(middle, |word| {
        let x = word.x.saturating_sub(2).clamp(area.x, area.right() - width);
        let y = if word.y + 1 + height <= area.bottom() {
            word.y + 1
        } else {
            word.y.saturating_sub(height).max(area.y)
        };
        Position::new(x, y)
    });
    Rect {
        x: at.x,
        y: at.y,
        width,
        height,
    }
    .intersection(area)
}

impl Pane {
    /// What is under a click; none beside the targets.
    pub fn target(&self, at: Position) -> Option<Target> {
        let (left, top) = (self.frame.x + 2, self.frame.y + 1);
        let (row, column) = (at.y.checked_sub(top)?, at.x.checked_sub(left)?);
        let hit = self.targets.iter().find(|(line, first, width, _)| {
            *line == row && (*first..first + width).contains(&column)
        });
        hit.filter(|_| self.frame.contains(at)).map(|hit| hit.3)
    }

    pub fn render(&self, theme: &Theme, buf: &mut Buffer) {
        let inner = popup::frame_at(&self.title, self.frame, theme, buf);
        scroll::lines(&self.lines, inner, buf);
    }
}
