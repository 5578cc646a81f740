//! One request as a tree of spans over time: where it waited, where it was served, what came of it.
//! The parts are told apart by their fill, not by colour alone. [`tree`] says what comes in which row.

mod tree;

pub use tree::{Row, rows};

use super::axis;
use super::number::Quantity;
use super::pen::Pen;
use crate::tui::theme::{Role, Theme};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::trace::{Outcome, PhaseKind, Span, Trace};
use ddlab_text::{Unit, millis, tick};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Rows above the first span: the scale and its marks.
pub const HEAD_ROWS: u16 = 2;
/// Cells for what came of a span.
const OUTCOME_WIDTH: u16 = 12;
/// A narrower picture of time says nothing.
const TRACK_MIN: u16 = 16;

pub struct Waterfall<'a> {
    pub trace: &'a Trace,
    pub rows: &'a [Row],
    /// The first row shown.
    pub top: usize,
    pub theme: &'a Theme,
}

/// How a part of a span is drawn.
fn phase(kind: PhaseKind, theme: &Theme) -> (&'static str, Role, &'static str) {
    let ascii = theme.is_ascii();
    match kind {
        PhaseKind::Network => (if ascii { "-" } else { "─" }, Role::Faint, "network"),
        PhaseKind::Queue => (if ascii { ":" } else { "░" }, Role::Warning, "queue"),
        PhaseKind::Service => (if ascii { "#" } else { "█" }, Role::Accent, "service"),
        PhaseKind::Wait => (if ascii { "." } else { "·" }, Role::Dim, "held back"),
    }
}

/// What came of a span, in a sign and a word.
fn outcome(outcome: Outcome, theme: &Theme) -> (&'static str, &'static str, Role) {
    let symbols = theme.symbols;
    match outcome {
        Outcome::Ok => (symbols.tick, "ok", Role::Dim),
        Outcome::Won => (symbols.tick, "won", Role::Good),
        Outcome::Error => (symbols.cross, "error", Role::Danger),
        Outcome::Cancelled => (symbols.times, "cancelled", Role::Dim),
        Outcome::TimedOut => (symbols.warning, "timed out", Role::Danger),
        Outcome::Running => (symbols.ellipsis, "running", Role::Dim),
    }
}

/// The columns of a waterfall.
struct Columns {
    name: u16,
    note: u16,
    track: Rect,
}

impl Waterfall<'_> {
    fn columns(&self, area: Rect) -> Option<Columns> {
        let name_of =
            |row: &Row| self.trace.spans[row.span].node.width() as u16 + row.depth.min(8) + 1;
        let name = self
            .rows
            .iter()
            .map(name_of)
            .max()
            .unwrap_or(8)
            .clamp(8, 26);
        let note_of = |row: &Row| self.trace.spans[row.span].note.width() as u16;
        let widest = self.rows.iter().map(note_of).max().unwrap_or(0).min(34);
        let left = area.width.checked_sub(name + 1 + OUTCOME_WIDTH)?;
        // The picture of time comes first; notes have what is left of a wide screen.
        let note = if widest > 0 && left >= widest + 2 * TRACK_MIN {
            widest + 2
        } else {
            0
        };
        let track = Rect {
            x: area.x + name + note,
            width: left - note,
            ..area
        };
        (track.width >= TRACK_MIN).then_some(Columns { name, note, track })
    }

    fn scale(&self, track: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let time = Quantity::of("", Unit::Milliseconds).up_to(took_ms(self.trace));
        let total = time.scaled(took_ms(self.trace));
        let step = axis::step(total, usize::from(track.width / 10).max(1));
        let (dim, faint) = (theme.style(Role::Dim), theme.style(Role::Faint));
        let axis_row = Rect {
            y: track.y + 1,
            height: 1,
            ..track
        };
        Pen::new(axis_row, buf).fill(theme.symbols.horizontal, track.width, faint);
        let columns = f64::from(track.width.saturating_sub(1));
        for n in 0..=(total / step + 1e-9) as u32 {
            let at = f64::from(n) * step;
            let column = (at / total * columns).round() as u16;
            let text = if n == 0 {
                format!("0 {}", time.unit.symbol())
            } else {
                tick(at, step)
            };
            Pen::new(track, buf).to(column).put_whole(&text, dim);
            Pen::new(axis_row, buf)
                .to(column)
                .put(if theme.is_ascii() { "+" } else { "┬" }, faint);
        }
    }

    fn bar(&self, span: &Span, row: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let column = |at: SimTime| place(self.trace, at, row.width);
        let ended = span.ended.unwrap_or(self.trace.ended);
        let (from, to) = (column(span.started), column(ended));
        // A span that has no parts is drawn as one that only lasts.
        Pen::new(row, buf).to(from).fill(
            theme.symbols.horizontal,
            to.saturating_sub(from).max(1),
            theme.style(Role::Faint),
        );
        for part in &span.phases {
            let (sign, role, word) = phase(part.kind, theme);
            let (from, to) = (column(part.started), column(part.ended));
            let width = to.saturating_sub(from);
            // What lasted is seen, however short, unless the next part begins in the same cell.
            let width = if part.ended > part.started {
                width.max(1)
            } else {
                width
            };
            let style = theme.style(role);
            Pen::new(row, buf).to(from).fill(sign, width, style);
            let text = format!(" {word} {} ", millis(ms(part.started, part.ended)));
            let room = usize::from(width);
            if part.kind != PhaseKind::Network && text.width() + 2 <= room {
                let at = from + ((room - text.width()) / 2) as u16;
                Pen::new(row, buf)
                    .to(at)
                    .put(&text, theme.style(Role::Text));
            }
        }
    }
}

