//! The program: one command that opens the book, the labs, the exercises and the questions.
//!
//! - [`content`]: chapters, quizzes and interview questions: model, load, check.
//! - [`markdown`]: from text to blocks, from blocks and a width to lines.
//! - [`check`]: what must hold of good content, and how to cure what does not.
//! - [`book`]: a chapter as a page: its text with its sources and the code that it includes.
//! - [`search`]: words found anywhere in the book.
//! - [`study`]: how people learn, as pure functions.
//! - [`progress`]: the learner's record.
//! - [`practice`]: reviews, drills and mock interviews over the book and the record.
//! - [`runs`]: runs of labs, saved as small files.
//! - [`clock`]: the one place that reads the wall clock.
//! - [`judge`]: a second opinion on an answer, by a model of the learner's own.
//! - [`lab_json`]: what labs are made of as JSON.
//! - [`gateway`]: a running lab over HTTP on the loopback.
//! - [`tui`]: the screens, and the loop that drives them.
//! - [`cli`]: the subcommands, and the plain form of every flow.
//!
//! Imports point down only; `tests/all/layers.rs` holds that.

pub mod book;
pub mod check;
pub mod cli;
pub mod clock;
pub mod content;
mod designs;
pub mod gateway;
mod home;
pub mod judge;
pub mod lab_json;
pub mod markdown;
pub mod practice;
pub mod progress;
mod regular;
pub mod runs;
pub mod search;
pub mod study;
#[cfg(test)]
mod testing;
pub mod tui;
