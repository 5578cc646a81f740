//! How many there were, and the first few by seed: what can be told of a million seeds.

use std::collections::BTreeMap;

/// The first of them that are kept: enough to look into, few enough to print.
pub const KEPT: usize = 5;

/// Seeds at which something happened: all counted, those with the smallest numbers kept. Which are
/// kept does not depend on the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firsts<T> {
    count: u64,
    first: BTreeMap<u64, T>,
}

impl<T> Default for Firsts<T> {
    fn default() -> Self {
        Self {
            count: 0,
            first: BTreeMap::new(),
        }
    }
}

impl<T: Clone> Firsts<T> {
    /// From what was told of them: `count` in all, of which these are the first.
    pub fn told(count: u64, first: BTreeMap<u64, T>) -> Option<Self> {
        let kept = usize::try_from(count).unwrap_or(usize::MAX).min(KEPT);
        (first.len() == kept).then_some(Self { count, first })
    }

    pub fn add(&mut self, seed: u64, what: T) {
        self.count += 1;
        self.keep(seed, what);
    }

    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for (seed, what) in &other.first {
            self.keep(*seed, what.clone());
        }
    }

    fn keep(&mut self, seed: u64, what: T) {
        self.first.insert(seed, what);
        if self.first.len() > KEPT {
            self.first.pop_last();
        }
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first few, by seed.
    pub fn first(&self) -> impl Iterator<Item = (u64, &T)> {
        self.first.iter().map(|(seed, what)| (*seed, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_seeds_are_kept_and_all_are_counted_in_any_order() {
        let of = |seeds: &[u64]| {
            let mut firsts = Firsts::default();
            for seed in seeds {
                firsts.add(*seed, *seed);
            }
            firsts
        };
        let whole = of(&[9, 1, 8, 2, 7, 3, 6, 4, 5]);
        assert_eq!(whole.count(), 9);
        let kept: Vec<u64> = whole.first().map(|(seed, _)| seed).collect();
        assert_eq!(kept, [1, 2, 3, 4, 5]);
        let mut merged = of(&[5, 6, 7, 8, 9]);
        merged.merge(&of(&[4, 3, 2, 1]));
        assert_eq!(merged, whole);
    }

    #[test]
    fn what_was_told_must_fit_its_count() {
        let one = BTreeMap::from([(7, "x")]);
        assert!(Firsts::told(1, one.clone()).is_some());
        assert!(Firsts::told(2, one).is_none());
    }
}
