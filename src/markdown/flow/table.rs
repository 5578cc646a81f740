//! Tables that fit. Columns get the width that evens out their heights; when even that would squeeze
//! one below [`COLUMN_MIN`], the table becomes a list of records, `Head: value`, which reads well at any
//! width.

use super::line::{LineKind, Role, Span, Style, width};
use super::page::Page;
use super::wrap::{Gap, Piece, wrap};
use crate::markdown::block::{Align, Inline};

/// No column that needs more gets less than this.
const COLUMN_MIN: usize = 8;

type Cell = Vec<Piece>;

impl Page<'_> {
    pub(super) fn table(
        &mut self,
        align: &[Align],
        head: &[Vec<Inline>],
        rows: &[Vec<Vec<Inline>>],
    ) {
        let strong = Style {
            strong: true,
            ..Role::TableHead.into()
        };
        let head: Vec<Cell> = head.iter().map(|cell| self.pieces(cell, strong)).collect();
        let rows: Vec<Vec<Cell>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| self.pieces(cell, Style::default()))
                    .collect()
            })
            .collect();
        let available = self.columns();
        let gap = if available >= 60 { 3 } else { 2 };
        match column_widths(&head, &rows, available, gap) {
            Some(widths) => self.grid(&Grid { align, widths, gap }, &head, &rows),
            None => self.records(&head, &rows),
        }
    }

    fn grid(&mut self, grid: &Grid<'_>, head: &[Cell], rows: &[Vec<Cell>]) {
        let headed = head.iter().any(|cell| !cell.is_empty());
        if headed {
            for line in grid.lines(head) {
                self.line(line, LineKind::Table);
            }
        }
        let full: usize =
            grid.widths.iter().sum::<usize>() + grid.gap * (grid.widths.len().saturating_sub(1));
        let rule = self.options.glyphs.rule().repeat(full);
        self.line(vec![Span::new(rule, Role::Rule)], LineKind::Table);
        let rows: Vec<_> = rows.iter().map(|row| grid.lines(row)).collect();
        // Rows of several lines run into each other without air between them.
        let airy = rows.iter().any(|row| row.len() > 1);
        for (n, row) in rows.into_iter().enumerate() {
            if airy && n > 0 {
                self.line(Vec::new(), LineKind::Blank);
            }
            for line in row {
                self.line(line, LineKind::Table);
            }
        }
    }

    fn records(&mut self, head: &[Cell], rows: &[Vec<Cell>]) {
        for (n, row) in rows.iter().enumerate() {
            if n > 0 {
                self.line(Vec::new(), LineKind::Blank);
            }
            for (column, cell) in row.iter().enumerate() {
                let label = head.get(column).map_or(&[][..], Vec::as_slice);
                let indent = if column > 0 && self.columns() > 16 {
                    2
                } else {
                    0
                };
                let mut pieces = label.to_vec();
                if let Some(last) = pieces.last_mut() {
                    last.text.push(':');
                    last.width += 1;
                    last.gap = Gap::Blank;
                }
                pieces.extend(cell.iter().cloned());
                for (line, spans) in wrap(&pieces, self.columns() - indent * 2)
                    .into_iter()
                    .enumerate()
                {
                    let hang = if line > 0 { indent * 2 } else { indent };
                    let mut out = vec![Span::blanks(hang)];
                    out.extend(spans);
                    self.line(out, LineKind::Table);
                }
            }
        }
    }
}

struct Grid<'a> {
    align: &'a [Align],
    widths: Vec<usize>,
    gap: usize,
}

impl Grid<'_> {
    /// A row's lines: each cell wrapped to its column, side by side.
    fn lines(&self, cells: &[Cell]) -> Vec<Vec<Span>> {
        let cells: Vec<_> = cells
            .iter()
            .zip(&self.widths)
            .map(|(cell, columns)| wrap(cell, *columns))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        (0..height).map(|n| self.line(&cells, n)).collect()
    }

    fn line(&self, cells: &[Vec<Vec<Span>>], n: usize) -> Vec<Span> {
        let mut out: Vec<Span> = Vec::new();
        // Blanks are owed, not written, so that no line ends in them.
        let mut owed = 0;
        for (column, (cell, columns)) in cells.iter().zip(&self.widths).enumerate() {
            if column > 0 {
                owed += self.gap;
            }
            let Some(spans) = cell.get(n) else {
                owed += columns;
                continue;
            };
            let used: usize = spans.iter().map(|span| width(&span.text)).sum();
            let free = columns.saturating_sub(used);
            let before = match self.align.get(column).copied().unwrap_or_default() {
                Align::Left => 0,
                Align::Centre => free / 2,
                Align::Right => free,
            };
            if owed + before > 0 {
                out.push(Span::blanks(owed + before));
            }
            out.extend_from_slice(spans);
            owed = free - before;
        }
        out
    }
}

