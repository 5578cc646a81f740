//! What is asked of a lab under load: a bound on one figure of one metric.

use crate::workbench::frame::Statistic;
use crate::workbench::headless::Report;
use crate::workbench::lab::LabSpec;
use crate::workbench::meter::{MetricKind, MetricSpec};
use ddlab_text::{given, suggestion};
use std::fmt;

/// A bound on a figure, such as `p99<200ms`.
#[derive(Debug, Clone, Copy)]
pub struct Objective {
    pub metric: &'static MetricSpec,
    pub statistic: Statistic,
    /// In the unit of the metric.
    pub bound: f64,
    /// The figure must be above the bound, not below it.
    pub above: bool,
}

/// Why a text is no objective.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectiveError {
    #[error(
        "`{}` is not an objective; write FIGURE<VALUE or FIGURE>VALUE, as in `p99<200ms`, \
         `{}.p95<50ms` or `completeness_ratio>99%`",
        given(.0),
        .1
    )]
    Form(String, &'static str),
    #[error("there is no metric `{}`; {suggestion}", given(.name))]
    Metric { name: String, suggestion: String },
    #[error("`{metric}` has no figure `{}`; {suggestion}", given(.name))]
    Statistic {
        metric: &'static str,
        name: String,
        suggestion: String,
    },
    #[error("`{}` is not a value of `{metric}`; write a number{unit}", given(.value))]
    Value {
        metric: &'static str,
        value: String,
        unit: String,
    },
    #[error("the lab `{0}` measures no latency; name a metric, as in `METRIC<VALUE`")]
    NoLatency(&'static str),
}

impl Objective {
    /// Reads `p99<200ms` (of the lab's own latency), `completeness_ratio>99%`, `leaf_latency_ms.p95<50ms`.
    ///
    /// # Errors
    /// Which part of it is wrong, and what would do.
    pub fn parse(text: &str, spec: &'static LabSpec) -> Result<Self, ObjectiveError> {
        let latency = latency(spec);
        let example = latency.map_or("latency_ms", |metric| metric.name);
        let at = text.find(['<', '>']);
        let Some(at) = at else {
            return Err(ObjectiveError::Form(text.to_owned(), example));
        };
        let (figure, value) = (
            text[..at].trim(),
            text[at + 1..].trim().trim_start_matches('='),
        );
        let (metric, statistic) = match figure.split_once('.') {
            Some((metric, statistic)) => (find(metric, spec)?, statistic),
            None => match spec.metrics.iter().find(|metric| metric.name == figure) {
                Some(metric) => (metric, usual(metric)),
                None if is_statistic(figure) => {
                    (latency.ok_or(ObjectiveError::NoLatency(spec.id))?, figure)
                }
                None => (find(figure, spec)?, ""),
            },
        };
        let known = metric.kind.statistics();
        let found = known.iter().find(|known| known.key() == statistic);
        let statistic = *found.ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|known| known.key()).collect();
            ObjectiveError::Statistic {
                metric: metric.name,
                name: statistic.to_owned(),
                suggestion: suggestion(statistic, &names),
            }
        })?;
        let bound = metric
            .unit
            .read(value)
            .ok_or_else(|| ObjectiveError::Value {
                metric: metric.name,
                value: value.to_owned(),
                unit: match metric.unit.symbol() {
                    "" => String::new(),
                    symbol => format!(" in {symbol}"),
                },
            })?;
        Ok(Self {
            metric,
            statistic,
            bound,
            above: text[at..].starts_with('>'),
        })
    }

    /// The 99th percentile of the lab's latency below so much. None of a lab that measures no latency.
    pub fn tail_below(spec: &'static LabSpec, bound: f64) -> Option<Self> {
        Some(Self {
            metric: latency(spec)?,
            statistic: Statistic::P99,
            bound,
            above: false,
        })
    }

    /// The figure that a run came to; none when nothing was measured.
    pub fn figure(&self, report: &Report) -> Option<f64> {
        report.metric(self.metric.name)?.get(self.statistic)
    }

    /// A figure that nobody could measure meets nothing.
    pub fn is_met(&self, figure: Option<f64>) -> bool {
        figure.is_some_and(|figure| {
            if self.above {
                figure > self.bound
            } else {
                figure < self.bound
            }
        })
    }

    /// `latency_ms p99`.
    pub fn name(&self) -> String {
        let name = format!("{} {}", self.metric.name, self.statistic.name());
        name.trim().to_owned()
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.above { "above" } else { "below" };
        let bound = self.metric.unit.show_exact(self.bound);
        write!(out, "{} {side} {bound}", self.name())
    }
}

/// The first distribution that the lab draws: how long what it does takes.
fn latency(spec: &'static LabSpec) -> Option<&'static MetricSpec> {
    let metrics = spec.metrics.iter();
    let drawn = metrics.filter(|metric| metric.kind == MetricKind::Histogram && metric.chart > 0);
    drawn.min_by_key(|metric| metric.chart)
}

fn usual(metric: &MetricSpec) -> &'static str {
    match metric.kind {
        MetricKind::Histogram => Statistic::P99.key(),
        MetricKind::Gauge => Statistic::Mean.key(),
        MetricKind::Counter | MetricKind::Ratio => Statistic::Value.key(),
    }
}

fn is_statistic(name: &str) -> bool {
    let known = MetricKind::Histogram.statistics();
    known.iter().any(|known| known.key() == name)
}

fn find(name: &str, spec: &'static LabSpec) -> Result<&'static MetricSpec, ObjectiveError> {
    let found = spec.metrics.iter().find(|metric| metric.name == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = spec.metrics.iter().map(|metric| metric.name).collect();
        ObjectiveError::Metric {
            name: name.to_owned(),
            suggestion: suggestion(name, &names),
        }
    })
}
