//! The knobs of a lab in columns that stand still, by group; the one in focus with its arrows.

use super::pen::Pen;
use crate::tui::theme::{Role, Theme};
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Room for a value before it needs a second column.
const VALUE_WIDTH: usize = 10;
/// Between two knobs.
const GAP: u16 = 2;
/// From this width on the groups are named.
const GROUPS_FROM: u16 = 74;

/// Where each knob stands, row by row.
#[derive(Debug, Clone)]
pub struct Grid {
    spots: Vec<Spot>,
    groups: Vec<(u16, &'static str)>,
    rows: u16,
    group_width: u16,
}

#[derive(Debug, Clone, Copy)]
struct Spot {
    row: u16,
    column: u16,
    width: u16,
}

impl Grid {
    /// Lays the knobs out on this width. Long values take two columns, so that none is cut.
    pub fn of(specs: &[KnobSpec], values: &[KnobValue], width: u16) -> Self {
        let widest = specs
            .iter()
            .map(|spec| spec.name.width())
            .max()
            .unwrap_or(0);
        let widest_group = specs
            .iter()
            .map(|spec| spec.group.width())
            .max()
            .unwrap_or(0) as u16;
        let group_width = if width >= GROUPS_FROM && widest_group > 0 {
            widest_group + 2
        } else {
            0
        };
        let room = width.saturating_sub(group_width).max(1);
        // Name, a space, the value in its arrows, the sign of a restart.
        let cell = (widest + 1 + VALUE_WIDTH + 3) as u16 + GAP;
        let columns = (room / cell).max(1);
        let cell = room / columns;
        let mut grid = Self {
            spots: Vec::with_capacity(specs.len()),
            groups: Vec::new(),
            rows: 0,
            group_width,
        };
        let (mut row, mut column) = (0, 0);
        let mut group = None;
        for (spec, value) in specs.iter().zip(values) {
            let needed = (spec.name.width() + spec.human(value).width() + 4) as u16 + GAP;
            let span = needed.div_ceil(cell.max(1)).clamp(1, columns);
            let new_group = group.is_some_and(|before| before != spec.group) && group_width > 0;
            if column + span > columns || new_group {
                row += u16::from(column > 0);
                column = 0;
            }
            if group != Some(spec.group) {
                grid.groups.push((row, spec.group));
                group = Some(spec.group);
            }
            grid.spots.push(Spot {
                row,
                column: group_width + column * cell,
                width: span * cell - GAP.min(span * cell),
            });
            column += span;
        }
        grid.rows = if specs.is_empty() { 0 } else { row + 1 };
        grid
    }

    pub fn rows(&self) -> u16 {
        self.rows
    }

    /// The first row to show so that the knob in focus is seen.
    fn top(&self, focus: usize, height: u16) -> u16 {
        let row = self.spots.get(focus).map_or(0, |spot| spot.row);
        let middle = row.saturating_sub(height / 2);
        middle.min(self.rows.saturating_sub(height))
    }

    /// The cells of a knob, if it is in view.
    fn area(&self, knob: usize, focus: usize, area: Rect) -> Option<Rect> {
        let spot = self.spots.get(knob)?;
        let row = spot.row.checked_sub(self.top(focus, area.height))?;
        (row < area.height).then_some(Rect {
            x: area.x + spot.column,
            y: area.y + row,
            width: spot.width.min(area.width.saturating_sub(spot.column)),
            height: 1,
        })
    }

    /// The knob under this place.
    pub fn hit(&self, focus: usize, area: Rect, at: Position) -> Option<usize> {
        (0..self.spots.len()).find(|knob| {
            self.area(*knob, focus, area)
                .is_some_and(|spot| spot.contains(at))
        })
    }

    /// Which of the two arrows of the knob in focus lies there: down or up.
    pub fn arrow(
        &self,
        specs: &[KnobSpec],
        values: &[KnobValue],
        focus: usize,
        area: Rect,
        at: Position,
    ) -> Option<i32> {
        let spot = self.area(focus, focus, area)?;
        let left = spot.x + specs.get(focus)?.name.width() as u16 + 1;
        let right = left + 1 + specs[focus].human(values.get(focus)?).width() as u16;
        match (at.y == spot.y, at.x) {
            (true, x) if x == left => Some(-1),
            (true, x) if x == right => Some(1),
            _ => None,
        }
    }
}

pub struct Knobs<'a> {
    pub specs: &'a [KnobSpec],
    pub values: &'a [KnobValue],
    pub grid: &'a Grid,
    pub focus: usize,
    pub theme: &'a Theme,
}

