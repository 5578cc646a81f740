//! A list to choose from: which item is chosen and which lines are in view. The same keys, the wheel and
//! clicks move it on every screen.
//!
//! Headings may stand between items, and an item may take several lines: [`Items`] says which lines are
//! whose. Nothing of it is kept, so a list may change between two events.

use super::scroll::Scroll;
use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::ops::Range;

/// The lines of a list: those of each item, in order, and how many there are in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Items {
    lines: Vec<Range<usize>>,
    total: usize,
}

impl Items {
    /// Items of these lines, which are in order and do not overlap, among `total` lines.
    pub fn new(lines: Vec<Range<usize>>, total: usize) -> Self {
        Self { lines, total }
    }

    /// So many items of one line each, and nothing between them.
    pub fn plain(count: usize) -> Self {
        Self::new((0..count).map(|line| line..line + 1).collect(), count)
    }

    /// A line for each row; those that are no items are headings and gaps.
    pub fn among<T>(rows: &[T], is_item: impl Fn(&T) -> bool) -> Self {
        let items = rows.iter().enumerate().filter(|(_, row)| is_item(row));
        Self::new(items.map(|(line, _)| line..line + 1).collect(), rows.len())
    }

    pub fn count(&self) -> usize {
        self.lines.len()
    }

    pub fn total(&self) -> usize {
        self.total
    }

    /// The item that a line belongs to.
    pub fn of_line(&self, line: usize) -> Option<usize> {
        self.lines.iter().position(|lines| lines.contains(&line))
    }

    /// The first line of an item.
    pub fn first_line(&self, item: usize) -> Option<usize> {
        self.lines.get(item).map(|lines| lines.start)
    }
}

/// What the mouse did to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// It was not for the list.
    Nothing,
    Moved,
    /// A click on the item that was chosen already: it opens. A stray first click leads nowhere.
    Opened,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Picker {
    chosen: usize,
    scroll: Scroll,
}

impl Picker {
    /// With this item chosen.
    pub fn at(item: usize) -> Self {
        Self {
            chosen: item,
            scroll: Scroll::default(),
        }
    }

    /// The index of the item that is chosen.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// Chooses an item, or the last one when there are fewer; it comes into view.
    pub fn choose(&mut self, item: usize, items: &Items, height: usize) {
        self.chosen = item.min(items.count().saturating_sub(1));
        self.scroll = self.revealed(items, height);
    }

    /// Moves as a key asks; false when the key asks for something else.
    pub fn act(&mut self, action: Action, items: &Items, height: usize) -> bool {
        let page = height.saturating_sub(1).max(1).cast_signed();
        let half = (page / 2).max(1);
        let item = match action {
            Action::Down => self.chosen.saturating_add(1),
            Action::Up => self.chosen.saturating_sub(1),
            Action::PageDown => self.away(page, items),
            Action::PageUp => self.away(-page, items),
            Action::HalfDown => self.away(half, items),
            Action::HalfUp => self.away(-half, items),
            Action::Top => 0,
            Action::Bottom => usize::MAX,
            _ => return false,
        };
        self.choose(item, items, height);
        true
    }

    /// The wheel moves, the first click on an item chooses it, the second opens it.
    pub fn mouse(&mut self, mouse: MouseEvent, items: &Items, area: Rect) -> Picked {
        let height = area.height.into();
        match mouse.kind {
            MouseEventKind::ScrollDown => self.act(Action::Down, items, height),
            MouseEventKind::ScrollUp => self.act(Action::Up, items, height),
            MouseEventKind::Down(MouseButton::Left) => {
                let at = Position::new(mouse.column, mouse.row);
                match self.hit(at, items, area) {
                    Some(item) if item == self.chosen => return Picked::Opened,
                    Some(item) => self.choose(item, items, height),
                    None => return Picked::Nothing,
                }
                true
            }
            _ => return Picked::Nothing,
        };
        Picked::Moved
    }

    /// The item under a place of the screen.
    pub fn hit(&self, at: Position, items: &Items, area: Rect) -> Option<usize> {
        if !area.contains(at) {
            return None;
        }
        items.of_line(self.top(items, area.height.into()) + usize::from(at.y - area.y))
    }

    /// The first line in view, of so many.
    pub fn top(&self, items: &Items, height: usize) -> usize {
        self.revealed(items, height).top
    }

    /// The lines in view, each with its row of the screen.
    pub fn in_view(&self, items: &Items, area: Rect) -> impl Iterator<Item = (usize, Rect)> {
        let lines = self.top(items, area.height.into())..items.total;
        lines.zip(area.rows())
    }

    /// Whether the item that is chosen has this line.
    pub fn is_chosen(&self, line: usize, items: &Items) -> bool {
        items.of_line(line) == Some(self.chosen)
    }

    /// Draws how much is in view, so many columns right of the list.
    pub fn bar(&self, items: &Items, right: u16, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let scroll = self.revealed(items, area.height.into());
        scroll.bar(items.total, right, theme, area, buf);
    }

