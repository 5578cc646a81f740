//! Notes are numbered by their first use, and listed at the end of the page.

use super::line::{LineKind, Role, Span, Style, width};
use super::page::Page;
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

impl Page<'_> {
    /// The sources: those that the text points to by their numbers, then the rest. They stand under the
    /// page's own "Sources" heading, or else under a line.
    pub(super) fn note_list(&mut self) {
        let headed = self
            .flow
            .outline
            .last()
            .is_some_and(|last| last.slug == "sources");
        let uncited = self.notes.uncited();
        if self.notes.count() + uncited.len() == 0 {
            return;
        }
        self.note_list_begins(headed);
        self.in_notes = true;
        // A note may itself point to another: the list grows while it is set.
        let mut number = 1;
        while let Some(note) = self.notes.cited(number) {
            let digits = self.notes.count().to_string().len();
            let label = Span::new(format!("{number:>digits$}  "), Role::NoteMark);
            let rest = Span::blanks(width(&label.text));
            self.flow.notes.push(self.flow.lines.len());
            let text = match note {
                Cited::Note(text) => text,
                Cited::Address(url) => vec![Inline::Link {
                    text: vec![Inline::Text(url.clone())],
                    url,
                }],
            };
            self.inside(vec![label], vec![rest], |page| {
                page.paragraph(&text, Style::default());
            });
            number += 1;
        }
        for text in uncited {
            let label = Span::new(format!("{} ", self.options.glyphs.bullet(0)), Role::Bullet);
            let rest = Span::blanks(width(&label.text));
            self.inside(vec![label], vec![rest], |page| {
                page.paragraph(&text, Style::default());
            });
        }
    }

    fn note_list_begins(&mut self, headed: bool) {
        if self.flow.lines.is_empty() {
            return;
        }
        if !headed {
            self.air(2);
            let columns = self.columns().min(16);
            let rule = self.options.glyphs.rule().repeat(columns);
            self.line(vec![Span::new(rule, Role::Rule)], LineKind::Text);
        }
        self.air(1);
    }
}
