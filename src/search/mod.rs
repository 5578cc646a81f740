//! Words found anywhere in the book: titles, headings, terms, questions, text.
//!
//! - here: the index, and what is found in it, best first;
//! - [`query`]: what is looked for;
//! - [`gather`]: a library to passages, each with its place;
//! - [`snippet`]: a found passage in one line, with the words marked;
//! - [`catalogue`]: the one index of a program, made beside it.
//!
//! The index is the passages themselves, in lower case, looked through from the first to the last: a
//! book of this size is read through in a millisecond, so an inverted index would only be one more
//! thing that can be wrong, and could not find the middle of a word.

mod catalogue;
mod gather;
mod query;
mod snippet;

#[cfg(test)]
mod tests;

pub use catalogue::Catalogue;
pub use query::Query;
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
    /// The name of a term.
    Term(String),
    /// The id of a question.
    Question(String),
}

/// Where to go for what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// Into the text of the chapter.
    Page(Anchor),
    /// To the term of this name, on the page of the chapter that teaches it.
    Term(String),
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

impl Index {
    pub fn of(library: &Library) -> Self {
        Self {
            passages: gather::passages(library),
        }
    }

    /// How many passages there are.
    pub fn len(&self) -> usize {
        self.passages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.passages.is_empty()
    }

    /// The best passages that have all the words, at most `limit` of them; none for no words. The
    /// question of this id comes first, then what is of the kind that was asked for; a word's beginning
    /// before its middle, and then a title before a heading, terms, questions and text.
    pub fn find<'a>(&'a self, query: &'a Query, limit: usize) -> Vec<Found<'a>> {
        if query.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(Rank, usize, usize)> = self
            .passages
            .iter()
            .enumerate()
            .filter_map(|(n, passage)| rank(passage, query).map(|(rank, at)| (rank, n, at)))
            .collect();
        found.sort_unstable();
        found
            .into_iter()
            .take(limit)
            .map(|(rank, n, at)| Found {
                passage: &self.passages[n],
                words: query.words_for(rank.by),
                at,
            })
            .collect()
    }
}

/// The order of what was found; fields that come first count for more.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    by: By,
    /// A word stands only inside other words: `hed` in *scheduled* is what nobody looked for.
    inside: bool,
    kind: Kind,
    /// A term is what its first words say: how late the hit comes. Elsewhere the order of the book holds.
    late: usize,
}

/// What a passage was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// It is the question that has this id.
    Id,
    /// It is of the kind that was asked for, and has the other words.
    Kind,
    Words,
}

/// Where it stands in the order, and the character at which the most telling word begins.
fn rank(passage: &Passage, query: &Query) -> Option<(Rank, usize)> {
    let has = |words: &[String]| words.iter().all(|word| passage.lower.contains(word));
    let by = if matches!(&passage.spot, Spot::Question(id) if query.is_exactly(id)) {
        By::Id
    } else if query.kind() == Some(passage.kind) && has(query.words_for(By::Kind)) {
        By::Kind
    } else if has(query.words_for(By::Words)) {
        By::Words
    } else {
        return None;
    };
    let words = query.words_for(by);
    // The longest word says most about where in a long passage to look.
    let telling = words.iter().max_by_key(|word| word.chars().count());
    let byte = telling
        .and_then(|word| begins_in(passage, word).or_else(|| passage.lower.find(word.as_str())));
    let at = passage.lower[..byte.unwrap_or(0)].chars().count();
    let rank = Rank {
        by,
        inside: words.iter().any(|word| begins_in(passage, word).is_none()),
        kind: passage.kind,
        late: if passage.kind == Kind::Term { at } else { 0 },
    };
    Some((rank, at))
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
                Goal::Page(Anchor {
                    block: start.block,
                    letters: start.letters + before.filter(|c| !c.is_whitespace()).count(),
                })
            }
            Spot::Term(name) => Goal::Term(name.clone()),
            Spot::Question(id) => Goal::Question(id.clone()),
        }
    }

    /// The hit with what stands around it, in at most so many columns; `cut` stands where it was cut.
    pub fn snippet(&self, columns: usize, cut: char) -> Snippet {
        snippet::cut(&self.passage.text, self.words, self.at, columns, cut)
    }

    /// The words that were found, to be marked where they stand.
    pub fn words(&self) -> &[String] {
        self.words
    }
}

/// One letter for one letter, so that a place in one text is that in the other.
fn lower(text: &str) -> String {
    text.chars()
        .map(|c| c.to_lowercase().next().unwrap_or(c))
        .collect()
}
