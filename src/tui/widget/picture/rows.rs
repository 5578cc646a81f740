//! A row for each of the many, in as many columns as it takes, on branches that messages travel along.

use super::signs;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::Pen;
use ddlab_labs::workbench::frame::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Between two columns.
const GAP: u16 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    area: Rect,
    count: usize,
    per_column: usize,
    width: u16,
}

impl Rows {
    /// In as few columns as hold them; none when a column would be narrower than `least`.
    pub fn fit(area: Rect, count: usize, least: u16) -> Option<Self> {
        if count == 0 || area.is_empty() {
            return None;
        }
        let columns = count.div_ceil(area.height.into()) as u16;
        let width = (area.width + GAP).checked_div(columns)?.checked_sub(GAP)?;
        (width >= least).then_some(Self {
            area,
            count,
            per_column: count.div_ceil(columns.into()),
            width,
        })
    }

    pub fn height(&self) -> u16 {
        self.per_column as u16
    }

    pub fn width(&self) -> u16 {
        self.width
    }

    /// The row of the `n`th.
    pub fn spot(&self, n: usize) -> Rect {
        Rect {
            x: self.area.x + (n / self.per_column) as u16 * (self.width + GAP),
            y: self.area.y + (n % self.per_column) as u16,
            width: self.width,
            height: 1,
        }
    }

    /// Which of them is under this place.
    pub fn hit(&self, at: Position) -> Option<usize> {
        (0..self.count).find(|n| self.spot(*n).contains(at))
    }

    /// Whether no branch goes on below the `n`th.
    fn is_last(&self, n: usize) -> bool {
        n % self.per_column + 1 == self.per_column || n + 1 == self.count
    }

    /// The branch of the `n`th; the pen stands behind it.
    pub fn branch<'a>(&self, n: usize, track: u16, theme: &Theme, buf: &'a mut Buffer) -> Pen<'a> {
        let (symbols, faint) = (theme.symbols, theme.style(Role::Faint));
        let fork = if self.is_last(n) {
            symbols.corner
        } else {
            symbols.tee
        };
        let mut pen = Pen::new(self.spot(n), buf);
        pen.put(fork, faint)
            .fill(symbols.track, track, faint)
            .skip(1);
        pen
    }

    /// Messages between the head and the rows: a request goes to the right, a reply to the left.
    /// `row_of` says which row a node has.
    pub fn messages(
        &self,
        frame: &Frame,
        head: u32,
        row_of: impl Fn(u32) -> Option<usize>,
        track: u16,
        theme: &Theme,
        buf: &mut Buffer,
    ) {
        for flight in &frame.flights {
            let progress = flight.progress.clamp(0.0, 1.0);
            let (node, share) = match (flight.from == head, flight.to == head) {
                (true, false) => (flight.to, progress),
                (false, true) => (flight.from, 1.0 - progress),
                _ => continue,
            };
            let Some(n) = row_of(node).filter(|n| *n < self.count) else {
                continue;
            };
            let column = 1 + (share * f32::from(track.saturating_sub(1))).round() as u16;
            let (sign, role) = signs::message(flight.kind, theme);
            Pen::new(self.spot(n), buf)
                .to(column)
                .put(sign, theme.style(role));
        }
    }
}

/// How a name is written: the one that actions are aimed at stands out.
pub fn name_role(selected: bool) -> Role {
    if selected {
        Role::Selection
    } else {
        Role::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_take_as_few_columns_as_hold_them_and_give_up_when_these_get_too_narrow() {
        let area = Rect::new(2, 3, 40, 5);
        let one = Rows::fit(area, 5, 10).expect("five rows fit");
        assert_eq!((one.width(), one.height()), (40, 5));
        let two = Rows::fit(area, 9, 10).expect("nine fit in two columns");
        assert_eq!((two.width(), two.height()), (19, 5));
        assert!(two.is_last(4) && two.is_last(8) && !two.is_last(5));
        for n in 0..9 {
            let spot = two.spot(n);
            assert_eq!(area.intersection(spot), spot);
            assert_eq!(two.hit(Position::new(spot.x, spot.y)), Some(n));
        }
        assert!(Rows::fit(area, 30, 10).is_none());
        assert!(Rows::fit(area, 0, 1).is_none() && Rows::fit(Rect::ZERO, 3, 1).is_none());
    }
}