    /// Scrolled as little as needed to show what is chosen, with the headings right above it.
    fn revealed(&self, items: &Items, height: usize) -> Scroll {
        let mut scroll = self.scroll;
        if let Some(lines) = items.lines.get(self.chosen) {
            let before = self.chosen.checked_sub(1);
            let above = before.map_or(0, |before| items.lines[before].end);
            let first = above.max(lines.end.saturating_sub(height)).min(lines.start);
            scroll.reveal(lines.end.saturating_sub(1), items.total, height);
            scroll.reveal(first, items.total, height);
        }
        scroll.to(scroll.top, items.total, height);
        scroll
    }

    /// The item so many lines away, and at least the next one.
    fn away(&self, lines: isize, items: &Items) -> usize {
        let here = items.first_line(self.chosen).unwrap_or(0);
        let goal = here.saturating_add_signed(lines);
        let starts = || items.lines.iter().map(|lines| lines.start);
        if lines > 0 {
            let last = starts().rposition(|start| start <= goal);
            last.unwrap_or(0).max(self.chosen + 1)
        } else {
            let first = starts().position(|start| start >= goal);
            first.unwrap_or(0).min(self.chosen.saturating_sub(1))
        }
    }
}

/// The band and the sign of the item that is chosen.
pub fn band(line: Rect, theme: &Theme, buf: &mut Buffer) {
    buf.set_style(line, theme.style(Role::Selection));
    let sign = theme.style(Role::Accent);
    buf.set_stringn(
        line.x,
        line.y,
        theme.symbols.cursor,
        line.width.min(1).into(),
        sign,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    /// A heading before each three items.
    fn headed(count: usize) -> Items {
        let rows: Vec<usize> = (0..count).collect();
        Items::among(&rows, |row| row % 4 != 0)
    }

    fn mouse(kind: MouseEventKind, column: u16, row: u16) -> MouseEvent {
        let modifiers = KeyModifiers::NONE;
        MouseEvent {
            kind,
            column,
            row,
            modifiers,
        }
    }

    #[test]
    fn it_stays_within_the_list_and_in_view() {
        let items = Items::plain(30);
        let mut picker = Picker::default();
        for (action, chosen, top) in [
            (Action::Up, 0, 0),
            (Action::Down, 1, 0),
            (Action::PageDown, 10, 1),
            (Action::HalfDown, 14, 5),
            (Action::Bottom, 29, 20),
            (Action::Down, 29, 20),
            (Action::PageUp, 20, 20),
            (Action::HalfUp, 16, 16),
            (Action::Top, 0, 0),
        ] {
            assert!(picker.act(action, &items, 10));
            let now = (picker.chosen(), picker.top(&items, 10));
            assert_eq!(now, (chosen, top), "{action:?}");
        }
        assert!(!picker.act(Action::Open, &items, 10));
    }

    #[test]
    fn headings_are_skipped_and_come_into_view_with_their_first_item() {
        let items = headed(12);
        let mut picker = Picker::default();
        let lines: Vec<usize> = (0..items.count())
            .map(|_| {
                let line = items.first_line(picker.chosen()).unwrap();
                picker.act(Action::Down, &items, 3);
                line
            })
            .collect();
        assert_eq!(lines, [1, 2, 3, 5, 6, 7, 9, 10, 11]);
        picker.choose(3, &items, 3);
        assert_eq!(picker.top(&items, 3), 4, "the heading of line 5");
        picker.act(Action::Top, &items, 3);
        assert_eq!(picker.top(&items, 3), 0);
    }

    #[test]
    fn the_first_click_chooses_and_the_second_opens() {
        let (items, area) = (headed(8), Rect::new(5, 5, 20, 8));
        let mut picker = Picker::default();
        let press = MouseEventKind::Down(MouseButton::Left);
        let heading = mouse(press, 6, 5);
        assert_eq!(picker.mouse(heading, &items, area), Picked::Nothing);
        let outside = mouse(press, 4, 6);
        assert_eq!(picker.mouse(outside, &items, area), Picked::Nothing);
        let third = mouse(press, 6, 8);
        assert_eq!(picker.mouse(third, &items, area), Picked::Moved);
        assert_eq!(picker.chosen(), 2);
        assert_eq!(picker.mouse(third, &items, area), Picked::Opened);
        let wheel = mouse(MouseEventKind::ScrollUp, 6, 8);
        assert_eq!(picker.mouse(wheel, &items, area), Picked::Moved);
        assert_eq!(picker.chosen(), 1);
    }

    #[test]
    fn a_list_that_grew_shorter_and_one_without_room_are_survived() {
        let mut picker = Picker::at(20);
        for (items, height) in [
            (Items::plain(0), 5),
            (Items::plain(3), 5),
            (Items::plain(30), 0),
            (Items::new(vec![0..9, 9..30], 30), 4),
        ] {
            for action in [Action::Down, Action::PageUp, Action::Bottom, Action::Top] {
                picker.act(action, &items, height);
                let top = picker.top(&items, height);
                assert!(top <= items.total(), "{action:?} in {items:?}");
            }
            picker = Picker::at(20);
        }
    }
}
