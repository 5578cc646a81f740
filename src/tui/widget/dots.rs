//! A drawing of small dots, eight to a cell, in Braille; one sign to a cell where that cannot be shown.

use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Signs of the series where there is no Braille: without dots and perhaps without colour they must
/// be told apart by shape.
const SIGNS: [char; 6] = ['.', '+', '*', 'o', 'x', '-'];

/// The bits of a Braille cell, by row and column of its dots.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

pub struct Dots {
    /// In cells.
    width: usize,
    height: usize,
    braille: bool,
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    bits: u8,
    series: u8,
}

impl Dots {
    pub fn new(area: Rect, theme: &Theme) -> Self {
        let (width, height) = (usize::from(area.width), usize::from(area.height));
        Self {
            width,
            height,
            braille: theme.symbols.braille,
            cells: vec![Cell::default(); width * height],
        }
    }

    /// A line through these places in order; x and y run from 0 to 1, y upwards. What lies outside is
    /// held at the edge.
    pub fn line(&mut self, places: impl IntoIterator<Item = (f64, f64)>, series: u8) {
        self.stroke_through(places, series, false);
    }

    /// The same with gaps, to be told from another line where there is no colour.
    pub fn dashes(&mut self, places: impl IntoIterator<Item = (f64, f64)>, series: u8) {
        self.stroke_through(places, series, true);
    }

    fn stroke_through(
        &mut self,
        places: impl IntoIterator<Item = (f64, f64)>,
        series: u8,
        dashed: bool,
    ) {
        let mut before: Option<(i32, i32)> = None;
        for place in places {
            let Some(here) = self.dot(place) else {
                continue;
            };
            self.stroke(before.unwrap_or(here), here, series, dashed);
            before = Some(here);
        }
    }

    /// What is drawn, over what the buffer holds.
    pub fn render(&self, area: Rect, theme: &Theme, buf: &mut Buffer) {
        for (index, cell) in self
            .cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| cell.bits != 0)
        {
            let (x, y) = (index % self.width, index / self.width);
            let at = (area.x + x as u16, area.y + y as u16);
            let sign = if self.braille {
                char::from_u32(0x2800 + u32::from(cell.bits)).unwrap_or(' ')
            } else {
                SIGNS[usize::from(cell.series) % SIGNS.len()]
            };
            if let Some(target) = buf.cell_mut(at) {
                target
                    .set_char(sign)
                    .set_style(theme.style(Role::Series(cell.series)));
            }
        }
    }

    /// How a line is told from others beside its name.
    pub fn sign(series: u8, theme: &Theme) -> char {
        if theme.symbols.braille {
            '⠒'
        } else {
            SIGNS[usize::from(series) % SIGNS.len()]
        }
    }

    fn dots_per_cell(&self) -> (usize, usize) {
        if self.braille { (2, 4) } else { (1, 1) }
    }

    fn dot(&self, (x, y): (f64, f64)) -> Option<(i32, i32)> {
        let (per_x, per_y) = self.dots_per_cell();
        let (columns, rows) = (self.width * per_x, self.height * per_y);
        if columns == 0 || rows == 0 || !x.is_finite() || !y.is_finite() {
            return None;
        }
        let column = (x.clamp(0.0, 1.0) * (columns - 1) as f64).round() as i32;
        let row = ((1.0 - y.clamp(0.0, 1.0)) * (rows - 1) as f64).round() as i32;
        Some((column, row))
    }

    /// Bresenham's line.
    fn stroke(&mut self, from: (i32, i32), to: (i32, i32), series: u8, dashed: bool) {
        let (dx, dy) = ((to.0 - from.0).abs(), -(to.1 - from.1).abs());
        let (step_x, step_y) = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
        let (mut x, mut y) = from;
        let mut error = dx + dy;
        loop {
            // Two columns of dots on, two off; signs of ASCII differ by themselves.
            if !dashed || !self.braille || x & 2 == 0 {
                self.set(x as usize, y as usize, series);
            }
            if (x, y) == to {
                return;
            }
            let doubled = 2 * error;
            if doubled >= dy {
                error += dy;
                x += step_x;
            }
            if doubled <= dx {
                error += dx;
                y += step_y;
            }
        }
    }

    fn set(&mut self, x: usize, y: usize, series: u8) {
        let (per_x, per_y) = self.dots_per_cell();
        let bit = if self.braille {
            BITS[y % per_y][x % per_x]
        } else {
            1
        };
        if let Some(cell) = self.cells.get_mut(y / per_y * self.width + x / per_x) {
            // Where two lines share a cell their dots can't: the later line is in front.
            cell.bits |= bit;
            cell.series = series;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Ground};

    fn draw(ascii: bool, places: &[(f64, f64)]) -> Vec<String> {
        let theme = Theme::new(Ground::Dark, Depth::True, ascii);
        let area = Rect::new(0, 0, 4, 2);
        let mut buf = Buffer::empty(area);
        let mut dots = Dots::new(area, &theme);
        dots.line(places.iter().copied(), 0);
        dots.render(area, &theme, &mut buf);
        let cells: Vec<&str> = buf
            .content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        cells.chunks(4).map(<[&str]>::concat).collect()
    }

    #[test]
    fn a_line_runs_from_corner_to_corner() {
        assert_eq!(draw(false, &[(0.0, 0.0), (1.0, 1.0)]), ["  ⡠⠊", "⡠⠊  "]);
        assert_eq!(draw(true, &[(0.0, 0.0), (1.0, 0.0)]), ["    ", "...."]);
    }

    #[test]
    fn what_is_no_number_is_left_out_and_what_is_too_great_stays_inside() {
        assert_eq!(
            draw(true, &[(0.0, 9.0), (f64::NAN, 0.5), (1.0, 9.0)]),
            ["....", "    "]
        );
        let theme = Theme::new(Ground::Dark, Depth::True, false);
        let mut none = Dots::new(Rect::ZERO, &theme);
        none.line([(0.0, 0.0), (1.0, 1.0)], 0);
    }
}
