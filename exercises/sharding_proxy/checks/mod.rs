//! The promises of this exercise, one function each.

pub mod faults;
pub mod hot;
pub mod routing;
