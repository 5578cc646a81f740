//! Where the two panes lie after the reveal, and how one is drawn.

use crate::tui::screen::Cx;
use crate::tui::theme::Role;
use crate::tui::widget::scroll::{self, Scroll};
use crate::tui::widget::{column, page, styled};
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
        let body = Rect {
            y: area.y + 4.min(area.height),
            height: area.height.saturating_sub(6),
            ..area
        };
        let prompt = Rect {
            y: area.y + 1.min(area.height),
            height: u16::from(area.height > 1),
            ..area
        };
        let verdict = Rect {
            y: area.bottom().saturating_sub(1),
            height: area.height.min(1),
            ..area
        };
        let (left, right) = if area.width >= SIDE_BY_SIDE {
            let half = (area.width - GAP) / 2;
            let right = Rect {
                x: area.x + half + GAP,
                width: area.width - half - GAP,
                ..body
            };
            (
                Rect {
                    width: half,
                    ..body
                },
                right,
            )
        } else {
            // The rubric needs the larger part; a row between them is the title of the lower one.
            let upper = body.height * 2 / 5;
            let right = Rect {
                y: body.y + upper + 1,
                height: body.height.saturating_sub(upper + 1),
                ..body
            };
            (
                Rect {
                    height: upper,
                    ..body
                },
                right,
            )
        };
        Self {
            prompt,
            left,
            right,
            verdict,
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
    styled(title.to_owned(), cx.theme.style(Role::Dim)).render(above, buf);
    scroll::lines(lines.iter().skip(scroll.top), area, buf);
    let bar = Rect {
        width: area.width + 1,
        ..area
    };
    scroll.bar(lines.len(), cx.theme, bar.intersection(cx.area), buf);
}
