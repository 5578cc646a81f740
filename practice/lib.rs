//! Practice as pure functions: no I/O, no clock, no terminal, no chance but a seed that comes in.
//!
//! - [`schedule`]: when a card falls due (FSRS-6); [`queue`]: in which order what is due is asked.
//! - [`drill`]: generated numbers problems, each with its worked solution.
//! - [`calibration`]: how well confidence and ranges hold.
//! - [`grade`]: how sure one is before the reveal, and how it went after it.
//! - [`judge`]: a second opinion of a model, as data.
//! - [`mock`]: the phases of a mock interview; [`pad`]: a drawing pad for it.
//! - [`range`]: a number with the range that should hold it, as people type it.
//! - [`shuffle`]: the same order for the same seed.

pub mod calibration;
pub mod drill;
pub mod grade;
pub mod judge;
pub mod mock;
pub mod pad;
pub mod queue;
pub mod range;
pub mod schedule;
pub mod shuffle;

/// A day of the learner, counted from 1970-01-01. It begins at 04:00 where it was lived.
pub type Day = i32;
