//! The samples of a window as counts by value, which add up without loss: percentiles are read off sums of
//! counts and never averaged.

use super::histogram::ms;
use super::history::Merge;

/// A closed window.
#[derive(Debug, Clone, Default)]
pub(super) struct Buckets {
    /// (value in microseconds, count), ascending, empty buckets left out.
    counts: Vec<(u64, u32)>,
    /// Of all counts: each window is asked for it again and again.
    sum: u64,
}

impl Merge for Buckets {
    fn merge(&mut self, later: Self) {
        if self.counts.is_empty() {
            *self = later;
            return;
        }
        self.sum += later.sum;
        let (left, right) = (&self.counts, &later.counts);
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
        while let (Some(&&(a, n)), Some(&&(b, m))) = (left.peek(), right.peek()) {
            merged.push(match a.cmp(&b) {
                std::cmp::Ordering::Less => (a, n),
                std::cmp::Ordering::Greater => (b, m),
                std::cmp::Ordering::Equal => (a, n.saturating_add(m)),
            });
            if a <= b {
                left.next();
            }
            if b <= a {
                right.next();
            }
        }
        merged.extend(left.chain(right));
        self.counts = merged;
    }
}

impl Buckets {
    /// Of these: (value in microseconds, count), ascending.
    pub fn new(counts: Vec<(u64, u32)>) -> Self {
        let sum = counts.iter().map(|(_, count)| u64::from(*count)).sum();
        Self { counts, sum }
    }

    /// Of several windows together, in one go.
    pub fn of_all<'a>(windows: impl Iterator<Item = &'a Self>) -> Self {
        let mut counts: Vec<(u64, u32)> = windows.flat_map(|one| &one.counts).copied().collect();
        counts.sort_unstable_by_key(|(us, _)| *us);
        counts.dedup_by(|(us, count), (kept, sum)| {
            let same = us == kept;
            *sum = sum.saturating_add(if same { *count } else { 0 });
            same
        });
        Self::new(counts)
    }

    pub fn counts(&self) -> &[(u64, u32)] {
        &self.counts
    }

    pub fn count(&self) -> u64 {
        self.sum
    }

    /// The smallest value that at least `share` of the samples do not exceed, in milliseconds.
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let rank = ((self.count() as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let at_rank = self.counts.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        });
        at_rank.map(|(us, _)| ms(*us))
    }
}
