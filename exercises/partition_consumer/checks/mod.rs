//! The promises of this exercise, one function each.

pub mod failures;
pub mod generations;
pub mod work;
