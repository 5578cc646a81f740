//! The promises of this exercise, one function each.

pub mod deadline;
pub mod degrade;
pub mod whole;
