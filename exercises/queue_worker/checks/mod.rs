//! The promises of this exercise, one function each. The vendor's answers are held back at gates, so
//! that most checks wait for events and not for times.

pub mod failures;
pub mod leases;
pub mod work;
