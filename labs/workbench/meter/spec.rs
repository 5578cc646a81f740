//! What a metric is: the line of a lab's table.

use super::Statistic;
use ddlab_text::Unit;

/// One metric of a lab. A lab declares its metrics with the macro [`metrics`](crate::metrics).
#[derive(Debug, Clone)]
pub struct MetricSpec {
    /// How scripts address it: `latency_ms`. It ends in its unit where it has one.
    pub name: &'static str,
    pub help: &'static str,
    pub kind: MetricKind,
    pub unit: Unit,
    /// Shown as a chart on the lab screen, in this order; 0 = a table row only.
    pub chart: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    Counter,
    Ratio,
    Gauge,
    Histogram,
}

impl MetricKind {
    /// The figures that such a metric has.
    pub const fn statistics(self) -> &'static [Statistic] {
        use Statistic as S;
        match self {
            Self::Counter | Self::Ratio => &[S::Value],
            Self::Gauge => &[S::Mean, S::Last, S::Min, S::Max],
            Self::Histogram => &[
                S::Count,
                S::Mean,
                S::P50,
                S::P90,
                S::P95,
                S::P99,
                S::P999,
                S::Max,
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_metrics_of_a_lab_read_alike() {
        for spec in crate::all().iter().map(|lab| lab.spec()) {
            let mut read = BTreeSet::new();
            for metric in &spec.metrics {
                let label = metric.unit.label(metric.name);
                assert!(read.insert(label), "{}: {} twice", spec.id, metric.name);
            }
        }
    }
}
