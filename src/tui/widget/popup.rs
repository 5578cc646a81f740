//! A pane over the screen below it.

use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Margin, Rect};
use ratatui::widgets::{Block, Clear, Padding, Widget};

/// The pane with the few columns that are left beside it.
fn around(frame: Rect, screen: Rect) -> Rect {
    let left = frame.x - screen.x;
    let right = screen.right() - frame.right();
    let [left, right] = [left, right].map(|rest| if rest < BESIDE { rest } else { 0 });
    Rect {
        x: frame.x - left,
        width: frame.width + left + right,
        ..frame
    }
}

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

/// Fewer columns than this beside a pane belong to it: what would look out there says nothing.
const BESIDE: u16 = 3;

/// The same at a place of its own.
pub fn frame_at(title: &str, frame: Rect, theme: &Theme, buf: &mut Buffer) -> Rect {
    let frame = frame.intersection(buf.area);
    Clear.render(around(frame, buf.area), buf);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Ground};
    use crate::tui::widget::rows_of;

    #[test]
    fn nothing_of_the_screen_below_looks_out_beside_a_wide_pane() {
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        let area = Rect::new(0, 0, 80, 5);
        for (width, left) in [(76, 0), (60, 20)] {
            let mut buf = Buffer::empty(area);
            for y in 0..5 {
                buf.set_string(0, y, "x".repeat(80), ratatui::style::Style::default());
            }
            open("Keys", width, 5, &theme, area, &mut buf);
            let rows = rows_of(&buf);
            assert!(
                rows.iter().all(|row| row.matches('x').count() == left),
                "{rows:?}"
            );
        }
    }
}
