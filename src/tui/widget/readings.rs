//! The other metrics: one row each, its name, how it went, and what it is now.

use super::axis::Window;
use super::number::Quantity;
use super::pen::Pen;
use crate::tui::theme::{Role, Theme};
use ddlab_labs::workbench::frame::{MetricValue, MetricView, Statistic};
use ddlab_text::Unit;
use ddlab_text::number::FIGURE_WIDTH;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Cells for the unit after a number.
const UNIT_WIDTH: usize = 3;
const SPARK_WIDTH_MAX: u16 = 40;

pub struct Readings<'a> {
    pub metrics: &'a [&'a MetricView],
    pub window: Window,
    pub theme: &'a Theme,
}

/// The one number of a metric for a row: of a counter its total, of a gauge its present value (of a share of a
/// resource that in the last second, since at one moment it is all or nothing), of anything else what the recent past
/// says, so that a turned knob shows.
pub fn present(metric: &MetricView) -> Option<f64> {
    match &metric.value {
        MetricValue::Counter(_) => metric.value.get(Statistic::Value),
        MetricValue::Gauge { last, .. } if metric.unit == Unit::Share => {
            last_second(metric).or(Some(*last))
        }
        MetricValue::Gauge { last, .. } => Some(*last),
        MetricValue::Ratio(_) => metric.recent.get(Statistic::Value),
        // Of what is rare and did not happen of late, what there was in the whole run.
        MetricValue::Histogram(_) => {
            let recent = metric.recent.get(Statistic::P99);
            recent.or_else(|| metric.value.get(Statistic::P99))
        }
    }
}

/// The mean of the line in the second before its end.
fn last_second(metric: &MetricView) -> Option<f64> {
    let points = &metric.series.last()?.points;
    let (end, _) = points.last()?;
    let second = points.iter().rev().take_while(|(at, _)| *at > end - 0.95);
    let (sum, count) = second.fold((0.0, 0.0), |(sum, count), (_, value)| {
        (sum + value, count + 1.0)
    });
    Some(sum / count)
}

pub fn name(metric: &MetricView, quantity: &Quantity) -> String {
    match metric.value {
        MetricValue::Histogram(_) => format!("{} p99", quantity.label),
        _ => quantity.label.clone(),
    }
}

/// The same, with the unit where that has no room behind the number.
fn row_name(metric: &MetricView, quantity: &Quantity) -> String {
    let name = name(metric, quantity);
    let symbol = quantity.unit.symbol();
    if symbol.width() > UNIT_WIDTH {
        return format!("{name}, {symbol}");
    }
    name
}

impl Widget for Readings<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let quantities: Vec<Quantity> = self
            .metrics
            .iter()
            .map(|m| Quantity::of(m.name, m.unit).up_to(present(m).unwrap_or(0.0)))
            .collect();
        let names: Vec<String> = self
            .metrics
            .iter()
            .zip(&quantities)
            .map(|(m, q)| row_name(m, q))
            .collect();
        let numbers = (FIGURE_WIDTH + 1 + UNIT_WIDTH) as u16;
        let widest = names.iter().map(|name| name.width()).max().unwrap_or(0) as u16;
        let label = widest.min(area.width.saturating_sub(numbers + 1));
        let spark = area
            .width
            .saturating_sub(label + numbers + 3)
            .min(SPARK_WIDTH_MAX);
        for (row, (metric, quantity)) in self.metrics.iter().zip(&quantities).enumerate() {
            let mut pen = Pen::at(area, row as u16, buf);
            let text = theme.clip(&names[row], label);
            pen.put(&text, theme.style(Role::Dim)).to(label + 1);
            if spark >= 4 {
                let line = metric
                    .series
                    .last()
                    .map_or(&[][..], |series| &series.points);
                for level in levels(line, self.window, spark) {
                    pen.put(theme.symbols.levels[level], theme.style(Role::Dim));
                }
                pen.to(label + 1 + spark + 1);
            }
            let value = present(metric);
            let figure = value.map_or_else(
                || theme.no_number().to_owned(),
                |value| quantity.figure(value),
            );
            pen.put_right(&figure, FIGURE_WIDTH, theme.style(Role::Text))
                .skip(1)
                .put_whole(quantity.unit.symbol(), theme.style(Role::Dim));
        }
    }
}

