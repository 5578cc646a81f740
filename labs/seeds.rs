//! How many seeds a test tries: one rule for the unit tests of the labs and for the guides.

use std::ops::RangeInclusive;

/// So few in an ordinary run, or as many as `SEEDS` says.
pub fn seeds(few: u64) -> RangeInclusive<u64> {
    let asked = std::env::var("SEEDS").ok();
    1..=asked.map_or(few, |asked| asked.parse().expect("SEEDS is a whole number"))
}
