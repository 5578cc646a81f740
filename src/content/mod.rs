//! Chapters, quizzes and interview questions: what they are, how they are loaded, how they are checked.
//!
//! - [`model`]: the schema, as types.
//! - [`yaml`]: the only module that calls the YAML crate; every value knows its line and column.
//! - [`shelf`]: where chapter folders lie: in the program, or in a folder of the user.
//! - [`folder`]: one chapter folder to one [`model::Chapter`], saving all that is right in it.
//! - [`glossary`]: the terms of the field, and where they stand in a text.
//! - [`yaml_list`]: a list of questions or terms, of which all that is right is kept.
//! - [`library`]: all chapters together, found by number or name.
//! - [`outline`]: the sections of a page.
//! - [`problem`]: what is wrong, where, and the cure.
//!
//! What else must hold of good content is for `crate::check` to say.
//!
//! What is wrong in a pack never stops the program: it becomes a [`Problem`] and the rest is loaded.

mod folder;
pub mod glossary;
mod library;
pub mod model;
mod outline;
mod problem;
pub mod shelf;
pub mod yaml;
mod yaml_list;

pub use glossary::{Glossary, GlossaryFile, Term};
pub use library::{Library, Shelved, UnknownName};
pub use problem::{Position, Problem, Severity};
