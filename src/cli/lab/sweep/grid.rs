//! Cells that align, folded where the terminal is narrower than they are; and the numbers in them.

use eyre::Result;
use std::io::{self, IsTerminal, Write};

/// Rows of cells, the first of them the head. The first `keys` columns say what a row is.
#[derive(Debug)]
pub(super) struct Grid {
    pub rows: Vec<Vec<String>>,
    pub keys: usize,
    /// Columns from here on are set to the right.
    pub right_from: usize,
}

/// The width of the terminal; none in a pipe, where a line may be as long as it is.
pub(super) fn room() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (columns, _) = crossterm::terminal::size().ok()?;
    // A terminal that does not know its size says 0.
    (columns > 0).then_some(usize::from(columns))
}

impl Grid {
    /// Prints it. What is too wide is folded between columns: the rest comes below, after the keys again.
    pub fn print(&self, out: &mut impl Write, room: Option<usize>) -> Result<()> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        let keys: usize = widths[..self.keys.min(columns)]
            .iter()
            .map(|width| width + 2)
            .sum();
        let mut from = self.keys;
        loop {
            let mut to = from;
            let mut taken = keys;
            while to < columns
                && (to == from || room.is_none_or(|room| taken + widths[to] + 2 <= room))
            {
                taken += widths[to] + 2;
                to += 1;
            }
            for row in &self.rows {
                writeln!(out, "{}", self.line(row, &widths, from..to))?;
            }
            if to >= columns {
                return Ok(());
            }
            writeln!(out)?;
            from = to;
        }
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }

    fn line(&self, row: &[String], widths: &[usize], figures: std::ops::Range<usize>) -> String {
        let mut line = String::new();
        for column in (0..self.keys).chain(figures) {
            let (Some(cell), Some(width)) = (row.get(column), widths.get(column)) else {
                continue;
            };
            let pad = " ".repeat(width - cell.chars().count());
            let (before, after) = if column < self.right_from {
                ("", &*pad)
            } else {
                (&*pad, "")
            };
            line += "  ";
            line += before;
            line += cell;
            line += after;
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// A number with so many digits that count; a zero without any, and whole numbers whole.
pub(super) fn digits(value: f64, count: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if magnitude < -5 {
        return format!("{value:.1e}");
    }
    let decimals = (count - 1 - magnitude).max(0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        Grid {
            rows: vec![
                row(["policy", "runs", "latency", "ratio"]),
                row(["tied", "20", "30.5", "4 %"]),
            ],
            keys: 2,
            right_from: 1,
        }
    }

    fn printed(room: Option<usize>) -> String {
        let mut out = Vec::new();
        grid().print(&mut out, room).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn in_a_pipe_a_row_is_one_line() {
        assert_eq!(
            printed(None),
            "  policy  runs  latency  ratio\n  tied      20     30.5    4 %\n"
        );
        assert_eq!(printed(Some(30)), printed(None));
    }

    #[test]
    fn a_narrow_terminal_has_the_rest_below_with_the_keys_again() {
        assert_eq!(
            printed(Some(24)),
            "  policy  runs  latency\n  tied      20     30.5\n\n  policy  runs  ratio\n  tied      20    4 %\n"
        );
        assert_eq!(
            printed(Some(1)),
            printed(Some(24)),
            "a column a time at least"
        );
    }

    #[test]
    fn numbers_have_the_digits_that_count() {
        for (value, text) in [
            (0.0, "0"),
            (24_135.4, "24135"),
            (41.234, "41.2"),
            (1.0, "1.00"),
            (0.026_81, "0.0268"),
            (-0.5, "-0.500"),
            (1.2e-9, "1.2e-9"),
        ] {
            assert_eq!(digits(value, 3), text);
        }
        assert_eq!(digits(0.000_412, 2), "0.00041");
    }
}
