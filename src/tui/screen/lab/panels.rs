//! What there is to look at beside the picture: the charts of a lab, in the order of its table.

use super::versus;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::axis::Window;
use crate::tui::widget::chart::{Chart, Line};
use crate::tui::widget::distribution::Distribution;
use crate::tui::widget::number::Quantity;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::readings::present;
use ddlab_labs::workbench::frame::{Frame, MetricValue, MetricView, Statistic};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::meter::{MetricKind, MetricSpec};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Cells below which a cut sentence says nothing.
const HELP_MIN: u16 = 24;

/// One chart: a metric and how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    /// Lines over time: percentiles of a histogram, the one line of anything else.
    OverTime(&'static str),
    /// How often which value.
    Distribution(&'static str),
}

impl Panel {
    pub fn metric(self) -> &'static str {
        match self {
            Self::OverTime(metric) | Self::Distribution(metric) => metric,
        }
    }
}

/// The charts of a lab. The distribution of the first metric comes right after its percentiles, those
/// of others at the end: they say less.
pub fn panels(spec: &'static LabSpec) -> Vec<Panel> {
    let mut charted: Vec<_> = spec
        .metrics
        .iter()
        .filter(|metric| metric.chart > 0)
        .collect();
    charted.sort_by_key(|metric| metric.chart);
    let mut panels = Vec::new();
    let mut later = Vec::new();
    for (n, metric) in charted.into_iter().enumerate() {
        panels.push(Panel::OverTime(metric.name));
        if metric.kind == MetricKind::Histogram {
            let distribution = Panel::Distribution(metric.name);
            if n == 0 {
                panels.push(distribution);
            } else {
                later.push(distribution);
            }
        }
    }
    panels.extend(later);
    panels
}

/// What all charts of a screen share.
#[derive(Clone, Copy)]
pub struct Shared<'a> {
    pub frame: &'a Frame,
    pub window: Window,
    /// Moments at which something was done.
    pub marks: &'a [f64],
    pub metrics: &'a [MetricSpec],
    pub theme: &'a Theme,
}

impl Shared<'_> {
    pub fn draw(&self, panel: Panel, area: Rect, buf: &mut Buffer) {
        self.chart(panel, area, buf);
        self.help(panel, area, buf);
    }

    /// What the metric says, right of the title of its chart.
    fn help(&self, panel: Panel, area: Rect, buf: &mut Buffer) {
        let spec = self.metrics.iter().find(|spec| spec.name == panel.metric());
        let (Some(spec), Some(metric)) = (spec, self.frame.metric(panel.metric())) else {
            return;
        };
        if self.frame.other.is_some() || matches!(panel, Panel::Distribution(_)) {
            return;
        }
        let title = title(metric, &self.quantity(&[metric]));
        let mut pen = Pen::new(area, buf);
        pen.skip(title.width() as u16 + 2);
        if pen.room() >= HELP_MIN {
            let help = self.theme.clip(spec.help, pen.room());
            pen.put(&help, self.theme.style(Role::Faint));
        }
    }

    /// A metric in the unit that suits what is seen of it, on both sides of a comparison the same.
    fn quantity(&self, metrics: &[&MetricView]) -> Quantity {
        let points = metrics.iter().flat_map(|metric| &metric.series);
        let points = points.flat_map(|series| &series.points);
        let seen = points.filter(|(at, _)| (self.window.start..=self.window.end).contains(at));
        let greatest = seen.map(|(_, value)| *value).fold(0.0, f64::max);
        Quantity::of(metrics[0].name, metrics[0].unit).up_to(greatest)
    }

    fn chart(&self, panel: Panel, area: Rect, buf: &mut Buffer) {
        let Some(metric) = self.frame.metric(panel.metric()) else {
            return;
        };
        if let Some(sides) = self.frame.sides()
            && let [Some(a), Some(b)] = sides.map(|side| side.metric(panel.metric()))
        {
            self.draw_both(panel, [a, b], area, buf);
            return;
        }
        let quantity = self.quantity(&[metric]);
        match (panel, &metric.value) {
            (Panel::Distribution(_), MetricValue::Histogram(_)) => {
                // The recent past, so that what a knob has changed is seen at once.
                if let MetricValue::Histogram(view) = &metric.recent {
                    let quantity = quantity.up_to(view.max);
                    Distribution {
                        title: format!("{}, last 10 s", quantity.title()),
                        quantity: &quantity,
                        view,
                        beside: None,
                        series: None,
                        theme: self.theme,
                    }
                    .render(area, buf);
                }
            }
            _ => Chart {
                title: title(metric, &quantity),
                quantity: &quantity,
                lines: lines(metric),
                window: self.window,
                marks: self.marks,
                theme: self.theme,
            }
            .render(area, buf),
        }
    }

    /// Both sides of a comparison: lines over each other, distributions beside each other.
    fn draw_both(&self, panel: Panel, sides: [&MetricView; 2], area: Rect, buf: &mut Buffer) {
        let quantity = self.quantity(&sides);
        let views = sides.map(|metric| match (&panel, &metric.recent) {
            (Panel::Distribution(_), MetricValue::Histogram(view)) => Some(view),
            _ => None,
        });
        let [Some(a), Some(b)] = views else {
            let lines = versus::lines(sides, now);
            Chart {
                title: title(sides[0], &quantity),
                quantity: &quantity,
                lines,
                window: self.window,
                marks: self.marks,
                theme: self.theme,
            }
            .render(area, buf);
            return;
        };
        let quantity = quantity.up_to(a.max.max(b.max));
        let sides = [("A", a, b), ("B", b, a)].into_iter().zip(area.halves(1));
        for (n, ((name, view, beside), half)) in sides.enumerate() {
            Distribution {
                title: format!("{name}: {}, last 10 s", quantity.title()),
                quantity: &quantity,
                view,
                beside: Some(beside),
                series: Some(n as u8),
                theme: self.theme,
            }
            .render(half, buf);
        }
    }
}

fn title(metric: &MetricView, quantity: &Quantity) -> String {
    match metric.value {
        MetricValue::Counter(_) => quantity.title_of_rate(),
        _ => quantity.title(),
    }
}

/// Whether the mean of several points of its line says what was.
pub fn adds_up(metric: &MetricView) -> bool {
    matches!(
        metric.value,
        MetricValue::Counter(_) | MetricValue::Gauge { .. }
    )
}

/// What the legend says of a line: its present value.
fn now(metric: &MetricView, label: &str) -> Option<f64> {
    match &metric.value {
        MetricValue::Histogram(_) => metric.recent.get(match label {
            "p99" => Statistic::P99,
            "p95" => Statistic::P95,
            _ => Statistic::P50,
        }),
        MetricValue::Ratio(_) | MetricValue::Gauge { .. } => present(metric),
        MetricValue::Counter(_) => metric
            .series
            .first()
            .and_then(|line| line.points.last())
            .map(|(_, rate)| *rate),
    }
}

/// The lines of a metric, the uppermost first, with what the legend says of each.
fn lines(metric: &MetricView) -> Vec<Line<'_>> {
    metric
        .series
        .iter()
        .enumerate()
        .rev()
        .map(|(n, series)| Line {
            label: match metric.value {
                // The line is a mean of moments, and beside it stands the last of them.
                MetricValue::Gauge { .. } | MetricValue::Counter(_) => "now",
                _ => series.label,
            },
            points: &series.points,
            now: now(metric, series.label),
            series: n as u8,
            dashed: false,
            mean: adds_up(metric),
        })
        .collect()
}
