//! Notes are numbered by their first use, and listed at the end of the page.

use crate::markdown::block::{Inline, Note};
use std::collections::HashMap;

/// What has been referred to so far.
pub(super) struct Notes {
    defined: HashMap<String, Vec<Inline>>,
    order: Vec<String>,
    cited: Vec<Cited>,
    numbers: HashMap<String, usize>,
}

#[derive(Clone)]
pub(super) enum Cited {
    Note(Vec<Inline>),
    Address(String),
}

impl Notes {
    pub fn new(notes: &[Note]) -> Self {
        Self {
            defined: notes
                .iter()
                .map(|note| (note.label.clone(), note.text.clone()))
                .collect(),
            order: notes.iter().map(|note| note.label.clone()).collect(),
            cited: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    pub fn number_of(&mut self, label: &str) -> usize {
        let text = self.defined.get(label).cloned().unwrap_or_default();
        self.number(label.to_owned(), Cited::Note(text))
    }

    pub fn number_of_address(&mut self, url: &str) -> usize {
        // A label cannot hold a blank, so the two kinds of key never meet.
        self.number(format!("address {url}"), Cited::Address(url.to_owned()))
    }

    fn number(&mut self, key: String, cited: Cited) -> usize {
        let next = self.cited.len() + 1;
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.cited.push(cited);
        }
        number
    }

    /// How many have a number so far.
    pub fn count(&self) -> usize {
        self.cited.len()
    }

    /// What has this number, counted from 1.
    pub fn cited(&self, number: usize) -> Option<Cited> {
        self.cited.get(number.checked_sub(1)?).cloned()
    }

    /// Notes that the text never points to, in the order of their definition.
    pub fn uncited(&self) -> Vec<Vec<Inline>> {
        self.order
            .iter()
            .filter(|label| !self.numbers.contains_key(*label))
            .filter_map(|label| self.defined.get(label).cloned())
            .collect()
    }
}
