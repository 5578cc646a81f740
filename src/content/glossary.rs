//! The terms of the field, each with one plain sentence: `glossary.yaml` beside the chapters, to which
//! packs may add. A term of a pack replaces that of the same name.

use super::problem::Problem;
use super::shelf::{self, TextFile};
use super::yaml_list;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

/// One term.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// As the book spells it.
    pub term: String,
    /// Other spellings and forms, plurals too.
    #[serde(default)]
    pub also: Vec<String>,
    /// The id of the chapter that teaches it.
    pub chapter: String,
    /// What it means, one sentence.
    pub means: String,
}

impl Term {
    /// Every way in which it may be written.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.term)
            .chain(&self.also)
            .map(String::as_str)
    }
}

/// One glossary file, and the terms that could be read from it.
#[derive(Debug, Clone)]
pub struct GlossaryFile {
    pub file: TextFile,
    pub terms: Vec<Term>,
}

impl GlossaryFile {
    pub(super) fn read(file: TextFile, problems: &mut Vec<Problem>) -> Self {
        let names = yaml_list::Names {
            item: "this term",
            whole: "the glossary",
        };
        Self {
            terms: yaml_list::read(Some(&file), names, problems),
            file,
        }
    }
}

/// All terms, ready to be found in a text.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    terms: Vec<Term>,
    /// By name in lower case.
    named: HashMap<Vec<char>, usize>,
    abbreviations: Forms,
    others: Forms,
}

/// Ways in which terms may be written.
#[derive(Debug, Clone, Default)]
struct Forms {
    terms: HashMap<Vec<char>, usize>,
    /// The lengths of the forms that begin with this letter, the longest first, so that `leader election`
    /// wins over `leader`.
    lengths: HashMap<char, Vec<usize>>,
}

impl Forms {
    fn add(&mut self, letters: Vec<char>, term: usize) {
        let Some(first) = letters.first() else {
            return;
        };
        let lengths = self.lengths.entry(*first).or_default();
        if let Err(place) = lengths.binary_search_by_key(&Reverse(letters.len()), |l| Reverse(*l)) {
            lengths.insert(place, letters.len());
        }
        self.terms.entry(letters).or_insert(term);
    }

    /// The longest form that stands here as a whole word: its term and its length.
    fn at(&self, text: &[char], at: usize) -> Option<(usize, usize)> {
        let mut lengths = self.lengths.get(&text[at])?.iter();
        lengths.find_map(|length| {
            let end = at + length;
            let here = text.get(at..end)?;
            let whole = text.get(end).is_none_or(|next| !is_word(*next));
            let term = whole.then(|| self.terms.get(here)).flatten()?;
            Some((*term, *length))
        })
    }
}

/// Whether a word is capitals and digits, two capitals or more, perhaps after one small letter: `TLS`,
/// `EC2`, `gRPC`.
pub fn is_abbreviation(word: &str) -> bool {
    let capitals = word
        .strip_prefix(|c: char| c.is_ascii_lowercase())
        .unwrap_or(word);
    capitals.starts_with(|c: char| c.is_ascii_uppercase())
        && capitals
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && capitals.matches(|c: char| c.is_ascii_uppercase()).count() > 1
}

impl Glossary {
    /// The terms of the book itself.
    pub fn embedded() -> Self {
        let mut problems = Vec::new();
        let read = shelf::embedded_glossary().map(|file| GlossaryFile::read(file, &mut problems));
        Self::new(read.as_slice())
    }

    /// The terms of these files; the later ones replace those of the same name.
    pub fn new(files: &[GlossaryFile]) -> Self {
        let mut glossary = Self::default();
        for term in files.iter().flat_map(|file| &file.terms) {
            match glossary.named.entry(lower(&term.term)) {
                Entry::Occupied(old) => glossary.terms[*old.get()] = term.clone(),
                Entry::Vacant(place) => {
                    place.insert(glossary.terms.len());
                    glossary.terms.push(term.clone());
                }
            }
        }
        for (number, term) in glossary.terms.iter().enumerate() {
            for form in term.forms() {
                // An abbreviation is found as it is written, since `REST` is not the rest; all else in any case.
                if is_abbreviation(form) {
                    glossary.abbreviations.add(form.chars().collect(), number);
                } else {
                    glossary.others.add(lower(form), number);
                }
            }
        }
        glossary
    }

    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    pub fn get(&self, term: usize) -> Option<&Term> {
        self.terms.get(term)
    }

