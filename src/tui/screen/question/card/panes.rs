//! Where the two panes lie after the reveal, and how one is drawn.

use crate::tui::screen::Cx;
use crate::tui::theme::Role;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::scroll::{self, Scroll};
use crate::tui::widget::{column, page};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

/// From here on the panes stand side by side; below, one under the other.
const SIDE_BY_SIDE: u16 = 72;
const GAP: u16 = 3;
/// Two columns of text wider than this are harder to read, not easier.
pub const WIDTH: u16 = 150;

/// Where the two panes and the line below them lie.
pub struct Panes {
    pub prompt: Rect,
    pub left: Rect,
    pub right: Rect,
    pub verdict: Rect,
}

impl Panes {
    pub fn new(cx: &Cx<'_>) -> Self {
        let area = column(page(cx.area), WIDTH);
        // Header, prompt and a blank row above, a title over each pane, a blank row and the verdict below.
        let body = area.below(4).above(2);
        let (left, right) = if area.width >= SIDE_BY_SIDE {
            let half = (area.width - GAP) / 2;
            (body.first(half), body.after(half + GAP))
        } else {
            // The rubric needs the larger part; a row between them is the title of the lower one.
            let upper = body.height * 2 / 5;
            (body.upper(upper), body.below(upper + 1))
        };
        Self {
            prompt: area.row(1),
            left,
            right,
            verdict: area.last_row(),
        }
    }
}

/// One pane: its title above it, its lines, and how much of them is seen.
pub fn draw(
    title: &str,
    lines: &[Line<'_>],
    scroll: Scroll,
    area: Rect,
    cx: &Cx<'_>,
    buf: &mut Buffer,
) {
    let above = Rect {
        y: area.y.saturating_sub(1),
        height: area.height.min(1),
        ..area
    };
    cx.theme
        .line(title.to_owned(), Role::Dim)
        .render(above, buf);
    scroll::lines(lines.iter().skip(scroll.top), area, buf);
    scroll.bar(lines.len(), 1, cx.theme, area, buf);
}
