//! How often which latency: a histogram over a logarithmic scale, with the percentiles marked where
//! they lie.

use super::number::Quantity;
use super::pen::Pen;
use super::plot::{Frame, LegendEntry, legend, title};
use crate::tui::theme::{Role, Theme};
use ddlab_labs::workbench::frame::HistogramView;
use ddlab_text::number::percent_figure;
use ddlab_text::{grouped, tick};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Buckets of the view to a factor of two: what separates an upper edge from its lower one.
const BUCKETS_PER_OCTAVE: f64 = 8.0;
const GUTTER: u16 = 6;

pub struct Distribution<'a> {
    pub title: String,
    pub quantity: &'a Quantity,
    pub view: &'a HistogramView,
    /// Another one that stands beside it: both have one scale, so that they can be compared by eye.
    pub beside: Option<&'a HistogramView>,
    /// The series whose colour the bars have; none for the usual one.
    pub series: Option<u8>,
    pub theme: &'a Theme,
}

impl Widget for Distribution<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let theme = self.theme;
        let count = i64::try_from(self.view.count).unwrap_or(i64::MAX);
        let head = format!(
            "{} {} {} samples",
            self.title,
            theme.symbols.none,
            grouped(count)
        );
        title(&head, area, theme, buf);
        let Some(frame) = Frame::of(area, GUTTER, ["p50"]) else {
            return;
        };
        let (entries, marks) = percentiles(self.view, self.quantity, theme);
        let Some(scale) = Scale::of(self.view, self.beside, frame.plot.width) else {
            frame.axes(&[], &[], theme, buf);
            legend(&entries, frame.legend, theme, buf);
            return;
        };
        let columns = scale.columns(self.view);
        let greatest = |columns: &[f64]| columns.iter().copied().fold(0.0, f64::max);
        let total = columns.iter().sum::<f64>().max(1.0);
        let other = self.beside.map_or(0.0, |beside| {
            let columns = scale.columns(beside);
            greatest(&columns) / columns.iter().sum::<f64>().max(1.0)
        });
        let share = (greatest(&columns) / total).max(other);
        let tallest = share * total;
        let mut top = format!("{}%", percent_figure(share));
        if top.width() >= GUTTER.into() {
            // `99.20%` would touch the axis.
            top = format!("{:.0}%", share * 100.0);
        }
        let left = [(0, top), (frame.plot.height, "0".to_owned())];
        frame.axes(&left, &scale.marks(self.quantity), theme, buf);
        for (value, series) in &marks {
            if let Some(column) = scale.column(*value) {
                frame.upright(column, Role::Series(*series), theme, buf);
            }
        }
        let role = self.series.map_or(Role::Accent, Role::Series);
        bars(&columns, tallest, frame.plot, theme.style(role), theme, buf);
        names(&entries, &marks, &scale, frame.plot, theme, buf);
        legend(&entries, frame.legend, theme, buf);
    }
}

/// The legend's entries, and where they lie.
fn percentiles<'a>(
    view: &HistogramView,
    quantity: &Quantity,
    theme: &Theme,
) -> (Vec<LegendEntry<'a>>, Vec<(f64, u8)>) {
    let known = view.count > 0;
    let figures = [
        ("max", view.max, 5),
        ("p99", view.p99, 2),
        ("p95", view.p95, 1),
        ("p50", view.p50, 0),
    ];
    let entries = figures.map(|(label, value, series)| LegendEntry {
        sign: if theme.is_ascii() { ':' } else { '┊' },
        label,
        value: if known {
            quantity.figure(value)
        } else {
            theme.no_number().to_owned()
        },
        series,
    });
    let marks = if known {
        figures
            .iter()
            .skip(1)
            .map(|(_, value, series)| (*value, *series))
            .collect()
    } else {
        Vec::new()
    };
    (entries.into(), marks)
}

/// The logarithmic scale from the least to the greatest bucket.
struct Scale {
    /// Base-2 logarithms.
    from: f64,
    to: f64,
    width: u16,
}

impl Scale {
    fn of(view: &HistogramView, beside: Option<&HistogramView>, width: u16) -> Option<Self> {
        view.buckets.first()?;
        let all = || std::iter::once(view).chain(beside);
        let least = all().filter_map(|view| Some(view.buckets.first()?.0));
        let least = least.fold(f64::INFINITY, f64::min);
        let greatest = all().filter_map(|view| Some(view.buckets.last()?.0));
        let greatest = greatest.fold(0.0, f64::max);
        if least <= 0.0 || !greatest.is_finite() {
            return None;
        }
        let from = least.log2() - 1.0 / BUCKETS_PER_OCTAVE;
        // At least a factor of four: a constant is a spike and not a wall.
        let to = greatest.log2().max(from + 2.0);
        Some(Self { from, to, width })
    }

    fn place(&self, log: f64) -> f64 {
        (log - self.from) / (self.to - self.from) * f64::from(self.width)
    }

    fn column(&self, value: f64) -> Option<u16> {
        let place = self.place(value.log2());
        (place >= 0.0 && place <= f64::from(self.width)).then(|| (place as u16).min(self.width - 1))
    }

