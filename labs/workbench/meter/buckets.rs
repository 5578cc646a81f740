//! The samples of a window as counts by value, which add up without loss: percentiles are read off sums of
//! counts and never averaged.

use super::histogram::ms;
use super::history::Merge;

/// A closed window: (value in microseconds, count), ascending, empty buckets left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Buckets(pub Vec<(u64, u32)>);

impl Merge for Buckets {
    fn merge(&mut self, later: Self) {
        if self.0.is_empty() {
            *self = later;
            return;
        }
        let mut merged = Vec::with_capacity(self.0.len() + later.0.len());
        let (mut left, mut right) = (self.0.iter().peekable(), later.0.iter().peekable());
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
        self.0 = merged;
    }
}

impl Buckets {
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// The smallest value that at least `share` of the samples do not exceed, in milliseconds.
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let rank = ((self.count() as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let at_rank = self.0.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        });
        at_rank.map(|(us, _)| ms(*us))
    }
}
