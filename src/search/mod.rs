//! Words found anywhere in the book: titles, headings, terms, questions, text.
//!
//! - here: the index, and what is found in it, best first;
//! - [`gather`]: a library to passages, each with its place;
//! - [`snippet`]: a found passage in one line, with the words marked.
//!
//! The index is the passages themselves, in lower case, looked through from the first to the last: a
//! book of this size is read through in a millisecond, so an inverted index would only be one more
//! thing that can be wrong, and could not find the middle of a word.

mod gather;
mod snippet;

#[cfg(test)]
mod tests;

pub use snippet::Snippet;

use crate::content::Library;
use crate::markdown::flow::Anchor;

/// What a passage is, the better finds first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The title of a chapter.
    Title,
    Heading,
    /// A term of the glossary with its explanation.
    Term,
    Question,
    Text,
}

/// A piece of the book that is found as a whole: a heading, a paragraph, a line of code, a question.
#[derive(Debug, Clone)]
pub struct Passage {
    pub kind: Kind,
    /// The id, number and title of the chapter.
    pub chapter: String,
    pub number: u8,
    pub title: String,
    /// The heading under which it stands; empty before the first.
    pub section: String,
    pub text: String,
    spot: Spot,
    /// `text` in lower case, letter for letter.
    lower: String,
}

/// Where a passage is.
#[derive(Debug, Clone)]
enum Spot {
    /// In the text of the chapter, from this place on.
    Page(Anchor),
    /// Explained on the page here, or nowhere in particular.
    Term(Option<Anchor>),
    /// The id of a question.
    Question(String),
}

/// Where to go for what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// Into the text of the chapter; none for its beginning.
    Page(Option<Anchor>),
    /// To the question of this id.
    Question(String),
}

/// A passage that has all the words.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    pub passage: &'a Passage,
    words: &'a [String],
    /// The character of the passage at which the most telling word begins.
    at: usize,
}

/// The passages of the whole book, in its order.
#[derive(Debug, Clone, Default)]
pub struct Index {
    passages: Vec<Passage>,
}

/// What is looked for: words in lower case, all of which must occur.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
}

impl Query {
    pub fn new(typed: &str) -> Self {
        Self {
            words: typed.split_whitespace().map(lower).collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

impl Index {
    pub fn of(library: &Library) -> Self {
        Self {
            passages: gather::passages(library),
        }
    }

    /// The best passages that have all the words, at most `limit` of them; none for no words. A title
    /// comes before a heading, then terms, questions and text; a word's beginning before its middle.
    pub fn find<'a>(&'a self, query: &'a Query, limit: usize) -> Vec<Found<'a>> {
        let words = &query.words;
        // The longest word says most about where in a long passage to look.
        let Some(telling) = words.iter().max_by_key(|word| word.chars().count()) else {
            return Vec::new();
        };
        let mut found: Vec<_> = self
            .passages
            .iter()
            .enumerate()
            .filter(|(_, passage)| words.iter().all(|word| passage.lower.contains(word)))
            .map(|(n, passage)| {
                let inside = words.iter().any(|word| begins_in(passage, word).is_none());
                let byte = begins_in(passage, telling).or_else(|| passage.lower.find(telling));
                let at = passage.lower[..byte.unwrap_or(0)].chars().count();
                // A term is what its first words say; elsewhere the order of the book holds.
                let late = if passage.kind == Kind::Term { at } else { 0 };
                ((passage.kind, inside, late, n), at)
            })
            .collect();
        found.sort_unstable();
        found
            .into_iter()
            .take(limit)
            .map(|((_, _, _, n), at)| Found {
                passage: &self.passages[n],
                words,
                at,
            })
            .collect()
    }
}

/// The byte at which this word stands at the beginning of a word of the passage.
fn begins_in(passage: &Passage, word: &str) -> Option<usize> {
    let text = &passage.lower;
    let begins = |at: &usize| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric())
    };
    text.match_indices(word).map(|(at, _)| at).find(begins)
}

impl Found<'_> {
    /// Where to go: to the very line of the hit.
    pub fn goal(&self) -> Goal {
        match &self.passage.spot {
            Spot::Page(start) => {
                let before = self.passage.text.chars().take(self.at);
                Goal::Page(Some(Anchor {
                    block: start.block,
                    letters: start.letters + before.filter(|c| !c.is_whitespace()).count(),
                }))
            }
            Spot::Term(place) => Goal::Page(*place),
            Spot::Question(id) => Goal::Question(id.clone()),
        }
    }

    /// The hit with what stands around it, in at most so many columns.
    pub fn snippet(&self, columns: usize) -> Snippet {
        snippet::cut(&self.passage.text, self.words, self.at, columns)
    }
}

/// One letter for one letter, so that a place in one text is that in the other.
fn lower(text: &str) -> String {
    text.chars()
        .map(|c| c.to_lowercase().next().unwrap_or(c))
        .collect()
}
