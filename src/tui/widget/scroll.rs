//! A position in something longer than the screen, and the thin bar that shows it.

use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crossterm::event::MouseEventKind;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

/// Lines that one notch of the wheel scrolls.
const WHEEL: isize = 3;

/// The first visible line of something `total` lines long, seen through `height` lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scroll {
    pub top: usize,
}

impl Scroll {
    pub fn by(&mut self, lines: isize, total: usize, height: usize) {
        self.to(self.top.saturating_add_signed(lines), total, height);
    }

    pub fn to(&mut self, top: usize, total: usize, height: usize) {
        self.top = top.min(total.saturating_sub(height));
    }

    /// Moves as a key asks; false when the key asks for something else.
    pub fn act(&mut self, action: Action, total: usize, height: usize) -> bool {
        let screen = height.cast_signed();
        // Two lines stay, so that the eye finds where it was.
        let page = (screen - 2).max(1);
        let half = (screen / 2).max(1);
        let lines = match action {
            Action::Down => 1,
            Action::Up => -1,
            Action::PageDown => page,
            Action::PageUp => -page,
            Action::HalfDown => half,
            Action::HalfUp => -half,
            Action::Top => isize::MIN,
            Action::Bottom => isize::MAX,
            _ => return false,
        };
        self.by(lines, total, height);
        true
    }

    /// Moves as the wheel asks; false when the mouse did something else.
    pub fn wheel(&mut self, kind: MouseEventKind, total: usize, height: usize) -> bool {
        let lines = match kind {
            MouseEventKind::ScrollDown => WHEEL,
            MouseEventKind::ScrollUp => -WHEEL,
            _ => return false,
        };
        self.by(lines, total, height);
        true
    }

    /// Scrolls as little as needed to show this line.
    pub fn reveal(&mut self, line: usize, total: usize, height: usize) {
        if line < self.top {
            self.to(line, total, height);
        } else if line >= self.top + height {
            self.to((line + 1).saturating_sub(height), total, height);
        }
    }

    /// How much has been seen, 0 to 1.
    pub fn share(&self, total: usize, height: usize) -> f64 {
        if total <= height {
            1.0
        } else {
            // A window that grew may leave the top beyond what it can be.
            (self.top as f64 / (total - height) as f64).min(1.0)
        }
    }

    /// Draws the bar so many columns right of `area`, or at the edge, when there is something to scroll.
    pub fn bar(&self, total: usize, right: u16, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let height = usize::from(area.height);
        if total <= height || area.is_empty() {
            return;
        }
        let column = (area.right() - 1 + right).min(buf.area.right() - 1);
        let thumb = (height * height / total).max(1);
        let start = ((height - thumb) as f64 * self.share(total, height)).round() as usize;
        for row in start..start + thumb {
            let cell = &mut buf[(column, area.y + row as u16)];
            cell.set_symbol(theme.symbols.vertical)
                .set_style(theme.style(Role::Faint));
        }
    }
}

/// Draws lines one below the other from the top of `area`, as many as there is room for.
pub fn lines<'a>(lines: impl IntoIterator<Item = &'a Line<'a>>, area: Rect, buf: &mut Buffer) {
    for (line, row) in lines.into_iter().zip(area.rows()) {
        line.render(row, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_leaves_the_text() {
        let mut scroll = Scroll::default();
        scroll.by(-3, 100, 20);
        assert_eq!(scroll.top, 0);
        scroll.by(1000, 100, 20);
        assert_eq!(scroll.top, 80, "the last line stays at the bottom");
        scroll.to(5, 10, 20);
        assert_eq!(scroll.top, 0, "what fits does not scroll");
    }

    #[test]
    fn the_same_keys_move_every_text() {
        let mut scroll = Scroll::default();
        for (action, top) in [
            (Action::Down, 1),
            (Action::PageDown, 19),
            (Action::HalfUp, 9),
            (Action::Bottom, 80),
            (Action::PageUp, 62),
            (Action::Top, 0),
        ] {
            assert!(scroll.act(action, 100, 20));
            assert_eq!(scroll.top, top, "{action:?}");
        }
        assert!(!scroll.act(Action::Open, 100, 20));
        assert!(scroll.wheel(MouseEventKind::ScrollDown, 100, 20));
        assert_eq!(scroll.top, 3);
        assert!(!scroll.wheel(MouseEventKind::Moved, 100, 20));
    }

    #[test]
    fn revealing_scrolls_as_little_as_needed() {
        let mut scroll = Scroll { top: 10 };
        scroll.reveal(15, 100, 20);
        assert_eq!(scroll.top, 10);
        scroll.reveal(30, 100, 20);
        assert_eq!(scroll.top, 11);
        scroll.reveal(4, 100, 20);
        assert_eq!(scroll.top, 4);
    }
}
