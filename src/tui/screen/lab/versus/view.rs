//! Two runs side by side: what sets them apart, their numbers with the ratio, what must hold on both.

use crate::tui::screen::lab::panels::adds_up;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::chart::{Line, sign};
use crate::tui::widget::number::Quantity;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::readings::{name, present};
use ddlab_labs::workbench::compare::ratio;
use ddlab_labs::workbench::frame::{Frame, MetricView, Side};
use ddlab_labs::workbench::knob::KnobSpec;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_text::number::FIGURE_WIDTH;
use ddlab_text::{clock, figure};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// The series whose colour and sign a side has on every chart.
pub fn series(side: Side) -> u8 {
    match side {
        Side::A => 0,
        Side::B => 1,
    }
}

fn letter(side: Side) -> &'static str {
    match side {
        Side::A => "A",
        Side::B => "B",
    }
}

/// What sets the two apart: each side with its line and its values, the one that is looked at marked.
pub fn legend(frame: &Frame, knobs: &[KnobSpec], theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(sides) = frame.sides() else {
        return;
    };
    let [a, b] = sides;
    let apart: Vec<usize> = (0..knobs.len())
        .filter(|n| a.knobs.get(*n) != b.knobs.get(*n))
        .collect();
    for (side, spot) in sides.into_iter().zip(area.halves(2)) {
        let values = apart.iter().filter_map(|knob| {
            let (spec, value) = (&knobs[*knob], side.knobs.get(*knob)?);
            Some(format!("{} {}", spec.name, spec.human(value)))
        });
        let values: Vec<String> = values.collect();
        let text = if values.is_empty() {
            "the same knobs".to_owned()
        } else {
            values.join(", ")
        };
        let looked_at = side.side == frame.side;
        let own = theme.style(Role::Series(series(side.side)));
        let mut pen = Pen::new(spot, buf);
        pen.put(
            if looked_at { theme.symbols.next } else { " " },
            theme.style(Role::Accent),
        )
        .skip(1)
        .put(&sign(series(side.side), theme).to_string(), own)
        .skip(1)
        .put(letter(side.side), own)
        .skip(2);
        let room = usize::from(pen.room());
        let role = if looked_at { Role::Strong } else { Role::Text };
        pen.put(&theme.clip(&text, room), theme.style(role));
    }
}

/// Above the picture of a side.
pub fn side_title(side: &Frame, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let own = theme.style(Role::Series(series(side.side)));
    Pen::new(row, buf).put(letter(side.side), own);
}

/// What the difference buys and what it costs: the metrics that the lab charts first and second, on both sides.
pub fn price(frame: &Frame, spec: &LabSpec, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(sides) = frame.sides() else {
        return;
    };
    let mut charted: Vec<_> = spec
        .metrics
        .iter()
        .filter(|metric| metric.chart > 0)
        .collect();
    charted.sort_by_key(|metric| metric.chart);
    let priced = charted.into_iter().take(2).filter_map(|metric| {
        let [a, b] = sides.map(|side| side.metric(metric.name));
        Some([a?, b?])
    });
    let priced: Vec<[&MetricView; 2]> = priced.collect();
    let mut pen = Pen::new(area, buf);
    pen.skip(2);
    // Closer where it would not fit: the price belongs to what it buys.
    let whole = |blanks| {
        let metrics = priced
            .iter()
            .map(|sides| priced_parts(*sides, blanks, theme));
        let between = (priced.len().saturating_sub(1)) * (blanks + 1);
        metrics.map(|parts| cells(&parts)).sum::<usize>() + between
    };
    let blanks = if whole(2) <= usize::from(pen.room()) {
        2
    } else {
        1
    };
    for (nth, sides) in priced.iter().enumerate() {
        let parts = priced_parts(*sides, blanks, theme);
        let before = if nth == 0 { 0 } else { blanks + 1 };
        if before + cells(&parts) > usize::from(pen.room()) {
            break;
        }
        pen.skip(before as u16);
        for (text, style) in parts {
            pen.put(&text, style);
        }
    }
}

/// `latency p99  A 312 ms  B 62.4 ms  0.200×`
fn priced_parts([a, b]: [&MetricView; 2], blanks: usize, theme: &Theme) -> Vec<(String, Style)> {
    let quantity = Quantity::of(a.name, a.unit);
    let gap = " ".repeat(blanks);
    let values = [present(a), present(b)];
    let mut parts = vec![(name(a, &quantity), theme.style(Role::Dim))];
    for (side, value) in [Side::A, Side::B].into_iter().zip(values) {
        let shown = value.map_or_else(
            || theme.no_number().to_owned(),
            |value| quantity.unit.show(value),
        );
        let own = theme.style(Role::Series(series(side)));
        parts.push((format!("{gap}{} {shown}", letter(side)), own));
    }
    if let Some(ratio) = ratio(values[0], values[1]) {
        let text = format!("{gap}{}", times(Some(ratio), theme));
        parts.push((text, theme.style(Role::Strong)));
    }
    parts
}

fn cells(parts: &[(String, Style)]) -> usize {
    parts.iter().map(|(text, _)| text.width()).sum()
}

