//! Spans of time as counts by value, to be added up over runs: percentiles of a sum are read off the
//! sum of counts, exactly as one histogram of all the runs would give them.

use super::histogram::exact_view;
use crate::workbench::frame::HistogramView;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What a [`Histogram`](super::Histogram) holds of the time after the warm-up, right within 0.1 %.
///
/// Its text form, which parses back to the same, is `SUM MAX US:COUNT US:COUNT…`: sum and greatest
/// in nanoseconds, then values in microseconds, ascending, each with its count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Samples {
    counts: BTreeMap<u64, u64>,
    sum_ns: u128,
    max_ns: u64,
}

impl Samples {
    pub(super) fn new(counts: impl Iterator<Item = (u64, u64)>, sum_ns: u128, max_ns: u64) -> Self {
        Self {
            counts: counts.collect(),
            sum_ns,
            max_ns,
        }
    }

    pub fn count(&self) -> u64 {
        self.counts.values().sum()
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

impl fmt::Display for Samples {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.sum_ns, self.max_ns)?;
        for (us, count) in &self.counts {
            write!(out, " {us}:{count}")?;
        }
        Ok(())
    }
}

/// Why a text is no [`Samples`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{piece}` is not what samples are written with: SUM MAX US:COUNT US:COUNT…")]
pub struct SamplesError {
    piece: String,
}

impl FromStr for Samples {
    type Err = SamplesError;

    fn from_str(text: &str) -> Result<Self, SamplesError> {
        let fault = |piece: &str| SamplesError {
            piece: piece.chars().take(40).collect(),
        };
        let mut pieces = text.split_ascii_whitespace();
        let (Some(sum), Some(max)) = (pieces.next(), pieces.next()) else {
            return Err(fault(text));
        };
        let mut samples = Self {
            sum_ns: sum.parse().map_err(|_| fault(sum))?,
            max_ns: max.parse().map_err(|_| fault(max))?,
            ..Self::default()
        };
        for piece in pieces {
            let (us, count) = piece.split_once(':').ok_or_else(|| fault(piece))?;
            let us: u64 = us.parse().map_err(|_| fault(piece))?;
            let count: u64 = count.parse().map_err(|_| fault(piece))?;
            let ascends = samples
                .counts
                .keys()
                .next_back()
                .is_none_or(|last| *last < us);
            if count == 0 || !ascends {
                return Err(fault(piece));
            }
            samples.counts.insert(us, count);
        }
        Ok(samples)
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
            prop_assert_eq!(merged.to_string().parse::<Samples>(), Ok(merged));
        }
    }

    #[test]
    fn a_text_that_nobody_wrote_so_is_refused_by_the_piece_that_is_wrong() {
        for (text, piece) in [
            ("", "``"),
            ("7", "`7`"),
            ("7 x", "`x`"),
            ("7 7 3", "`3`"),
            ("7 7 3:1 2:1", "`2:1`"),
            ("7 7 3:0", "`3:0`"),
            ("7 7 3:-1", "`3:-1`"),
        ] {
            let error = text.parse::<Samples>().unwrap_err().to_string();
            assert!(error.starts_with(piece), "{text:?}: {error}");
        }
    }
}
