//! What is looked for: words, of which one may say what kind of thing is wanted (`term lease`).

use super::{By, Kind, lower};

/// Words in lower case, all of which must occur.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
    /// The kind that one of the words names, and the other words.
    asked: Option<(Kind, Vec<String>)>,
}

impl Query {
    pub fn new(typed: &str) -> Self {
        let words: Vec<String> = typed.split_whitespace().map(lower).collect();
        let mut named = words.iter().enumerate();
        let asked = named.find_map(|(n, word)| Some((n, kind(word)?)));
        Self {
            asked: asked.map(|(n, kind)| {
                let mut rest = words.clone();
                rest.remove(n);
                (kind, rest)
            }),
            words,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// It is this id and nothing else.
    pub(super) fn is_exactly(&self, id: &str) -> bool {
        matches!(self.words.as_slice(), [only] if *only == lower(id))
    }

    /// The kind that was asked for.
    pub(super) fn kind(&self) -> Option<Kind> {
        self.asked.as_ref().map(|(kind, _)| *kind)
    }

    /// The words that something must have to be found so.
    pub(super) fn words_for(&self, by: By) -> &[String] {
        match (by, &self.asked) {
            (By::Kind, Some((_, rest))) => rest,
            _ => &self.words,
        }
    }
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "chapter" | "chapters" => Kind::Title,
        "section" | "sections" => Kind::Heading,
        "term" | "terms" | "glossary" => Kind::Term,
        "question" | "questions" => Kind::Question,
        _ => return None,
    })
}
