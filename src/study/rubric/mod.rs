//! Which points of a rubric a free answer mentions: a hint beside the learner's own ticks, never a score.
//!
//! A point lists *groups* of *term sets*. A term set is a string of alternatives, `slow*|straggler|long
//! tail`; a group is met where one alternative of each of its sets stands within [`WINDOW_WORDS`] words;
//! a point is mentioned when any of its groups is met. An occurrence right after a negation doesn't count
//! (`we don't hedge`), nor one that is dismissed right after (`a key is unnecessary`). Only prose is searched:
//! in keywords thrown together, and in another language, no point is seen.
//!
//! - [`words`]: text to words that remember their bytes.
//! - [`terms`]: alternatives, prefixes and phrases, and where they occur.
//! - [`negation`]: what cancels a term, before it and after it.
//! - [`writing`]: is this English prose at all?
//!
//! Why not a model or an index of similarity: this is instant, offline and the same for everyone, an
//! author can see why a sentence matches and cure it, and nobody takes it for a judge.

mod negation;
mod terms;
mod words;
mod writing;

use std::ops::Range;
use terms::{Occurrence, TermSet};
use words::Word;

pub use writing::Writing;

/// The terms of a group stand within this many words of each other.
pub const WINDOW_WORDS: usize = 14;

/// The groups of one point, ready to be looked for.
#[derive(Debug, Clone)]
pub struct Matcher {
    groups: Vec<Vec<TermSet>>,
}

/// Why a term set can never match.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    #[error("the term set `{0}` has an empty alternative")]
    EmptyAlternative(String),
    #[error("`*` in `{0}` does not end a word")]
    StrayStar(String),
    #[error("a group has no term set")]
    EmptyGroup,
    #[error("the point has no group")]
    NoGroup,
}

/// Whether a point is mentioned, and by which part of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<'a> {
    pub point: &'a str,
    /// The bytes of the answer where the first group that is met stands; none when no group is.
    pub at: Option<Range<usize>>,
}

impl Mention<'_> {
    pub const fn seen(&self) -> bool {
        self.at.is_some()
    }
}

impl Matcher {
    /// Reads the groups of a point as an author writes them.
    pub fn new(groups: &[Vec<String>]) -> Result<Self, TermError> {
        if groups.is_empty() {
            return Err(TermError::NoGroup);
        }
        let groups = groups
            .iter()
            .map(|group| match group.as_slice() {
                [] => Err(TermError::EmptyGroup),
                sets => sets.iter().map(|set| TermSet::parse(set)).collect(),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { groups })
    }

    /// Where an answer mentions the point; none also where the answer is no prose.
    pub fn find_in_answer(&self, answer: &str) -> Option<Range<usize>> {
        (Writing::of(answer) == Writing::Prose)
            .then(|| self.find(answer))
            .flatten()
    }

    /// The bytes of `text` that mention the point, if any do: those of the earliest group that is met.
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        let words = words::words(text);
        self.find_in(&words)
    }

    fn find_in(&self, words: &[Word]) -> Option<Range<usize>> {
        self.groups
            .iter()
            .filter_map(|group| met(group, words))
            .min_by_key(|span| (span.start, span.end))
            .map(|span| words[span.start].bytes.start..words[span.end - 1].bytes.end)
    }
}

/// What an answer mentions of the points `(id, matcher)`.
pub fn mentions<'a>(
    points: impl IntoIterator<Item = (&'a str, &'a Matcher)>,
    answer: &str,
) -> Vec<Mention<'a>> {
    let words = match Writing::of(answer) {
        Writing::Prose => words::words(answer),
        Writing::Keywords | Writing::OtherLanguage => Vec::new(),
    };
    points
        .into_iter()
        .map(|(point, matcher)| Mention {
            point,
            at: matcher.find_in(&words),
        })
        .collect()
}

/// The first span of words, at most [`WINDOW_WORDS`] long, that holds an occurrence of each term set.
fn met(group: &[TermSet], words: &[Word]) -> Option<Range<usize>> {
    let every: Vec<Vec<Occurrence>> = group.iter().map(|set| set.occurrences(words)).collect();
    // A negation that the group itself asks for (`never|not` beside `cache*`) cancels nothing in it.
    let wanted = |word: usize| every.iter().flatten().any(|o| o.contains(&word));
    let standing: Vec<Vec<&Occurrence>> = every
        .iter()
        .map(|found| {
            let stands = |o: &&Occurrence| {
                negation::before(words, o.start).is_none_or(&wanted)
                    && negation::after(words, o.end).is_none_or(&wanted)
            };
            found.iter().filter(stands).collect()
        })
        .collect();
    // With the leftmost occurrence fixed, each other set is best served by the one that ends first.
    standing
        .iter()
        .flatten()
        .filter_map(|left| {
            let mut end = left.end;
            for found in &standing {
                let nearest = found.iter().filter(|o| o.start >= left.start);
                end = end.max(nearest.map(|o| o.end).min()?);
            }
            (end - left.start <= WINDOW_WORDS).then_some(left.start..end)
        })
        .min_by_key(|span| (span.start, span.end))
}

#[cfg(test)]
mod tests;