/// The lines of one metric on both sides: of a histogram the 99th percentile and the median.
pub fn lines(
    sides: [&MetricView; 2],
    now: impl Fn(&MetricView, &str) -> Option<f64>,
) -> Vec<Line<'_>> {
    const SHOWN: [(&str, [&str; 2]); 2] =
        [("p99", ["A p99", "B p99"]), ("p50", ["A p50", "B p50"])];
    let percentiles = sides[0].series.len() > 1;
    let mut lines = Vec::new();
    let shown: &[(&str, [&str; 2])] = if percentiles {
        &SHOWN
    } else {
        &[("", ["A", "B"])]
    };
    for (wanted, labels) in shown {
        for (n, metric) in sides.into_iter().enumerate() {
            let found = metric
                .series
                .iter()
                .find(|line| wanted.is_empty() || line.label == *wanted);
            if let Some(line) = found {
                lines.push(Line {
                    label: labels[n],
                    points: &line.points,
                    now: now(metric, line.label),
                    series: n as u8,
                    dashed: n == 1,
                    mean: adds_up(metric),
                });
            }
        }
    }
    lines
}

/// The metrics that no chart shows: both sides, and B as a multiple of A.
pub struct Pairs<'a> {
    /// Of side A and of side B.
    pub metrics: &'a [[&'a MetricView; 2]],
    pub theme: &'a Theme,
}

/// Cells for `12.3x`.
const TIMES_WIDTH: usize = 7;

impl Widget for Pairs<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let numbers = (2 * (FIGURE_WIDTH + 1) + TIMES_WIDTH + 1) as u16;
        let label = area.width.saturating_sub(numbers + 1).min(30);
        let mut head = Pen::new(area, buf);
        head.to(label + 1);
        for side in [Side::A, Side::B] {
            head.put_right(
                letter(side),
                FIGURE_WIDTH,
                theme.style(Role::Series(series(side))),
            )
            .skip(1);
        }
        head.put_right("B / A", TIMES_WIDTH, theme.style(Role::Dim));
        for (row, [a, b]) in (1..).zip(self.metrics) {
            let values = [present(a), present(b)];
            let greatest = values.iter().flatten().copied().fold(0.0, f64::max);
            let quantity = Quantity::of(a.name, a.unit).up_to(greatest);
            let mut text = name(a, &quantity);
            if !quantity.unit.symbol().is_empty() {
                text = format!("{text}, {}", quantity.unit.symbol());
            }
            let mut pen = Pen::at(area, row, buf);
            pen.put(&theme.clip(&text, label), theme.style(Role::Dim))
                .to(label + 1);
            for (n, value) in values.into_iter().enumerate() {
                let figure = value.map_or_else(|| "–".to_owned(), |value| quantity.figure(value));
                let figure = if theme.is_ascii() {
                    figure.replace('–', "-")
                } else {
                    figure
                };
                pen.put_right(&figure, FIGURE_WIDTH, theme.style(Role::Series(n as u8)))
                    .skip(1);
            }
            let times = times(ratio(values[0], values[1]), theme);
            pen.put_right(&times, TIMES_WIDTH, theme.style(Role::Strong));
        }
    }
}

/// `0.27x`, `12.3x`; a dash where there is no ratio.
fn times(ratio: Option<f64>, theme: &Theme) -> String {
    match ratio {
        None if theme.is_ascii() => "-".to_owned(),
        None => "–".to_owned(),
        Some(ratio) if ratio >= 9_999.5 => format!(">9999{}", theme.symbols.times),
        Some(ratio) => format!("{}{}", figure(ratio), theme.symbols.times),
    }
}

/// What must hold on each side, on one row.
pub fn invariants_of_both(sides: [&Frame; 2], theme: &Theme, area: Rect, buf: &mut Buffer) {
    let symbols = theme.symbols;
    for (n, (side, spot)) in sides.into_iter().zip(area.halves(2)).enumerate() {
        let broken = side.invariants.iter().find(|invariant| !invariant.held);
        let (sign, role, text) = if let Some(broken) = broken {
            let at = broken.first_broken_at.map(clock).unwrap_or_default();
            let text = format!("broken at {at}: {} ({})", broken.name, broken.detail);
            (symbols.cross, Role::Danger, text)
        } else {
            let text = format!("all {} invariants hold", side.invariants.len());
            (symbols.tick, Role::Good, text)
        };
        let mut pen = Pen::new(spot, buf);
        pen.put(letter(side.side), theme.style(Role::Series(n as u8)))
            .skip(1)
            .put(sign, theme.style(role))
            .skip(1);
        let room = usize::from(pen.room());
        let said = if role == Role::Danger {
            Role::Danger
        } else {
            Role::Dim
        };
        pen.put(&theme.clip(&text, room), theme.style(said));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Ground};

    #[test]
    fn ratios_keep_their_column() {
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        let of = |ratio| times(ratio, &theme);
        assert_eq!(of(Some(1.0)), "1.00×");
        assert_eq!(of(Some(12.34)), "12.3×");
        assert_eq!(of(Some(1234.0)), "1,234×");
        assert_eq!(of(None), "–");
        for ratio in [0.0, 0.01, 9.999, 99.99, 9_999.4, 1e12] {
            assert!(of(Some(ratio)).width() <= TIMES_WIDTH, "{ratio}");
        }
    }
}
