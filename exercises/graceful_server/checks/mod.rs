//! The promises of this exercise, one function each.

pub mod leaving;
pub mod serving;
