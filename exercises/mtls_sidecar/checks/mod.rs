//! The promises of this exercise, one function each.

pub mod inbound;
pub mod outbound;
pub mod rotation;
