//! Places that the learner marked, each with what was noted there.

use serde::{Deserialize, Serialize};

/// A place of the book, marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmark {
    /// What is marked, by [`of_section`], [`of_question`] or a name of the interface. There is one bookmark of each.
    pub of: String,
    /// As it was called when it was marked.
    pub title: String,
    /// Where it is; the interface knows how to read it.
    pub place: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// `section:scatter-gather#how-it-works`
pub fn of_section(chapter: &str, section: &str) -> String {
    format!("section:{chapter}#{section}")
}

/// `question:ch07-q5`
pub fn of_question(id: &str) -> String {
    format!("question:{id}")
}
