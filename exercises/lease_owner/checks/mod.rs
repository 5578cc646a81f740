//! The promises of this exercise, one function each.

pub mod outages;
pub mod ownership;
pub mod work;
