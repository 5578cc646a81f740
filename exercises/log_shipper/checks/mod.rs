//! The promises of this exercise, one function each.

pub mod delivery;
pub mod files;
