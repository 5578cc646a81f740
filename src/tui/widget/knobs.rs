//! Knobs in a row, as many rows as they need; the one in focus with its arrows. What is not shown is counted at
//! the end.

use super::parts::Parts;
use super::pen::Pen;
use crate::tui::theme::{Role, Theme};
use ddlab_labs::workbench::knob::{KnobKind, KnobSpec, KnobValue};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Cells for a number at least, so that its neighbours stand still while it is turned.
const VALUE_WIDTH: usize = 6;
/// Between two knobs.
const GAP: u16 = 2;

/// Where each knob stands, row by row.
#[derive(Debug, Clone)]
pub struct Grid {
    spots: Vec<Spot>,
    /// What is said of the knobs that are not shown, and where.
    rest: Option<(String, Spot)>,
    rows: u16,
}

#[derive(Debug, Clone, Copy)]
struct Spot {
    knob: usize,
    row: u16,
    column: u16,
    width: u16,
}

/// Cells for a knob, whatever it is turned to as a rule.
fn cells(spec: &KnobSpec, value: &KnobValue) -> u16 {
    let usual = match &spec.kind {
        KnobKind::Choice { options } => options.iter().map(|option| option.width()).max(),
        _ => Some(spec.human(&spec.default).width().max(VALUE_WIDTH)),
    };
    let value = spec.human(value).width().max(usual.unwrap_or(0));
    // A space, the arrows, the sign of a restart.
    (spec.name.width() + value + 4) as u16
}

impl Grid {
    /// Lays these knobs out on this width, in this order.
    pub fn of(specs: &[KnobSpec], values: &[KnobValue], shown: &[usize], width: u16) -> Self {
        let mut grid = Self {
            spots: Vec::with_capacity(shown.len()),
            rest: None,
            rows: 0,
        };
        let (mut row, mut column) = (0, 0);
        let mut place = |knob: usize, cells: u16| {
            let cells = cells.min(width);
            if column > 0 && column + cells > width {
                row += 1;
                column = 0;
            }
            let spot = Spot {
                knob,
                row,
                column,
                width: cells,
            };
            column += cells + GAP;
            spot
        };
        for knob in shown {
            if let (Some(spec), Some(value)) = (specs.get(*knob), values.get(*knob)) {
                grid.spots.push(place(*knob, cells(spec, value)));
            }
        }
        let others = specs.len() - grid.spots.len();
        if others > 0 {
            let text = format!("/ finds {others} more");
            let spot = place(specs.len(), text.width() as u16);
            grid.rest = Some((text, spot));
        }
        grid.rows = if specs.is_empty() { 0 } else { row + 1 };
        grid
    }

    pub fn rows(&self) -> u16 {
        self.rows
    }

    /// The first row to show so that the knob in focus is seen.
    fn top(&self, focus: usize, height: u16) -> u16 {
        let spot = self.spots.iter().find(|spot| spot.knob == focus);
        let row = spot.map_or(0, |spot| spot.row);
        let middle = row.saturating_sub(height / 2);
        middle.min(self.rows.saturating_sub(height))
    }

    /// The cells of a spot, if it is in view.
    fn area(&self, spot: &Spot, focus: usize, area: Rect) -> Option<Rect> {
        let row = spot.row.checked_sub(self.top(focus, area.height))?;
        let in_view = row < area.height;
        in_view.then(|| area.row(row).after(spot.column).first(spot.width))
    }

    /// The knob under this place; the number of all knobs where the others are counted.
    pub fn hit(&self, focus: usize, area: Rect, at: Position) -> Option<usize> {
        let rest = self.rest.iter().map(|(_, spot)| spot);
        let under = |spot: &&Spot| {
            self.area(spot, focus, area)
                .is_some_and(|area| area.contains(at))
        };
        self.spots
            .iter()
            .chain(rest)
            .find(under)
            .map(|spot| spot.knob)
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
        let spot = self.spots.iter().find(|spot| spot.knob == focus)?;
        let spot = self.area(spot, focus, area)?;
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
    /// The value in focus is not applied yet.
    pub preview: bool,
    pub theme: &'a Theme,
}

impl Widget for Knobs<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let (theme, symbols) = (self.theme, self.theme.symbols);
        for spot in &self.grid.spots {
            let Some(cells) = self.grid.area(spot, self.focus, area) else {
                continue;
            };
            let (spec, value) = (&self.specs[spot.knob], &self.values[spot.knob]);
            let focused = spot.knob == self.focus;
            let turned = *value != spec.default;
            let (name, arrows, figure) = match (focused, turned) {
                (true, _) => (Role::Accent, Role::Accent, Role::Selection),
                (false, true) => (Role::Dim, Role::Faint, Role::Strong),
                (false, false) => (Role::Dim, Role::Faint, Role::Text),
            };
            let human = spec.human(value);
            let room = usize::from(cells.width).saturating_sub(spec.name.width() + 3);
            let mut pen = Pen::new(cells, buf);
            pen.put(spec.name, theme.style(name))
                .skip(1)
                .put(symbols.left, theme.style(arrows))
                .put(&theme.clip(&human, room), theme.style(figure))
                .put(symbols.right, theme.style(arrows));
            if focused && self.preview {
                pen.put("?", theme.style(Role::Warning));
            } else if spec.needs_restart {
                pen.put(restart_sign(theme), theme.style(Role::Faint));
            }
        }
        if let Some((text, spot)) = &self.grid.rest
            && let Some(cells) = self.grid.area(spot, self.focus, area)
        {
            Pen::new(cells, buf).put(text, theme.style(Role::Faint));
        }
        // Rows out of view are marked at the right.
        let top = self.grid.top(self.focus, area.height);
        let [_, _, up, down] = symbols.arrows;
        let marks = [
            (top > 0, area.row(0), up),
            (top + area.height < self.grid.rows, area.last_row(), down),
        ];
        for (out_of_view, row, sign) in marks {
            if out_of_view {
                Pen::new(row.last(1), buf).put(sign, theme.style(Role::Accent));
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
        let grid = Grid::of(&specs, &values, &[0, 1, 2, 3], width);
        let mut buf = Buffer::empty(area);
        Knobs {
            specs: &specs,
            values: &values,
            grid: &grid,
            focus,
            preview: false,
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
        let grid = Grid::of(&specs, &values, &[0, 1, 2, 3], 60);
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
    fn what_is_not_shown_is_counted_and_what_is_out_of_view_is_marked() {
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        let (specs, area) = (specs(), Rect::new(0, 0, 50, 1));
        let values: Vec<KnobValue> = specs.iter().map(|spec| spec.default.clone()).collect();
        let grid = Grid::of(&specs, &values, &[3, 0], 50);
        let mut buf = Buffer::empty(area);
        let knobs = |focus| Knobs {
            specs: &specs,
            values: &values,
            grid: &grid,
            focus,
            preview: true,
            theme: &theme,
        };
        knobs(3).render(area, &mut buf);
        let first = rows_of(&buf).join("");
        first.holds(["deadline ‹100 ms›?", "arrival_rps", "↓"]);
        assert_eq!(grid.rows(), 2);
        let all = Rect::new(0, 0, 50, 2);
        let mut buf = Buffer::empty(all);
        knobs(0).render(all, &mut buf);
        rows_of(&buf)[1].holds(["/ finds 2 more"]);
        assert_eq!(grid.hit(0, all, Position::new(2, 1)), Some(specs.len()));
    }

    #[test]
    fn every_size_is_survived() {
        for width in 0..90 {
            draw(width, 2, 3);
        }
        draw(80, 0, 0);
    }
}
