//! Finding words in the page: typed in the bottom row, found as one types.

use super::Reader;
use crate::markdown::Flow;
use crate::markdown::flow::{Hit, Letters};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::Action;
use crate::tui::screen::Cx;
use crate::tui::widget::field::Field;
use crossterm::event::KeyEvent;

/// Lines within which words that were found in one passage stand, when they stand as a phrase.
const PHRASE_LINES: usize = 3;

#[derive(Debug)]
pub struct Search {
    input: Field,
    typing: bool,
    letters: Letters,
    hits: Vec<Hit>,
    current: usize,
    /// The line at the top when it began: where leaving it goes back to.
    pub began_at: usize,
    /// What the search of the whole book looked for here: words that may stand apart.
    apart: Vec<String>,
}

impl Search {
    pub fn new(flow: &Flow, began_at: usize) -> Self {
        Self {
            input: Field::default(),
            typing: true,
            letters: Letters::of(flow),
            hits: Vec::new(),
            current: 0,
            began_at,
            apart: Vec::new(),
        }
    }

    /// The words that led here from the search of the book, found on this line or from there on.
    pub fn marking(words: &[String], flow: &Flow, line: usize) -> Self {
        let mut search = Self {
            input: Field::of(words.join(" ")),
            typing: false,
            ..Self::new(flow, line)
        };
        let near = |hit: &Hit| (line..line + PHRASE_LINES).contains(&hit.line());
        search.find();
        if !search.hits.iter().any(near) {
            search.apart = words.to_vec();
        }
        search.restart();
        search
    }

    pub fn is_typing(&self) -> bool {
        self.typing
    }

    pub fn query(&self) -> &str {
        self.input.text()
    }

    pub fn cursor(&self) -> u16 {
        self.input.cursor()
    }

    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    pub fn current(&self) -> usize {
        self.current
    }

    /// The line of the hit that one stands at.
    pub fn line(&self) -> Option<usize> {
        self.hits.get(self.current).map(Hit::line)
    }

    /// The typing is done; the hits stay marked.
    pub fn accept(&mut self) {
        self.typing = false;
    }

    pub fn type_key(&mut self, key: KeyEvent) {
        if self.input.key(key) {
            self.restart();
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.input.paste(text);
        self.restart();
    }

    /// New words: the first hit at or below where one was.
    fn restart(&mut self) {
        self.find();
        let below = self.hits.iter().position(|hit| hit.line() >= self.began_at);
        self.current = below.unwrap_or(0);
    }

    /// The same words in a page that was set anew.
    pub fn find_in(&mut self, flow: &Flow) {
        self.letters = Letters::of(flow);
        self.find();
    }

    fn find(&mut self) {
        self.hits = if self.apart.is_empty() {
            self.letters.find(self.query())
        } else {
            let words = self.apart.iter();
            let mut hits: Vec<Hit> = words.flat_map(|word| self.letters.find(word)).collect();
            hits.sort_by_key(|hit| hit.stretches.first().map(|s| (s.line, s.columns.start)));
            hits
        };
        self.current = self.current.min(self.hits.len().saturating_sub(1));
    }

    /// To the next hit or the one before, round the end of the page.
    pub fn step(&mut self, forward: bool) {
        let count = self.hits.len().max(1);
        let by = if forward { 1 } else { count - 1 };
        self.current = (self.current + by) % count;
    }
}

impl Reader {
    pub(super) fn act_in_search(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(search) = &mut self.search else {
            return Vec::new();
        };
        match action {
            // What is not on this page may be elsewhere in the book.
            Action::Open if search.hits().is_empty() && !search.query().is_empty() => {
                let words = search.query().to_owned();
                self.search = None;
                return vec![Effect::Open(Place::Palette { words })];
            }
            Action::Open if search.query().is_empty() => self.search = None,
            Action::Open => search.accept(),
            Action::Back => {
                let line = search.began_at;
                self.search = None;
                self.scroll_to(line, cx);
            }
            _ => {}
        }
        Vec::new()
    }

    /// Marks the words that were found in the book, and shows the place where.
    pub(super) fn show_words(&mut self, words: &[String], line: usize, cx: &Cx<'_>) {
        self.search = Some(Search::marking(words, &self.page.flow, line));
        self.scroll_to(line.saturating_sub(Self::height(cx) / 3), cx);
        self.show_hit(cx);
    }

    pub(super) fn next_hit(&mut self, forward: bool, cx: &Cx<'_>) {
        if let Some(search) = &mut self.search {
            search.step(forward);
            self.show_hit(cx);
        }
    }

    /// Brings the hit to the upper third, where the eye reads; leaves the page alone when it is in view.
    pub(super) fn show_hit(&mut self, cx: &Cx<'_>) {
        let Some(search) = &self.search else { return };
        let line = search.line().unwrap_or(search.began_at);
        let height = Self::height(cx);
        if !(self.scroll.top..self.scroll.top + height).contains(&line) {
            self.scroll_to(line.saturating_sub(height / 3), cx);
        }
    }
}