/// How wide each column is to be, or none when records read better.
fn column_widths(
    head: &[Cell],
    rows: &[Vec<Cell>],
    available: usize,
    gap: usize,
) -> Option<Vec<usize>> {
    let count = head.len();
    let available = available.checked_sub(gap * count.saturating_sub(1))?;
    let cells = |column: usize| {
        std::iter::once(head)
            .chain(rows.iter().map(Vec::as_slice))
            .filter_map(move |row| row.get(column))
    };
    let natural: Vec<usize> = (0..count)
        .map(|column| {
            cells(column)
                .map(|cell| one_line(cell))
                .max()
                .unwrap_or(0)
                .max(1)
        })
        .collect();
    if natural.iter().sum::<usize>() <= available {
        return Some(natural);
    }
    let least: Vec<usize> = natural.iter().map(|n| (*n).min(COLUMN_MIN)).collect();
    let wordwise: Vec<usize> = (0..count)
        .map(|column| {
            let word = cells(column)
                .map(|cell| longest_word(cell))
                .max()
                .unwrap_or(0);
            word.max(least[column])
        })
        .collect();
    let fits = |widths: &Vec<usize>| widths.iter().sum::<usize>() <= available;
    let tall = |widths: &Vec<usize>| {
        let height = |row: &[Cell]| {
            let lines = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| wrap(cell, *width).len());
            lines.max().unwrap_or(0)
        };
        height(head) + rows.iter().map(|row| height(row)).sum::<usize>()
    };
    // Narrow columns on one line look calm; but not when that makes the table a quarter taller than whole
    // words need. Then cut words; then records.
    [
        (4, keep_narrow(&natural, &wordwise, available)),
        (5, wordwise),
    ]
    .into_iter()
    .filter(|(_, widths)| fits(widths))
    .map(|(weight, widths)| (weight, spread(widths, &natural, available)))
    .min_by_key(|(weight, widths)| weight * tall(widths))
    .map(|(_, widths)| widths)
    .or_else(|| {
        Some(least)
            .filter(fits)
            .map(|widths| spread(widths, &natural, available))
    })
}

/// Gives the columns that are free, one by one, to where the cells are tallest for their width.
fn spread(mut widths: Vec<usize>, natural: &[usize], available: usize) -> Vec<usize> {
    let free = available.saturating_sub(widths.iter().sum());
    for _ in 0..free {
        let hunger = |n: &usize| natural[*n] as f64 / widths[*n] as f64;
        let hungriest = (0..widths.len())
            .filter(|n| widths[*n] < natural[*n])
            .max_by(|a, b| hunger(a).total_cmp(&hunger(b)));
        let Some(hungriest) = hungriest else { break };
        widths[hungriest] += 1;
    }
    widths
}

/// The least widths when every column that needs no more than its fair share gets all that it needs.
fn keep_narrow(natural: &[usize], wordwise: &[usize], available: usize) -> Vec<usize> {
    let mut narrow = vec![false; natural.len()];
    loop {
        let taken: usize = (0..natural.len())
            .filter(|n| narrow[*n])
            .map(|n| natural[n])
            .sum();
        let others = narrow.iter().filter(|narrow| !**narrow).count().max(1);
        let share = available.saturating_sub(taken) / others;
        let Some(next) = (0..natural.len()).find(|n| !narrow[*n] && natural[*n] <= share) else {
            let width = |n: usize| if narrow[n] { natural[n] } else { wordwise[n] };
            return (0..natural.len()).map(width).collect();
        };
        narrow[next] = true;
    }
}

/// The width of a cell that is not wrapped.
fn one_line(cell: &[Piece]) -> usize {
    let mut widest = 0;
    let mut line = 0;
    for (n, piece) in cell.iter().enumerate() {
        line += piece.width;
        widest = widest.max(line);
        match piece.gap {
            Gap::Line => line = 0,
            Gap::Blank if n + 1 < cell.len() => line += 1,
            _ => {}
        }
    }
    widest
}

fn longest_word(cell: &[Piece]) -> usize {
    let mut longest = 0;
    let mut word = 0;
    for piece in cell {
        word += piece.width;
        longest = longest.max(word);
        if piece.gap != Gap::None {
            word = 0;
        }
    }
    longest
}
