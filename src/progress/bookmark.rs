//! Places that the learner marked, each with what was noted there.

use super::event::Event;
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

/// What the log says of bookmarks: a fold, as the projections have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bookmarks(Vec<Bookmark>);

impl Bookmarks {
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Bookmarked(bookmark) => {
                self.0.retain(|known| known.of != bookmark.of);
                self.0.push(bookmark.clone());
            }
            Event::BookmarkDropped { of } => self.0.retain(|known| known.of != *of),
            _ => {}
        }
    }

    /// Each of them, the one that was touched last at the end.
    pub fn all(&self) -> &[Bookmark] {
        &self.0
    }

    pub fn find(&self, of: &str) -> Option<&Bookmark> {
        self.0.iter().find(|known| known.of == of)
    }

    /// What was noted on a question; nothing for a mark without a note.
    pub fn note_on_question(&self, id: &str) -> Option<&str> {
        let bookmark = self.find(&of_question(id))?;
        (!bookmark.note.is_empty()).then_some(bookmark.note.as_str())
    }
}

/// `section:scatter-gather#how-it-works`
pub fn of_section(chapter: &str, section: &str) -> String {
    format!("section:{chapter}#{section}")
}

/// `question:ch07-q5`
pub fn of_question(id: &str) -> String {
    format!("question:{id}")
}
