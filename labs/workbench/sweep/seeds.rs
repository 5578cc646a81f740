//! Seeds: the range that a sweep is over, and the set of those that are in.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// Which seeds are in: ranges, ascending, apart from each other.
///
/// Its text form, which parses back to the same, is `0..40 41..100`, empty for none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeedSet(Vec<Range<u64>>);

impl SeedSet {
    pub fn insert(&mut self, seed: u64) -> Result<(), Twice> {
        self.insert_range(seed..seed + 1)
    }

    /// Puts a range in; refuses seeds that are in already.
    pub fn insert_range(&mut self, range: Range<u64>) -> Result<(), Twice> {
        if range.is_empty() {
            return Ok(());
        }
        let place = self
            .0
            .partition_point(|earlier| earlier.start < range.start);
        if let Some(before) = place.checked_sub(1).map(|before| &self.0[before])
            && before.end > range.start
        {
            return Err(Twice(range.start));
        }
        if let Some(after) = self.0.get(place)
            && after.start < range.end
        {
            return Err(Twice(after.start));
        }
        self.0.insert(place, range);
        self.join(place);
        if place > 0 {
            self.join(place - 1);
        }
        Ok(())
    }

    /// Makes one of two ranges that touch.
    fn join(&mut self, place: usize) {
        if let Some(next) = self.0.get(place + 1)
            && next.start == self.0[place].end
        {
            self.0[place].end = next.end;
            self.0.remove(place + 1);
        }
    }

    pub fn merge(&mut self, other: &Self) -> Result<(), Twice> {
        let mut ranges = other.0.iter().cloned();
        ranges.try_for_each(|range| self.insert_range(range))
    }

    pub fn len(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn ranges(&self) -> &[Range<u64>] {
        &self.0
    }

    /// The first stretch of `whole` that is not in.
    pub fn first_gap(&self, whole: &Range<u64>) -> Option<Range<u64>> {
        let mut from = whole.start;
        for range in &self.0 {
            if range.start > from {
                break;
            }
            from = from.max(range.end);
        }
        let next = self.0.iter().map(|range| range.start);
        let to = next.filter(|start| *start > from).min();
        let to = to.unwrap_or(whole.end).min(whole.end);
        (from < to).then_some(from..to)
    }
}

/// A seed was to be put in twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twice(pub u64);

impl fmt::Display for SeedSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, range) in self.0.iter().enumerate() {
            let gap = if place == 0 { "" } else { " " };
            write!(out, "{gap}{}..{}", range.start, range.end)?;
        }
        Ok(())
    }
}

impl FromStr for SeedSet {
    type Err = SeedsError;

    fn from_str(text: &str) -> Result<Self, SeedsError> {
        let mut set = Self::default();
        for piece in text.split_ascii_whitespace() {
            let error = || SeedsError::Form(text.chars().take(80).collect());
            set.insert_range(parse_seeds(piece)?).map_err(|_| error())?;
        }
        Ok(set)
    }
}

/// Why a text is no range of seeds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeedsError {
    #[error("`{0}` is not a range of seeds; write FROM..TO, as in `0..1000` (the last is 999)")]
    Form(String),
    #[error("there is no seed in `{0}`; the end of a range is not in it, as in `0..1000`")]
    Empty(String),
}

/// Reads `0..1000`, or `0..=999`.
pub fn parse_seeds(text: &str) -> Result<Range<u64>, SeedsError> {
    let form = || SeedsError::Form(text.chars().take(80).collect());
    let (from, to) = text.trim().split_once("..").ok_or_else(form)?;
    let from: u64 = from.trim().parse().map_err(|_| form())?;
    let to = match to.strip_prefix('=') {
        None => to.trim().parse().map_err(|_| form())?,
        Some(last) => {
            let last: u64 = last.trim().parse().map_err(|_| form())?;
            last.checked_add(1).ok_or_else(form)?
        }
    };
    if from < to {
        Ok(from..to)
    } else {
        Err(SeedsError::Empty(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_that_touch_become_one() {
        let mut set = SeedSet::default();
        for seed in [5, 3, 4, 9] {
            set.insert(seed).unwrap();
        }
        assert_eq!(set.to_string(), "3..6 9..10");
        assert_eq!(set.len(), 4);
        set.insert_range(6..9).unwrap();
        assert_eq!(set.to_string(), "3..10");
    }

    #[test]
    fn a_seed_is_in_once() {
        let mut set: SeedSet = "3..6 9..12".parse().unwrap();
        assert_eq!(set.insert(4), Err(Twice(4)));
        assert_eq!(set.insert_range(6..10), Err(Twice(9)));
        assert_eq!(set.insert_range(0..4), Err(Twice(3)));
        assert_eq!(set.insert_range(11..13), Err(Twice(11)));
        assert_eq!(set.to_string(), "3..6 9..12");
    }

    #[test]
    fn the_first_gap_is_the_first() {
        let set: SeedSet = "3..6 9..12".parse().unwrap();
        assert_eq!(set.first_gap(&(0..20)), Some(0..3));
        assert_eq!(set.first_gap(&(3..20)), Some(6..9));
        assert_eq!(set.first_gap(&(9..20)), Some(12..20));
        assert_eq!(set.first_gap(&(9..12)), None);
        assert_eq!(SeedSet::default().first_gap(&(7..9)), Some(7..9));
    }

    #[test]
    fn a_range_is_read_as_rust_writes_it() {
        assert_eq!(parse_seeds("0..1000"), Ok(0..1000));
        assert_eq!(parse_seeds("7..=9"), Ok(7..10));
        for (text, says) in [
            ("5..5", "no seed in"),
            ("9..5", "no seed in"),
            ("100", "FROM..TO"),
            ("a..b", "FROM..TO"),
            ("0..=18446744073709551615", "FROM..TO"),
            ("-1..4", "FROM..TO"),
        ] {
            let error = parse_seeds(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn whatever_goes_in_in_whatever_order_is_in_once(
            seeds in prop::collection::btree_set(0..40u64, 0..40)
                .prop_map(|set| set.into_iter().collect::<Vec<_>>())
                .prop_shuffle(),
        ) {
            let mut set = SeedSet::default();
            for seed in &seeds {
                prop_assert!(set.insert(*seed).is_ok());
            }
            prop_assert_eq!(set.len(), seeds.len() as u64);
            for seed in 0..40 {
                prop_assert_eq!(set.clone().insert(seed).is_err(), seeds.contains(&seed));
            }
            for pair in set.ranges().windows(2) {
                prop_assert!(pair[0].end < pair[1].start);
            }
            prop_assert_eq!(set.to_string().parse(), Ok(set));
        }
    }
}