    /// Samples by column. A bucket that is wider than a column is spread over those that it covers.
    fn columns(&self, view: &HistogramView) -> Vec<f64> {
        let mut columns = vec![0.0; self.width.into()];
        for (edge, count) in &view.buckets {
            let right = self.place(edge.log2());
            let left = self.place(edge.log2() - 1.0 / BUCKETS_PER_OCTAVE);
            let width = (right - left).max(1e-9);
            let (first, last) = (left.max(0.0) as usize, right.max(0.0) as usize);
            for column in first..=last.min(columns.len() - 1) {
                let covered = right.min(column as f64 + 1.0) - left.max(column as f64);
                columns[column] += *count as f64 * (covered / width).max(0.0);
            }
        }
        columns
    }

    /// Round values: 1, 2 and 5 times the powers of ten.
    fn marks(&self, quantity: &Quantity) -> Vec<(u16, String)> {
        let first = (self.from.exp2().log10().floor()) as i32;
        let last = (self.to.exp2().log10().ceil()) as i32;
        let mut marks = Vec::new();
        for power in first..=last {
            let decade = 10f64.powi(power);
            for mantissa in [1.0, 2.0, 5.0] {
                if let Some(column) = self.column(mantissa * decade) {
                    let (value, step) =
                        (quantity.scaled(mantissa * decade), quantity.scaled(decade));
                    marks.push((column, tick(value, step)));
                }
            }
        }
        marks
    }
}

fn bars(columns: &[f64], tallest: f64, plot: Rect, style: Style, theme: &Theme, buf: &mut Buffer) {
    for (x, count) in columns
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0.0)
    {
        // What is there is seen, however rare: the tail is what this picture is for.
        let eighths = ((count / tallest * f64::from(plot.height) * 8.0).round() as u16).max(1);
        for row in 0..eighths.div_ceil(8) {
            let level = (eighths - row * 8).min(8);
            if let Some(cell) = buf.cell_mut((plot.x + x as u16, plot.bottom() - 1 - row)) {
                cell.set_symbol(theme.symbols.levels[usize::from(level)])
                    .set_style(style);
            }
        }
    }
}

/// Names of the percentiles at the top of their lines, as far as they don't cover each other.
fn names(
    entries: &[LegendEntry<'_>],
    marks: &[(f64, u8)],
    scale: &Scale,
    plot: Rect,
    theme: &Theme,
    buf: &mut Buffer,
) {
    let mut taken = plot.width;
    for (value, series) in marks {
        let Some(entry) = entries.iter().find(|entry| entry.series == *series) else {
            continue;
        };
        let width = entry.label.width() as u16;
        let Some(column) = scale
            .column(*value)
            .filter(|column| column + 1 + width <= taken)
        else {
            continue;
        };
        Pen::new(plot, buf)
            .to(column + 1)
            .put(entry.label, theme.style(Role::Series(*series)));
        taken = column;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use crate::tui::theme::{Depth, Ground};
    use crate::tui::widget::rows_of;

    fn view() -> HistogramView {
        HistogramView {
            count: 1000,
            mean: 20.0,
            p50: 8.0,
            p90: 20.0,
            p95: 64.0,
            p99: 256.0,
            p999: 300.0,
            max: 310.0,
            buckets: (0..48)
                .map(|n| (4.0 * (f64::from(n) / 8.0).exp2(), 48 - n as u64))
                .collect(),
        }
    }

    fn draw(view: &HistogramView, width: u16, height: u16, ascii: bool) -> String {
        let theme = Theme::new(Ground::Dark, Depth::None, ascii);
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        let quantity = Quantity::of("latency_ms", ddlab_text::Unit::Milliseconds);
        Distribution {
            title: quantity.title(),
            quantity: &quantity,
            view,
            beside: None,
            series: None,
            theme: &theme,
        }
        .render(area, &mut buf);
        rows_of(&buf).join("\n")
    }

    #[test]
    fn percentiles_are_named_where_they_lie_and_counted() {
        let text = draw(&view(), 70, 10, false);
        text.holds([
            "latency, ms · 1,000 samples",
            "p50      8.00",
            "p99       256",
            "10",
            "100",
        ]);
        assert!(draw(&view(), 70, 10, true).is_ascii());
    }

    #[test]
    fn spreading_over_columns_loses_no_sample() {
        let view = view();
        let total: u64 = view.buckets.iter().map(|(_, count)| count).sum();
        for width in [10, 37, 120] {
            let scale = Scale::of(&view, None, width).unwrap();
            let spread: f64 = scale.columns(&view).iter().sum();
            assert!(
                (spread - total as f64).abs() < 1e-6 * total as f64,
                "{spread} of {total}"
            );
        }
    }

    #[test]
    fn nothing_measured_yet_and_any_size_is_survived() {
        draw(&HistogramView::default(), 60, 8, false).holds(["–"]);
        for width in 0..40 {
            for height in 0..10 {
                draw(&view(), width, height, false);
            }
        }
    }
}
