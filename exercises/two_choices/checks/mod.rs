//! The promises of this exercise, one function each.

pub mod choice;
pub mod health;
pub mod members;
