//! Parts of an area, by rows and by columns. What an area has no room for is cut, so a part always lies within it.

use ratatui::layout::{Offset, Rect};

pub trait Parts {
    /// The row so many rows below the top; empty where the area has not so many.
    fn row(self, down: u16) -> Rect;
    fn last_row(self) -> Rect;
    /// The first rows.
    fn upper(self, rows: u16) -> Rect;
    /// All but the first rows.
    fn below(self, rows: u16) -> Rect;
    /// All but the last rows.
    fn above(self, rows: u16) -> Rect;
    /// The first columns.
    fn first(self, columns: u16) -> Rect;
    /// The last columns.
    fn last(self, columns: u16) -> Rect;
    /// All but the first columns.
    fn after(self, columns: u16) -> Rect;
    /// All but the last columns.
    fn before(self, columns: u16) -> Rect;
    /// Two columns with so much air right of each, as wide as each other.
    fn halves(self, air: u16) -> [Rect; 2];
}

impl Parts for Rect {
    fn row(self, down: u16) -> Rect {
        self.below(down).upper(1)
    }

    fn last_row(self) -> Rect {
        self.row(self.height.saturating_sub(1))
    }

    fn upper(mut self, rows: u16) -> Rect {
        self.height = self.height.min(rows);
        self
    }

    fn below(mut self, rows: u16) -> Rect {
        let rows = rows.min(self.height);
        self.y += rows;
        self.height -= rows;
        self
    }

    fn above(self, rows: u16) -> Rect {
        self.upper(self.height.saturating_sub(rows))
    }

    fn first(mut self, columns: u16) -> Rect {
        self.width = self.width.min(columns);
        self
    }

    fn last(self, columns: u16) -> Rect {
        self.after(self.width.saturating_sub(columns))
    }

    fn after(mut self, columns: u16) -> Rect {
        let columns = columns.min(self.width);
        self.x += columns;
        self.width -= columns;
        self
    }

    fn before(self, columns: u16) -> Rect {
        self.first(self.width.saturating_sub(columns))
    }

    fn halves(self, air: u16) -> [Rect; 2] {
        let half = self.width / 2;
        let left = self.first(half).before(air);
        [left, left.offset(Offset::new(half.into(), 0))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_lies_within_its_area_whatever_the_size() {
        for (width, height) in [(0, 0), (1, 1), (3, 2), (40, 9)] {
            let area = Rect::new(5, 7, width, height);
            for n in [0, 1, 2, 5, 100] {
                let rows = [area.row(n), area.upper(n), area.below(n), area.above(n)];
                let columns = [area.first(n), area.last(n), area.after(n), area.before(n)];
                let halves = area.halves(n);
                for part in rows.into_iter().chain(columns).chain(halves) {
                    assert_eq!(area.union(part), area, "{part:?} in {area:?}");
                }
                assert_eq!(area.upper(n).height + area.below(n).height, height);
                assert_eq!(area.first(n).width + area.after(n).width, width);
            }
        }
        let area = Rect::new(2, 1, 10, 4);
        assert_eq!(area.last_row(), Rect::new(2, 4, 10, 1));
        assert_eq!(area.last(3), Rect::new(9, 1, 3, 4));
        assert_eq!(area.halves(1)[1], Rect::new(7, 1, 4, 4));
    }
}
