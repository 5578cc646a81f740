//! How people learn, as pure functions: no I/O, no clock, no chance but a seed that comes in.
//!
//! - [`rubric`]: which points of a rubric a free answer mentions. A hint, never a score.
//! - [`ticks`]: the points that the learner ticked, and what follows of them.
//! - [`quiz`]: marking the five kinds of quiz question.
//! - [`shuffle`]: the same order for the same seed.
//! - [`guess`]: a guess of a lab's figure, as people type it; [`reveal`]: the guess beside what was measured.
//! - [`sheet`]: a question, its verdict and its rubric as markdown.
//! - [`chapter`]: which labs and exercises a chapter has, and when they are done.
//! - [`grade`]: how sure one is before the reveal, and how it went after; from the crate `practice`.

pub mod chapter;
pub mod guess;
pub mod quiz;
pub mod reveal;
pub mod rubric;
pub mod sheet;
pub mod ticks;

pub use ddlab_practice::{grade, shuffle};
