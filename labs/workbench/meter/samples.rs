//! Spans of time as counts by value, to be added up over runs: percentiles of a sum are read off the
//! sum of counts, exactly as one histogram of all the runs would give them.

use super::HistogramView;
use super::histogram::exact_view;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a [`Histogram`](super::Histogram) holds of the time after the warm-up, right within 0.1 %.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// The sum of all samples, in nanoseconds.
    sum_ns: u128,
    /// The greatest sample, in nanoseconds.
    max_ns: u64,
    /// Pairs of a value in microseconds and how many samples have it.
    #[serde(with = "pairs")]
    #[schemars(with = "Vec<(u64, u64)>")]
    counts: BTreeMap<u64, u64>,
}

impl Samples {
    pub(super) fn new(counts: impl Iterator<Item = (u64, u64)>, sum_ns: u128, max_ns: u64) -> Self {
        Self {
            sum_ns,
            max_ns,
            counts: counts.collect(),
        }
    }

    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    /// As [`Samples::count`] of samples that come from outside; none when there are more than a number holds.
    pub fn checked_count(&self) -> Option<u64> {
        let mut counts = self.counts.values();
        counts.try_fold(0_u64, |sum, count| sum.checked_add(*count))
    }

    pub fn merge(&mut self, other: &Self) {
        for (us, count) in &other.counts {
            *self.counts.entry(*us).or_default() += count;
        }
        self.sum_ns += other.sum_ns;
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    pub fn view(&self) -> HistogramView {
        let counts = self.counts.iter().map(|(us, count)| (*us, *count));
        exact_view(counts, self.count(), self.sum_ns, self.max_ns)
    }
}

/// A map as a list of pairs: keys of JSON objects are text.
mod pairs {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::collections::BTreeMap;

    pub fn serialize<S: Serializer>(
        counts: &BTreeMap<u64, u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(counts)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<u64, u64>, D::Error> {
        let pairs = Vec::<(u64, u64)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Histogram;
    use super::*;
    use crate::engine::SimTime;
    use proptest::prelude::*;

    fn histogram(spans: &[u64]) -> Histogram {
        let histogram = Histogram::default();
        for ns in spans {
            histogram.record(SimTime(*ns));
        }
        histogram
    }

    proptest! {
        #[test]
        fn merged_samples_are_those_of_one_histogram_of_all(
            left in prop::collection::vec(0..10_000_000_000_000u64, 0..200),
            right in prop::collection::vec(0..2_000_000_000u64, 0..200),
        ) {
            let all: Vec<u64> = left.iter().chain(&right).copied().collect();
            let mut merged = histogram(&left).samples();
            merged.merge(&histogram(&right).samples());
            let whole = histogram(&all);
            prop_assert_eq!(&merged, &whole.samples());
            prop_assert_eq!(merged.view(), whole.view());
            let text = serde_json::to_string(&merged).unwrap();
            prop_assert_eq!(serde_json::from_str::<Samples>(&text).unwrap(), merged);
        }
    }
}
