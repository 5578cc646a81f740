//! Where the panes of the lab lie, from 60 to hundreds of columns.

use crate::tui::widget::page;
use crate::tui::widget::parts::Parts;
use ratatui::layout::Rect;

/// Narrower terminals show one pane at a time; `v` goes through them.
const SIDE_BY_SIDE_FROM: u16 = 72;
/// A picture wider than this has nothing more to say.
const PICTURE_MAX: u16 = 84;
/// Between the panes.
const GUTTER: u16 = 3;
/// A chart lower than this has no room for its axes.
pub const CHART_ROWS_MIN: u16 = 9;
const CHART_ROWS_MAX: u16 = 16;
/// Charts are set in two columns from this width on.
const TWO_COLUMNS_FROM: u16 = 104;
/// Fewer rows of other metrics are not worth the chart's room.
const READINGS_MIN: u16 = 3;
/// A screen of so many rows has room for most knobs.
pub const HIGH_FROM: u16 = 50;
/// So many rows below the picture are worth to be used.
const READINGS_BELOW: u16 = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub header: Rect,
    /// Left; the whole body when there is room for one pane only.
    pub picture: Rect,
    /// Right; empty when there is room for one pane only.
    pub charts: Rect,
    /// Below a picture that does not need its height: the numbers, which leave more room to the charts. Often empty.
    pub readings: Rect,
    pub knobs: Rect,
    /// What the knob in focus does, or what is being typed.
    pub help: Rect,
    pub log: Rect,
    pub invariants: Rect,
    pub timeline: Rect,
    pub side_by_side: bool,
}

impl Layout {
    /// `knob_rows` is what all knobs need at this width; `tenths` the share of it that the picture gets.
    pub fn of(area: Rect, knob_rows: u16, tenths: u16) -> Self {
        let inner = page(area);
        let height = area.height;
        let knobs_most = match height {
            HIGH_FROM.. => 10,
            30.. => 6,
            22.. => 4,
            _ => 2,
        };
        let log = match height {
            HIGH_FROM.. => 4,
            30.. => 3,
            22.. => 1,
            _ => 0,
        };
        let airy = u16::from(height >= 20);
        let very_airy = u16::from(height >= 30);
        let header = inner.upper(1);
        let mut rest = inner.below(1 + airy);
        let mut from_bottom = |rows: u16| {
            let above = rest.above(rows);
            let cut = rest.below(above.height);
            rest = above;
            cut
        };
        let timeline = from_bottom(1);
        let invariants = from_bottom(u16::from(height >= 22));
        let log = from_bottom(log);
        from_bottom(very_airy);
        let help = from_bottom(1);
        let knobs = from_bottom(knob_rows.min(knobs_most));
        from_bottom(airy);
        let side_by_side = inner.width >= SIDE_BY_SIDE_FROM;
        let left = if side_by_side {
            (rest.width * tenths / 10).min(PICTURE_MAX)
        } else {
            rest.width
        };
        let picture = rest.first(left);
        let charts = rest.after(left + GUTTER);
        Self {
            header,
            picture,
            charts,
            readings: Rect::default(),
            knobs,
            help,
            log,
            invariants,
            timeline,
            side_by_side,
        }
    }
}

impl Layout {
    /// Gives what a picture of this extent leaves free to the charts and the numbers.
    pub fn fit(&mut self, (columns, rows): (u16, u16)) {
        let free = self.picture.width.saturating_sub(columns);
        self.picture.width -= free;
        self.charts.x -= free;
        self.charts.width += free;
        let below = self.picture.below(rows + 1);
        if below.height >= READINGS_BELOW {
            self.picture = self.picture.upper(rows);
            self.readings = below;
        }
    }
}

/// The charts that are seen at once, and the rows of numbers below them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartGrid {
    pub charts: Vec<Rect>,
    pub readings: Vec<Rect>,
}

