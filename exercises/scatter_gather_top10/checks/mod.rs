//! The promises of this exercise, one function each.
//!
//! Every check has the program and the three shards to itself. Where it can, it waits for events
//! (all shards have been asked; the late answer has been sent) and not for times.

pub mod deadline;
pub mod faults;
pub mod isolation;
pub mod merging;