impl Widget for Waterfall<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let theme = self.theme;
        let Some(columns) = self.columns(area) else {
            return;
        };
        self.scale(columns.track, buf);
        for (line, row) in self.rows.iter().skip(self.top).enumerate() {
            let y = area.y + HEAD_ROWS + line as u16;
            if y >= area.bottom() {
                break;
            }
            let span = &self.trace.spans[row.span];
            let whole = Rect {
                y,
                height: 1,
                ..area
            };
            let mut pen = Pen::new(whole, buf);
            let indent = row.depth.min(8);
            let room = usize::from(columns.name.saturating_sub(indent + 1));
            let style: Style = theme.style(if row.depth == 0 {
                Role::Strong
            } else {
                Role::Text
            });
            pen.skip(indent).put(&theme.clip(&span.node, room), style);
            if columns.note > 0 {
                let note = theme.clip(&span.note, usize::from(columns.note) - 2);
                pen.to(columns.name).put(&note, theme.style(Role::Dim));
            }
            self.bar(
                span,
                Rect {
                    y,
                    height: 1,
                    ..columns.track
                },
                buf,
            );
            let (sign, word, role) = outcome(span.outcome, theme);
            Pen::new(whole, buf)
                .to(columns.track.right() - area.x + 1)
                .put(sign, theme.style(role))
                .skip(1)
                .put(word, theme.style(role));
        }
    }
}

/// What the fills mean, for the row below.
pub fn legend(theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::new(area, buf);
    for kind in [
        PhaseKind::Wait,
        PhaseKind::Network,
        PhaseKind::Queue,
        PhaseKind::Service,
    ] {
        let (sign, role, word) = phase(kind, theme);
        pen.fill(sign, 3, theme.style(role))
            .skip(1)
            .put(word, theme.style(Role::Dim))
            .skip(3);
    }
}

fn ms(from: SimTime, to: SimTime) -> f64 {
    to.0.saturating_sub(from.0) as f64 / 1e6
}

/// How long a request took, milliseconds.
pub fn took_ms(trace: &Trace) -> f64 {
    // Nothing takes no time at all: a scale needs a length.
    ms(trace.started, trace.ended).max(1e-6)
}

fn place(trace: &Trace, at: SimTime, width: u16) -> u16 {
    let share = (ms(trace.started, at) / took_ms(trace)).clamp(0.0, 1.0);
    (share * f64::from(width)).round() as u16
}

#[cfg(test)]
mod tests;
