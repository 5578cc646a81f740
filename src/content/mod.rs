//! Chapters, quizzes and interview questions: what they are, how they are loaded, how they are checked.
//!
//! - [`model`]: the schema, as types.
//! - [`yaml`]: the only door to the YAML crate; every value knows its line and column.
//! - [`shelf`]: where chapter folders lie: in the program, or in a folder of the user.
//! - [`folder`]: one chapter folder to one [`model::Chapter`], saving all that is right in it.
//! - [`library`]: all chapters together, found by number or name.
//! - [`check`]: what else must hold of good content, and how to cure what does not.
//! - [`problem`]: what is wrong, where, and the cure.
//!
//! What is wrong in a pack never stops the program: it becomes a [`Problem`] and the rest is loaded.

pub mod check;
pub mod coverage;
mod folder;
mod library;
pub mod model;
mod nearest;
mod problem;
mod shelf;
pub mod yaml;

pub use library::{Library, UnknownName};
pub use nearest::nearest;
pub use problem::{Position, Problem, Severity};
