//! One metric over all seeds of a point: what all runs together come to, and how it spreads from
//! seed to seed.
//!
//! The two answer different questions. *All together* is what a user of a thousand such systems would
//! measure: a ratio of the totals, percentiles of all samples. *Over the seeds* is how much luck there
//! is in one run. The mean of percentiles is a figure of the second kind, and never passes for the first.

use super::spread::Spread;
use crate::workbench::frame::{MetricValue, Statistic};
use crate::workbench::lab::{MetricKind, MetricSpec};
use crate::workbench::meter::{Samples, Tally};

/// One metric over all seeds.
#[derive(Debug, Clone)]
pub struct MetricTotal {
    pub spec: &'static MetricSpec,
    together: Together,
    /// In the order of [`MetricKind::statistics`].
    spreads: Vec<Spread>,
}

/// What all runs come to together, where that is more than the spread of their values tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Together {
    /// Of a counter, whose total is the sum over the seeds; and of a gauge: all runs being equally
    /// long, its mean over time is the mean of their means.
    Spread,
    Ratio {
        part: u64,
        whole: u64,
    },
    Histogram(Samples),
}

impl MetricTotal {
    /// Of no run yet.
    pub fn new(spec: &'static MetricSpec) -> Self {
        let together = match spec.kind {
            MetricKind::Counter | MetricKind::Gauge => Together::Spread,
            MetricKind::Ratio => Together::Ratio { part: 0, whole: 0 },
            MetricKind::Histogram => Together::Histogram(Samples::default()),
        };
        Self {
            spec,
            together,
            spreads: vec![Spread::default(); spec.kind.statistics().len()],
        }
    }

    /// From what it was told to be; none where the parts are of another kind of metric.
    pub fn from_parts(
        spec: &'static MetricSpec,
        together: Together,
        spreads: Vec<Spread>,
    ) -> Option<Self> {
        let kind = match together {
            Together::Spread => matches!(spec.kind, MetricKind::Counter | MetricKind::Gauge),
            Together::Ratio { .. } => spec.kind == MetricKind::Ratio,
            Together::Histogram(_) => spec.kind == MetricKind::Histogram,
        };
        (kind && spreads.len() == spec.kind.statistics().len()).then_some(Self {
            spec,
            together,
            spreads,
        })
    }

    /// Takes in what one more run came to.
    pub(super) fn add(&mut self, value: &MetricValue, tally: &Tally) {
        for (statistic, spread) in self.spec.kind.statistics().iter().zip(&mut self.spreads) {
            let figure = value.get(*statistic).filter(|figure| figure.is_finite());
            if let Some(figure) = figure {
                spread.add(figure);
            }
        }
        match (&mut self.together, tally) {
            (Together::Ratio { part, whole }, Tally::Ratio { part: p, whole: w }) => {
                *part += p;
                *whole += w;
            }
            (Together::Histogram(all), Tally::Histogram(samples)) => all.merge(samples),
            _ => {}
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.spreads.iter_mut().zip(&other.spreads) {
            ours.merge(theirs);
        }
        match (&mut self.together, &other.together) {
            (Together::Ratio { part, whole }, Together::Ratio { part: p, whole: w }) => {
                *part += p;
                *whole += w;
            }
            (Together::Histogram(all), Together::Histogram(samples)) => all.merge(samples),
            _ => {}
        }
    }

    pub fn together(&self) -> &Together {
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
            Together::Ratio { part, whole } => {
                MetricValue::Ratio((*whole > 0).then(|| *part as f64 / *whole as f64))
            }
            Together::Histogram(samples) => MetricValue::Histogram(samples.view()),
            Together::Spread if self.spec.kind == MetricKind::Counter => {
                MetricValue::Counter(self.spreads[0].sum())
            }
            Together::Spread => {
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
