//! A closed window of a histogram: few pairs instead of a mostly empty array, with its percentiles
//! worked out once.

use super::history::Merge;
use std::cmp::Ordering;

/// The quantiles that make a histogram's series.
pub(super) const SERIES: [f64; 3] = [0.5, 0.95, 0.99];

/// (value in microseconds, count), ascending, empty buckets left out.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    counts: Vec<(u64, u32)>,
    /// None of an empty window.
    quantiles: Option<[u64; SERIES.len()]>,
}

impl Buckets {
    pub fn new(counts: Vec<(u64, u32)>) -> Self {
        let total: u64 = counts.iter().map(|(_, count)| u64::from(*count)).sum();
        let quantiles = (total > 0).then(|| SERIES.map(|share| quantile(&counts, total, share)));
        Self { counts, quantiles }
    }

    pub fn counts(&self) -> &[(u64, u32)] {
        &self.counts
    }

    /// In microseconds, in the order of [`SERIES`].
    pub fn quantiles(&self) -> Option<[u64; SERIES.len()]> {
        self.quantiles
    }
}

/// The smallest value that at least `share` of the samples do not exceed.
fn quantile(counts: &[(u64, u32)], total: u64, share: f64) -> u64 {
    let rank = ((total as f64 * share).ceil() as u64).max(1);
    let mut seen = 0;
    let at_rank = counts.iter().find(|(_, count)| {
        seen += u64::from(*count);
        seen >= rank
    });
    at_rank.or(counts.last()).map_or(0, |(value, _)| *value)
}

impl Merge for Buckets {
    fn merge(&mut self, later: Self) {
        if later.counts.is_empty() {
            return;
        }
        let mut merged = Vec::with_capacity(self.counts.len() + later.counts.len());
        let (mut left, mut right) = (
            self.counts.iter().peekable(),
            later.counts.iter().peekable(),
        );
        while let (Some(&&(a, n)), Some(&&(b, m))) = (left.peek(), right.peek()) {
            match a.cmp(&b) {
                Ordering::Less => merged.extend(left.next()),
                Ordering::Greater => merged.extend(right.next()),
                Ordering::Equal => {
                    merged.push((a, n.saturating_add(m)));
                    left.next();
                    right.next();
                }
            }
        }
        merged.extend(left.chain(right));
        *self = Self::new(merged);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_windows_give_the_percentile_of_all_samples_and_not_a_mean_of_two() {
        let mut fast = Buckets::new(vec![(1_000, 98)]);
        assert_eq!(fast.quantiles(), Some([1_000; 3]));
        fast.merge(Buckets::new(vec![(1_000, 1), (900_000, 1), (950_000, 1)]));
        assert_eq!(fast.counts(), [(1_000, 99), (900_000, 1), (950_000, 1)]);
        assert_eq!(fast.quantiles(), Some([1_000, 1_000, 900_000]));
    }

    #[test]
    fn an_empty_window_has_no_percentile_and_changes_none() {
        let mut some = Buckets::new(vec![(7, 1)]);
        some.merge(Buckets::new(Vec::new()));
        assert_eq!(some.quantiles(), Some([7; 3]));
        assert_eq!(Buckets::new(Vec::new()).quantiles(), None);
        let mut none = Buckets::new(Vec::new());
        none.merge(some);
        assert_eq!(none.counts(), [(7, 1)]);
    }
}
