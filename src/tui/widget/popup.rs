//! A pane over the screen below it.

use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Margin, Rect};
use ratatui::widgets::{Block, Clear, Padding, Widget};

/// Clears the middle of `area`, frames it and returns what is inside.
pub fn open(
    title: &str,
    width: u16,
    height: u16,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Rect {
    frame_at(title, middle(width, height, area), theme, buf)
}

/// What is inside a pane that [`open`] draws.
pub fn inner(width: u16, height: u16, area: Rect) -> Rect {
    middle(width, height, area).inner(Margin::new(2, 1))
}

fn middle(width: u16, height: u16, area: Rect) -> Rect {
    area.centered(
        Constraint::Length(width.min(area.width)),
        Constraint::Length(height.min(area.height)),
    )
}

/// The same at a place of its own.
pub fn frame_at(title: &str, frame: Rect, theme: &Theme, buf: &mut Buffer) -> Rect {
    let frame = frame.intersection(buf.area);
    Clear.render(frame, buf);
    let block = Block::bordered()
        .border_set(theme.symbols.border)
        .border_style(theme.style(Role::Border))
        .title(format!(" {title} "))
        .title_style(theme.style(Role::Title))
        .padding(Padding::horizontal(1));
    let inner = block.inner(frame);
    block.render(frame, buf);
    inner
}