impl ChartGrid {
    /// Room for at most `charts` charts and `readings` rows.
    pub fn of(area: Rect, charts: usize, readings: usize) -> Self {
        let columns: u16 = if area.width >= TWO_COLUMNS_FROM { 2 } else { 1 };
        let width = (area.width + GUTTER) / columns;
        let cell = |column: u16, y: u16, height: u16| Rect {
            x: area.x + column * width,
            y,
            width: width.saturating_sub(GUTTER),
            height,
        };
        let readings_rows = (readings.div_ceil(columns.into())) as u16;
        let chart_rows_of = |count: u16| {
            charts
                .min(usize::from(count * columns))
                .div_ceil(columns.into()) as u16
        };
        // As many rows of charts as leave a few rows of numbers; one chart at least.
        let most = chart_rows_of(u16::MAX / columns);
        let room = area
            .height
            .saturating_sub(READINGS_MIN.min(readings_rows) + 1);
        let rows = (room / (CHART_ROWS_MIN + 1)).clamp(1, most.max(1));
        let per_row = if area.height < CHART_ROWS_MIN + 1 + READINGS_MIN {
            area.height
        } else {
            let numbers = readings_rows.min(area.height / 3);
            ((area.height - numbers) / rows)
                .saturating_sub(1)
                .clamp(CHART_ROWS_MIN.min(area.height), CHART_ROWS_MAX)
        };
        let mut grid = Self {
            charts: Vec::new(),
            readings: Vec::new(),
        };
        for n in 0..charts.min(usize::from(rows * columns)) as u16 {
            let y = area.y + n / columns * (per_row + 1);
            grid.charts
                .push(cell(n % columns, y, per_row).intersection(area));
        }
        let used = chart_rows_of(rows) * (per_row + 1);
        if let Some(height) = area.height.checked_sub(used).filter(|height| *height > 0) {
            let height = height.min(readings_rows);
            for column in 0..columns {
                grid.readings
                    .push(cell(column, area.y + used, height).intersection(area));
            }
        }
        grid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_never_overlap_nor_leave_the_screen() {
        for width in [0, 1, 20, 60, 72, 80, 120, 200, 300] {
            for height in [0, 1, 5, 15, 23, 34, 59, 100] {
                let area = Rect::new(0, 0, width, height);
                let layout = Layout::of(area, 5, 4);
                let panes = [
                    layout.header,
                    layout.picture,
                    layout.charts,
                    layout.knobs,
                    layout.help,
                    layout.log,
                    layout.invariants,
                    layout.timeline,
                ];
                for (n, pane) in panes.iter().enumerate() {
                    assert!(
                        area.intersection(*pane) == *pane || pane.is_empty(),
                        "{pane:?} in {area:?}"
                    );
                    for other in &panes[n + 1..] {
                        assert!(pane.intersection(*other).is_empty(), "{pane:?} {other:?}");
                    }
                }
                let mut fitted = layout;
                if layout.side_by_side {
                    fitted.fit((layout.picture.width / 2, layout.picture.height / 3));
                }
                for pane in [fitted.picture, fitted.readings, fitted.charts] {
                    assert!(area.intersection(pane) == pane || pane.is_empty());
                }
                assert!(fitted.picture.intersection(fitted.readings).is_empty());
                assert!(fitted.readings.intersection(fitted.charts).is_empty());
                let grid = ChartGrid::of(layout.charts, 6, 12);
                for pane in grid.charts.iter().chain(&grid.readings) {
                    assert_eq!(layout.charts.intersection(*pane), *pane);
                }
            }
        }
    }

    #[test]
    fn the_body_has_the_larger_part_at_every_usual_size() {
        for (width, height) in [(60, 15), (80, 23), (120, 34), (200, 59)] {
            let layout = Layout::of(Rect::new(0, 0, width, height), 5, 4);
            assert!(layout.picture.height * 2 > height - 2, "{layout:?}");
        }
    }

    #[test]
    fn a_large_screen_shows_several_charts_at_once() {
        let seen = |width, height| {
            let layout = Layout::of(Rect::new(0, 0, width, height), 6, 4);
            ChartGrid::of(layout.charts, 7, 12).charts.len()
        };
        assert_eq!(seen(80, 23), 1);
        assert_eq!(seen(120, 34), 1);
        assert!(seen(200, 59) >= 4);
    }
}
