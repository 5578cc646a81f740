//! One metric over all seeds of a point: what all runs together come to, and how it spreads from
//! seed to seed.
//!
//! The two answer different questions. *All together* is what a user of a thousand such systems would
//! measure: a ratio of the totals, percentiles of all samples. *Over the seeds* is how much luck there
//! is in one run. The mean of percentiles is a figure of the second kind, and never passes for the first.

use super::spread::Spread;
use crate::workbench::frame::{MetricValue, Statistic};
use crate::workbench::json::Figures;
use crate::workbench::meter::{MetricKind, MetricSpec};
use crate::workbench::meter::{Samples, Tally};

/// One metric over all seeds.
#[derive(Debug, Clone)]
pub struct MetricTotal {
    pub spec: &'static MetricSpec,
    /// The tallies of all runs together. Of a counter and a gauge the spreads say all: its total is the
    /// sum over the seeds, and all runs being equally long, its mean over time is the mean of their means.
    together: Tally,
    /// In the order of [`MetricKind::statistics`].
    spreads: Vec<Spread>,
}

impl MetricTotal {
    /// Of no run yet.
    pub fn new(spec: &'static MetricSpec) -> Self {
        let together = match spec.kind {
            MetricKind::Counter | MetricKind::Gauge => Tally::Value,
            MetricKind::Ratio => Tally::Ratio { part: 0, whole: 0 },
            MetricKind::Histogram => Tally::Histogram(Samples::default()),
        };
        Self {
            spec,
            together,
            spreads: vec![Spread::default(); spec.kind.statistics().len()],
        }
    }

    /// Takes in what the next run came to.
    pub(super) fn add(&mut self, figures: &Figures, tally: Option<&Tally>) {
        for (statistic, spread) in self.spec.kind.statistics().iter().zip(&mut self.spreads) {
            if let Some(figure) = figures.get(*statistic) {
                spread.add(figure);
            }
        }
        match (&mut self.together, tally) {
            (Tally::Ratio { part, whole }, Some(Tally::Ratio { part: p, whole: w })) => {
                *part += p;
                *whole += w;
            }
            (Tally::Histogram(all), Some(Tally::Histogram(samples))) => all.merge(samples),
            _ => {}
        }
    }

    pub fn together(&self) -> &Tally {
        &self.together
    }

    /// Each figure with its spread over the seeds.
    pub fn spreads(&self) -> impl Iterator<Item = (Statistic, &Spread)> {
        let statistics = self.spec.kind.statistics().iter().copied();
        statistics.zip(&self.spreads)
    }

    /// How a figure spreads over the seeds; none where the metric has no such figure.
    pub fn spread(&self, statistic: Statistic) -> Option<&Spread> {
        let mut spreads = self.spreads();
        spreads
            .find(|(of, _)| *of == statistic)
            .map(|(_, spread)| spread)
    }

    /// What all runs come to together: of a counter the total, of a ratio that of the totals, of a gauge
    /// its mean over all time and its extremes, of a histogram the figures of all samples.
    pub fn all(&self) -> MetricValue {
        match &self.together {
            Tally::Ratio { part, whole } => {
                MetricValue::Ratio((*whole > 0).then(|| *part as f64 / *whole as f64))
            }
            Tally::Histogram(samples) => MetricValue::Histogram(samples.view()),
            Tally::Value if self.spec.kind == MetricKind::Counter => {
                MetricValue::Counter(self.spreads[0].sum())
            }
            Tally::Value => {
                let of = |statistic, read: fn(&Spread) -> Option<f64>| {
                    self.spread(statistic).and_then(read).unwrap_or(0.0)
                };
                MetricValue::Gauge {
                    last: of(Statistic::Last, Spread::mean),
                    mean: of(Statistic::Mean, Spread::mean),
                    min: of(Statistic::Min, Spread::min),
                    max: of(Statistic::Max, Spread::max),
                }
            }
        }
    }
}