    /// The term of this name, whatever the case.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.named.get(&lower(name)).copied()
    }

    /// The terms to look at beside this one: those that its explanation speaks of, then those whose
    /// explanation speaks of it.
    pub fn beside(&self, term: usize) -> Vec<usize> {
        let speaks_of = |of: usize| -> Vec<usize> {
            let means = self.terms.get(of).map_or("", |term| &term.means);
            let letters: Vec<char> = means.chars().collect();
            let found = self.find_in(&letters);
            found.into_iter().map(|(other, _)| other).collect()
        };
        let mut beside = speaks_of(term);
        beside.extend((0..self.terms.len()).filter(|other| speaks_of(*other).contains(&term)));
        let mut seen = std::collections::BTreeSet::from([term]);
        beside.retain(|other| seen.insert(*other));
        beside
    }

    /// The terms in a text from left to right: index of the term, and where it stands, in characters.
    /// Whole words only, the longest form first, whatever the case; abbreviations as they are written.
    pub fn find_in(&self, text: &[char]) -> Vec<(usize, Range<usize>)> {
        let lowered: Vec<char> = text.iter().map(|c| lower_char(*c)).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let begins = at == 0 || !is_word(text[at - 1]);
            let form = begins.then(|| {
                let abbreviation = self.abbreviations.at(text, at);
                let other = self.others.at(&lowered, at);
                // Of two of one length the abbreviation; `max_by_key` takes the last.
                other
                    .into_iter()
                    .chain(abbreviation)
                    .max_by_key(|(_, length)| *length)
            });
            match form.flatten() {
                Some((term, length)) => {
                    found.push((term, at..at + length));
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }
}

/// A hyphen belongs to the word: `self-adapter` is not an adapter.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// One letter for one letter, so that places in the text stay what they are.
fn lower_char(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn lower(text: &str) -> Vec<char> {
    text.chars().map(lower_char).collect()
}

#[cfg(test)]
mod tests {
    use crate::content::Library;

    fn library(files: &[(&str, &str)]) -> Library {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Library::load(&[folder.path().to_owned()])
    }

    fn found(text: &str) -> Vec<(String, String)> {
        let library = Library::embedded();
        let letters: Vec<char> = text.chars().collect();
        let found = library.glossary().find_in(&letters);
        found
            .into_iter()
            .map(|(term, range)| {
                let term = library.glossary().get(term).unwrap().term.clone();
                (term, letters[range].iter().collect())
            })
            .collect()
    }

    #[test]
    fn the_longest_term_is_found_whole_and_in_any_case() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            found("Leader elections need a LEASE."),
            [
                pair("leader election", "Leader elections"),
                pair("lease", "LEASE")
            ]
        );
        assert_eq!(found("please, podium, non-pod, leaseholder"), []);
        assert_eq!(found(""), []);
    }

    #[test]
    fn an_abbreviation_is_found_only_as_it_is_written() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            found("REST, the rest and the TTLs; a ttl"),
            [pair("REST", "REST"), pair("time to live", "TTLs")]
        );
        let is = super::is_abbreviation;
        for word in ["TLS", "gRPC", "mTLS", "EC2", "IP"] {
            assert!(is(word), "{word}");
        }
        for word in ["S1", "I", "GiB", "FaaS", "ReplicaSet", "tls", ""] {
            assert!(!is(word), "{word}");
        }
    }

    #[test]
    fn a_pack_adds_terms_and_says_those_of_the_book_anew() {
        let text = "- {term: relay, chapter: election, means: \"One runs after the other.\"}\n\
                    - {term: Lease, chapter: election, means: \"A right that ends by itself.\"}\n";
        let library = library(&[("glossary.yaml", text)]);
        assert!(library.problems().is_empty(), "{:?}", library.problems());
        let means = |name: &str| {
            let mut terms = library.glossary().terms().iter();
            terms.find(|t| t.term == name).map(|t| t.means.clone())
        };
        assert_eq!(means("relay").as_deref(), Some("One runs after the other."));
        assert_eq!(
            means("Lease").as_deref(),
            Some("A right that ends by itself.")
        );
        assert_eq!(means("lease"), None);
    }

    #[test]
    fn beside_a_term_stand_those_it_is_explained_with_and_those_explained_with_it() {
        let text = "- {term: relay, chapter: election, means: \"Runners hand on a baton.\"}\n\
                    - {term: baton, also: [batons], chapter: election, means: \"A stick.\"}\n\
                    - {term: race, chapter: election, means: \"Two relays, and batons fly.\"}\n";
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("glossary.yaml"), text).unwrap();
        let library = Library::folder(folder.path());
        let glossary = library.glossary();
        let beside = |name: &str| -> Vec<&str> {
            let found = glossary.beside(glossary.find(name).unwrap());
            let names = found.into_iter().filter_map(|term| glossary.get(term));
            names.map(|term| term.term.as_str()).collect()
        };
        assert_eq!(beside("Relay"), ["baton"]);
        assert_eq!(beside("baton"), ["relay", "race"]);
    }

    #[test]
    fn a_broken_term_costs_that_term_and_is_named() {
        let text = "- {term: relay, chapter: election, means: \"One runs after the other.\"}\n\
                    - {term: baton, meens: \"What is handed over.\"}\n";
        let library = library(&[("glossary.yaml", text)]);
        let problems: Vec<String> = library.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].contains("glossary.yaml:2:") && problems[0].contains("meens"),
            "{problems:?}"
        );
        assert!(library.glossary().terms().iter().any(|t| t.term == "relay"));
    }
}
