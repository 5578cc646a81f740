//! A text over the screen below it, which scrolls where it is longer.

use super::popup;
use super::scroll::{self, Scroll};
use crate::tui::keymap::Action;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The frame of the popup, and the columns that it takes at most.
const FRAME: u16 = 2;
const WIDTH: u16 = 84;

/// Columns of the text.
pub fn width(area: Rect) -> u16 {
    WIDTH.min(area.width).saturating_sub(2 * FRAME)
}

pub fn draw(
    title: &str,
    lines: &[Line<'_>],
    scroll: Scroll,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let height = (lines.len() as u16).saturating_add(FRAME);
    let inner = popup::open(title, WIDTH.min(area.width), height, theme, area, buf);
    scroll::lines(lines.iter().skip(scroll.top), inner, buf);
    scroll.bar(lines.len(), 1, theme, inner, buf);
}

/// Moves in a text of so many lines as a key asks.
pub fn act(scroll: &mut Scroll, action: Action, total: usize, area: Rect) {
    let height = usize::from(area.height.saturating_sub(FRAME)).min(total);
    scroll.act(action, total, height);
}