impl Widget for Knobs<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let (theme, symbols) = (self.theme, self.theme.symbols);
        let top = self.grid.top(self.focus, area.height);
        if self.grid.group_width > 0 {
            for (row, group) in &self.grid.groups {
                if let Some(row) = row.checked_sub(top) {
                    Pen::at(area, row, buf).put(group, theme.style(Role::Faint));
                }
            }
        }
        for (index, (spec, value)) in self.specs.iter().zip(self.values).enumerate() {
            let Some(spot) = self.grid.area(index, self.focus, area) else {
                continue;
            };
            let focused = index == self.focus;
            let turned = *value != spec.default;
            let (name, arrows, figure) = match (focused, turned) {
                (true, _) => (Role::Accent, Role::Accent, Role::Selection),
                (false, true) => (Role::Dim, Role::Faint, Role::Strong),
                (false, false) => (Role::Dim, Role::Faint, Role::Text),
            };
            let human = spec.human(value);
            let room = usize::from(spot.width).saturating_sub(spec.name.width() + 3);
            let mut pen = Pen::new(spot, buf);
            pen.put(spec.name, theme.style(name))
                .skip(1)
                .put(symbols.left, theme.style(arrows))
                .put(&theme.clip(&human, room), theme.style(figure))
                .put(symbols.right, theme.style(arrows));
            if spec.needs_restart {
                pen.put(restart_sign(theme), theme.style(Role::Faint));
            }
        }
    }
}

/// Beside a knob that starts the run afresh.
pub fn restart_sign(theme: &Theme) -> &'static str {
    if theme.is_ascii() { "*" } else { "↻" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use crate::tui::theme::{Depth, Ground};
    use crate::tui::widget::rows_of;
    use ddlab_labs::workbench::knob::form::{count, distribution, duration, quantity};

    fn specs() -> Vec<KnobSpec> {
        vec![
            quantity("rps", 50.0, 1.0, 5000.0).declare("arrival_rps", "load", ""),
            count(20, 1, 2000)
                .restarts()
                .declare("fan_out", "cluster", ""),
            distribution("lognormal:8ms,0.4").declare("service", "cluster", ""),
            duration("100ms", "1ms", "10s").declare("deadline", "policy", ""),
        ]
    }

    fn draw(width: u16, height: u16, focus: usize) -> Vec<String> {
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        let (specs, area) = (specs(), Rect::new(0, 0, width, height));
        let values: Vec<KnobValue> = specs.iter().map(|spec| spec.default.clone()).collect();
        let grid = Grid::of(&specs, &values, width);
        let mut buf = Buffer::empty(area);
        Knobs {
            specs: &specs,
            values: &values,
            grid: &grid,
            focus,
            theme: &theme,
        }
        .render(area, &mut buf);
        rows_of(&buf)
    }

    #[test]
    fn values_are_whole_and_read_as_people_write_them() {
        for width in [60, 80, 120, 200] {
            let text = draw(width, 6, 0).join("\n");
            text.holds([
                "arrival_rps ‹50 rps›",
                "fan_out ‹20›↻",
                "‹lognormal:8ms,0.4›",
                "‹100 ms›",
            ]);
        }
    }

    #[test]
    fn the_knob_in_focus_is_in_view_even_on_one_row() {
        let names = ["arrival_rps", "fan_out", "service", "deadline"];
        for (focus, name) in names.iter().enumerate() {
            assert!(draw(60, 1, focus)[0].contains(name));
        }
    }

    #[test]
    fn a_click_finds_the_knob_and_its_arrows() {
        let specs = specs();
        let values: Vec<KnobValue> = specs.iter().map(|spec| spec.default.clone()).collect();
        let area = Rect::new(0, 0, 60, 6);
        let grid = Grid::of(&specs, &values, 60);
        assert_eq!(grid.hit(0, area, Position::new(3, 0)), Some(0));
        assert_eq!(
            grid.arrow(&specs, &values, 0, area, Position::new(12, 0)),
            Some(-1)
        );
        assert_eq!(
            grid.arrow(&specs, &values, 0, area, Position::new(19, 0)),
            Some(1)
        );
        assert_eq!(grid.hit(0, area, Position::new(3, 5)), None);
    }

    #[test]
    fn every_size_is_survived() {
        for width in 0..90 {
            draw(width, 2, 3);
        }
        draw(80, 0, 0);
    }
}
