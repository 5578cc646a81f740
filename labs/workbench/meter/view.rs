//! What is seen of a metric: its present value, its history, and the figures of it.

use ddlab_text::Unit;

/// One metric of the lab as it stands: its present value and its history.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricView {
    pub name: &'static str,
    pub unit: Unit,
    /// Over all the time after the warm-up.
    pub value: MetricValue,
    /// Over the last ten seconds of virtual time: what a knob that was just turned has changed. The `last` of a gauge
    /// is of the window's end.
    pub recent: MetricValue,
    /// One point a window, oldest first, at falling resolution: for a histogram p50, p95, p99 of the
    /// window, for anything else one line.
    pub series: Vec<SeriesView>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum MetricValue {
    Counter(f64),
    /// A ratio of totals; none before there is anything to divide by.
    Ratio(Option<f64>),
    Gauge {
        last: f64,
        mean: f64,
        min: f64,
        max: f64,
    },
    Histogram(HistogramView),
}

/// Percentiles come from the histogram; `buckets` are for the picture of the distribution.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistogramView {
    pub count: u64,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
    /// (upper edge, count) on a logarithmic scale, empty ones left out.
    pub buckets: Vec<(f64, u64)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SeriesView {
    /// `p99`, `hedges`; the legend.
    pub label: &'static str,
    /// (virtual seconds, value); a gap where a window had no sample.
    pub points: Vec<(f64, f64)>,
}

/// One figure of a metric: what a readout shows and a script compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// A counter's total, a ratio, a gauge's mean, a histogram's mean.
    Value,
    Last,
    Mean,
    Count,
    P50,
    P90,
    P95,
    P99,
    P999,
    Min,
    Max,
}

impl Statistic {
    /// As scripts and files call it, and the JSON of a run: `p999`, and `value` of the one figure that a
    /// total or a ratio has.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::P999 => "p999",
            other => other.name(),
        }
    }

    /// As a table heads it for the eye; empty of the one figure that a total or a ratio has.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value => "",
            Self::Last => "last",
            Self::Mean => "mean",
            Self::Count => "count",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P999 => "p99.9",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

impl MetricValue {
    /// The figure, where this kind of metric has it and has seen anything.
    pub fn get(&self, statistic: Statistic) -> Option<f64> {
        use Statistic as S;
        match (self, statistic) {
            (Self::Counter(total), S::Value | S::Count) => Some(*total),
            (Self::Ratio(ratio), S::Value) => *ratio,
            (Self::Gauge { mean, .. }, S::Value | S::Mean) => Some(*mean),
            (Self::Gauge { last, .. }, S::Last) => Some(*last),
            (Self::Gauge { min, .. }, S::Min) => Some(*min),
            (Self::Gauge { max, .. }, S::Max) => Some(*max),
            (Self::Histogram(view), S::Count) => Some(view.count as f64),
            (Self::Histogram(view), _) if view.count > 0 => match statistic {
                S::Value | S::Mean => Some(view.mean),
                S::P50 => Some(view.p50),
                S::P90 => Some(view.p90),
                S::P95 => Some(view.p95),
                S::P99 => Some(view.p99),
                S::P999 => Some(view.p999),
                S::Max => Some(view.max),
                S::Count | S::Last | S::Min => None,
            },
            _ => None,
        }
    }
}