/// Lines this high leave air to the row above, so that rows stay apart.
const LEVEL_MAX: f64 = 6.0;
/// Points that are so many seconds apart at most follow each other: those of a rate are a second apart.
const STRETCH_S: f64 = 1.01;
/// The mean of each column, from nothing (0) to [`LEVEL_MAX`].
fn levels(points: &[(f64, f64)], window: Window, width: u16) -> Vec<usize> {
    let mut sums = vec![(0.0, 0u32); width.into()];
    let last = sums.len() - 1;
    let column = |at: f64| {
        let share = window.share(at)?;
        Some(((share * f64::from(width)) as usize).min(last))
    };
    let mut before = 0.0;
    for (at, value) in points {
        if let Some(end) = column(*at) {
            // A point is of the time since the one before it, unless nothing was measured in between.
            let joined = Some(before).filter(|before| at - before <= STRETCH_S);
            let first = joined
                .and_then(column)
                .map_or(end, |first| (first + 1).min(end));
            for sum in &mut sums[first..=end] {
                sum.0 += value;
                sum.1 += 1;
            }
        }
        before = *at;
    }
    let means: Vec<Option<f64>> = sums
        .into_iter()
        .map(|(sum, count)| (count > 0).then(|| sum / f64::from(count)))
        .collect();
    let greatest = means.iter().flatten().copied().fold(0.0, f64::max);
    means
        .into_iter()
        .map(|mean| match mean {
            // Nothing is a thin line; what stays the same is drawn as high as it is.
            Some(mean) if mean > 0.0 => ((mean / greatest * LEVEL_MAX).ceil() as usize).max(1),
            Some(_) => 1,
            None => 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ddlab_labs::workbench::frame::SeriesView;

    #[test]
    fn a_row_shows_how_it_went_up_to_now() {
        let window = Window {
            start: 0.0,
            end: 8.0,
        };
        let points: Vec<(f64, f64)> = (0..4).map(|n| (f64::from(n) + 0.5, f64::from(n))).collect();
        assert_eq!(levels(&points, window, 8), [1, 2, 4, 6, 0, 0, 0, 0]);
        assert_eq!(levels(&[], window, 3), [0, 0, 0]);
        let rates: Vec<(f64, f64)> = (1..=3).map(|n| (f64::from(n) - 0.01, 1.0)).collect();
        assert_eq!(
            levels(&rates, window, 16),
            [0, 6, 6, 6, 6, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        );
    }

    fn metric(name: &'static str, unit: Unit, last: f64, points: Vec<(f64, f64)>) -> MetricView {
        let (mean, min, max) = (last, last, last);
        let value = MetricValue::Gauge {
            last,
            mean,
            min,
            max,
        };
        let label = "mean";
        MetricView {
            name,
            unit,
            recent: value.clone(),
            value,
            series: vec![SeriesView { label, points }],
        }
    }

    #[test]
    fn a_share_of_a_resource_is_that_of_the_last_second_and_a_long_unit_stands_in_the_name() {
        let points = (0..40)
            .map(|n| (f64::from(n) * 0.1, f64::from(n % 2)))
            .collect();
        let busy = metric("utilization", Unit::Share, 1.0, points);
        assert_eq!(present(&busy), Some(0.5));
        let price = metric(
            "overhead_usd_month",
            Unit::DollarsPerMonth,
            190.0,
            Vec::new(),
        );
        let quantity = Quantity::of(price.name, price.unit);
        assert_eq!(row_name(&price, &quantity), "overhead, USD/month");
    }

    #[test]
    fn what_does_not_change_is_as_high_as_its_value_and_nothing_is_a_thin_line() {
        let window = Window {
            start: 0.0,
            end: 3.0,
        };
        for (constant, level) in [(0.0, 1), (1.0, 6), (2801.0, 6)] {
            let points = [(0.5, constant), (1.5, constant * 0.995), (2.5, constant)];
            assert_eq!(levels(&points, window, 3), [level; 3], "{constant}");
        }
    }
}
