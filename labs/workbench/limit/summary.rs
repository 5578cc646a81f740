//! What a search came to, in words and columns: the same on a screen and on a line printer.

use super::{Limit, Point};
use crate::workbench::knob::KnobValue;

/// Cells of the longest bar: as many as there is room for between these.
const BAR: std::ops::RangeInclusive<usize> = 6..=30;
/// Blanks between two columns.
const GAP: usize = 2;
/// A figure beyond so many times the bound has a bar that is cut.
const BAR_MAX: f64 = 1.5;

impl Limit {
    /// Columns of the table where there is room for them.
    pub const COLUMNS: usize = 100;

    /// The limit, the knee and what was full first, a line each.
    pub fn summary(&self) -> Vec<String> {
        let load = |load: f64| self.load.human(&KnobValue::Number(load));
        let mut lines = vec![match (self.limit, self.missed) {
            (Some(limit), Some(_)) => format!("limit       {}", load(limit)),
            (Some(limit), None) => format!("limit       not reached at {}", load(limit)),
            (None, _) => format!(
                "limit       below {}: missed at every load",
                load(self.least())
            ),
        }];
        let mut seeds: Vec<f64> = self.by_seed.iter().flatten().copied().collect();
        seeds.sort_by(f64::total_cmp);
        if let [least, .., most] = seeds[..]
            && self.limit.is_some()
        {
            let [least, most] = [least, most].map(load);
            let spread = if least == most {
                ", the same with each seed".to_owned()
            } else {
                format!(", {least} to {most} over the seeds")
            };
            lines[0].push_str(&spread);
        }
        if let Some(knee) = self.knee() {
            let knee = load(knee);
            lines.push(format!(
                "knee        {knee}: from there on it grows faster than the load"
            ));
        }
        if let Some(first) = self.saturates_first() {
            let name = first.metric.name.replace('_', " ");
            let share = first.metric.unit.show(first.share);
            let at = load(first.load);
            lines.push(if first.is_full() {
                format!("first full  {name}, {share} at {at}")
            } else {
                format!("busiest     {name}, {share} at {at}: the limit is not its capacity but its bursts")
            });
        }
        lines
    }

    fn least(&self) -> f64 {
        self.curve.first().map_or(0.0, |point| point.load)
    }

    /// The curve as a table, its head first. `bar` is the sign of a full cell; bars give way
    /// where there are fewer columns than it could use.
    pub fn table(&self, bar: &str, columns: usize) -> Vec<String> {
        let name = self.objective.name();
        let unit = self.objective.metric.unit;
        let mut rows: Vec<[String; 5]> = self
            .curve
            .iter()
            .map(|point| {
                let [least, middle, most] = match point.spread() {
                    Some(spread) => spread.map(|figure| unit.show(figure)),
                    None => ["–"; 3].map(str::to_owned),
                };
                let met = point.met(&self.objective);
                [
                    self.load.human(&KnobValue::Number(point.load)),
                    middle,
                    String::new(),
                    format!("{least} to {most}"),
                    format!("{met} of {}", point.figures.len()),
                ]
            })
            .collect();
        let heads = [self.load.name, &name, "", "over the seeds", "meet it"];
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].as_str());
            cells
                .chain([heads[column]])
                .map(cells_of)
                .max()
                .unwrap_or(0)
        };
        let mut widths: [usize; 5] = std::array::from_fn(width);
        let others = widths.iter().sum::<usize>() + GAP * (widths.len() - 1);
        let longest = columns
            .saturating_sub(others)
            .clamp(*BAR.start(), *BAR.end());
        widths[2] = longest;
        for (row, point) in rows.iter_mut().zip(&self.curve) {
            row[2] = self.bar(point, bar, longest);
        }
        let line = |cells: [&str; 5]| {
            let mut line = String::new();
            for (n, (cell, width)) in cells.into_iter().zip(widths).enumerate() {
                let blank = " ".repeat(width - cells_of(cell));
                // Numbers end where numbers end.
                let cell = match n {
                    0 | 1 => format!("{blank}{cell}"),
                    _ => format!("{cell}{blank}"),
                };
                line.push_str(&cell);
                line.push_str(&" ".repeat(GAP));
            }
            line.trim_end().to_owned()
        };
        let mut lines = vec![line(heads)];
        lines.extend(
            rows.iter()
                .map(|row| line(row.each_ref().map(String::as_str))),
        );
        lines
    }

    fn bar(&self, point: &Point, bar: &str, longest: usize) -> String {
        let Some([_, figure, _]) = point.spread() else {
            return String::new();
        };
        let share = (figure / self.objective.bound).clamp(0.0, BAR_MAX) / BAR_MAX;
        bar.repeat(((share * longest as f64).round() as usize).max(1))
    }
}

/// None of these texts has a sign of two cells.
fn cells_of(text: &str) -> usize {
    text.chars().count()
}
