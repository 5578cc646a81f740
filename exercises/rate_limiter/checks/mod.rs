//! The promises of this exercise, one function each.

pub mod buckets;
pub mod outages;
