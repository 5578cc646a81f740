//! What there is to look at beside the picture: the charts of a lab, in the order of its table.

use crate::tui::theme::Theme;
use crate::tui::widget::axis::Window;
use crate::tui::widget::chart::{Chart, Line};
use crate::tui::widget::distribution::Distribution;
use crate::tui::widget::number::Quantity;
use ddlab_labs::workbench::frame::{Frame, MetricValue, MetricView, Statistic};
use ddlab_labs::workbench::lab::{LabSpec, MetricKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

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
    pub theme: &'a Theme,
}

impl Shared<'_> {
    pub fn draw(&self, panel: Panel, area: Rect, buf: &mut Buffer) {
        let Some(metric) = self.frame.metric(panel.metric()) else {
            return;
        };
        let quantity = Quantity::of(metric.name);
        match (panel, &metric.value) {
            (Panel::Distribution(_), MetricValue::Histogram(_)) => {
                // The recent past, so that what a knob has changed is seen at once.
                if let MetricValue::Histogram(view) = &metric.recent {
                    Distribution {
                        title: format!("{}, last 10 s", quantity.title()),
                        quantity: &quantity,
                        view,
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
}

fn title(metric: &MetricView, quantity: &Quantity) -> String {
    match metric.value {
        MetricValue::Counter(_) => format!("{}, per second", quantity.label),
        _ => quantity.title(),
    }
}

/// The lines of a metric, the uppermost first, with what the legend says of each.
fn lines(metric: &MetricView) -> Vec<Line<'_>> {
    let now = |label: &str| match &metric.value {
        MetricValue::Histogram(_) => metric.recent.get(match label {
            "p99" => Statistic::P99,
            "p95" => Statistic::P95,
            _ => Statistic::P50,
        }),
        MetricValue::Ratio(_) => metric.recent.get(Statistic::Value),
        MetricValue::Gauge { last, .. } => Some(*last),
        MetricValue::Counter(_) => metric
            .series
            .first()
            .and_then(|line| line.points.last())
            .map(|(_, rate)| *rate),
    };
    metric
        .series
        .iter()
        .enumerate()
        .rev()
        .map(|(n, series)| Line {
            label: series.label,
            points: &series.points,
            now: now(series.label),
            series: n as u8,
        })
        .collect()
}
