//! The promises of this exercise, one function each.

pub mod breaker;
pub mod credentials;
pub mod retries;
pub mod waits;
