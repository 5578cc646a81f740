//! One term set: alternatives, of which any will do, and where they occur among words.

use super::TermError;
use super::words::{self, Word};
use std::ops::Range;

/// Words `start..end` of the answer.
pub type Occurrence = Range<usize>;

/// `slow*|straggler|long tail`
#[derive(Debug, Clone)]
pub struct TermSet(Vec<Phrase>);

/// One alternative: words in a row.
type Phrase = Vec<Pattern>;

#[derive(Debug, Clone)]
enum Pattern {
    Word(String),
    /// `slow*`
    Prefix(String),
}

impl TermSet {
    pub fn parse(set: &str) -> Result<Self, TermError> {
        set.split('|')
            .map(|alternative| match phrase(alternative)? {
                phrase if phrase.is_empty() => Err(TermError::EmptyAlternative(set.to_owned())),
                phrase => Ok(phrase),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Every place where one of the alternatives stands, in order of its start.
    pub fn occurrences(&self, words: &[Word]) -> Vec<Occurrence> {
        let mut found: Vec<Occurrence> = (0..words.len())
            .flat_map(|start| self.0.iter().map(move |phrase| (start, phrase)))
            .filter(|(start, phrase)| stands_at(phrase, words, *start))
            .map(|(start, phrase)| start..start + phrase.len())
            .collect();
        found.dedup();
        found
    }
}

/// The words of an alternative, cut as the answer is cut, so that `scatter-gather` finds itself.
fn phrase(alternative: &str) -> Result<Phrase, TermError> {
    let mut patterns = Vec::new();
    for written in alternative.split_whitespace() {
        let (bare, prefix) = match written.strip_suffix('*') {
            Some(bare) => (bare, true),
            None => (written, false),
        };
        let cut = words::words(bare);
        if bare.contains('*') || (prefix && cut.is_empty()) {
            return Err(TermError::StrayStar(alternative.trim().to_owned()));
        }
        let last = cut.len().saturating_sub(1);
        for (index, word) in cut.into_iter().enumerate() {
            patterns.push(if prefix && index == last {
                Pattern::Prefix(word.text)
            } else {
                Pattern::Word(word.text)
            });
        }
    }
    Ok(patterns)
}

fn stands_at(phrase: &Phrase, words: &[Word], start: usize) -> bool {
    phrase.iter().enumerate().all(|(offset, pattern)| {
        words.get(start + offset).is_some_and(|word| match pattern {
            Pattern::Word(text) => word.text == *text,
            Pattern::Prefix(text) => word.text.starts_with(text),
        })
    })
}
