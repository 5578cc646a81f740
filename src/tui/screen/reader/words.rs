//! Words of the page explained where they stand: the next one at a key, the one under a click, and from
//! one to those beside it.

use super::{Reader, layout, view};
use crate::content::Term;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::Action;
use crate::tui::screen::Cx;
use crate::tui::theme::Role;
use crate::tui::widget::term::{Explanation, Pane, Target};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Terms shown beside a term: as many as there are keys for.
const BESIDE_MAX: usize = 5;

/// The word that is being explained.
#[derive(Debug, Clone, Copy)]
pub struct Explained {
    /// Index into the glossary.
    term: usize,
    /// The word of the page that led to it; none when the page does not use it.
    word: Option<u16>,
}

/// The list of every term.
pub fn all() -> Effect {
    Effect::Open(Place::Palette {
        words: "term ".to_owned(),
    })
}

impl Reader {
    /// Explains a word of the page, which is brought into view.
    pub(super) fn explain(&mut self, word: u16, cx: &Cx<'_>) {
        let name = self.page.words().find(|(n, _)| *n == word);
        let term = name.and_then(|(_, name)| cx.library.glossary().find(name));
        self.explained = term.map(|term| Explained {
            term,
            word: Some(word),
        });
        self.show_word(word, cx);
    }

    /// Explains the term of this name, at its word when the page has one.
    pub(super) fn explain_name(&mut self, name: &str, cx: &Cx<'_>) {
        let glossary = cx.library.glossary();
        let Some(term) = glossary.find(name) else {
            return;
        };
        let known = glossary.get(term).map_or(name, |term| &term.term);
        let word = self.page.words().find(|(_, here)| *here == known);
        let word = word.map(|(word, _)| word);
        self.explained = Some(Explained { term, word });
        if let Some(word) = word {
            self.show_word(word, cx);
        }
    }

    /// Brings a word into the upper third unless it is in view.
    fn show_word(&mut self, word: u16, cx: &Cx<'_>) {
        let Some(first) = self.page.stretches(word).first().cloned() else {
            return;
        };
        let height = Self::height(cx);
        if !(self.scroll.top..self.scroll.top + height).contains(&first.line) {
            self.scroll_to(first.line.saturating_sub(height / 3), cx);
        }
    }

    /// Explains the first word that is in view or comes after it.
    pub(super) fn explain_next_in_view(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let below = |word: u16| {
            let place = self.page.stretches(word);
            place.iter().any(|part| part.line >= self.scroll.top)
        };
        let next = self.page.words().map(|(word, _)| word).find(|w| below(*w));
        if let Some(word) = next {
            self.explain(word, cx);
            return Vec::new();
        }
        let remark = "no word is explained from here on; W lists them all";
        vec![Effect::info(remark)]
    }

    /// To the word after the one that is explained, or the one before, round the end of the page.
    fn explain_other(&mut self, forward: bool, cx: &Cx<'_>) {
        let words: Vec<u16> = self.page.words().map(|(word, _)| word).collect();
        let here = self.explained.and_then(|explained| explained.word);
        let at = here.and_then(|here| words.iter().position(|word| *word == here));
        let next = match (at, forward) {
            (Some(at), true) => (at + 1) % words.len(),
            (Some(at), false) => (at + words.len() - 1) % words.len(),
            (None, _) => 0,
        };
        if let Some(word) = words.get(next) {
            self.explain(*word, cx);
        }
    }

    /// What a key does while a word is explained; none when it is the page's, which then has it.
    pub(super) fn act_in_explanation(
        &mut self,
        action: Action,
        cx: &Cx<'_>,
    ) -> Option<Vec<Effect>> {
        let explained = self.explained?;
        match action {
            Action::NextFocus => self.explain_other(true, cx),
            Action::PreviousFocus => self.explain_other(false, cx),
            Action::Open => return Some(self.read_on(explained, cx)),
            Action::Choose(nth @ 1..) => {
                self.explain_beside(explained, usize::from(nth) - 1, cx);
            }
            Action::Terms => return Some(vec![all()]),
            Action::Back => self.explained = None,
            _ => {
                self.explained = None;
                return None;
            }
        }
        Some(Vec::new())
    }

    fn explain_beside(&mut self, explained: Explained, nth: usize, cx: &Cx<'_>) {
        let glossary = cx.library.glossary();
        let beside = beside(explained.term, cx).get(nth).copied();
        if let Some(term) = beside.and_then(|term| glossary.get(term)) {
            self.explain_name(&term.term, cx);
        }
    }

    /// To the chapter that teaches it; in that chapter itself, to the word.
    fn read_on(&mut self, explained: Explained, cx: &Cx<'_>) -> Vec<Effect> {
        self.explained = None;
        match cx.library.glossary().get(explained.term) {
            Some(term) if term.chapter != self.chapter.id => {
                vec![Effect::Open(Place::term(&term.chapter, &term.term))]
            }
            _ => Vec::new(),
        }
    }

    /// A click while a word is explained: on what the pane offers, or else away from it.
    pub(super) fn click_explanation(&mut self, at: Position, cx: &Cx<'_>) -> Vec<Effect> {
        let (Some(explained), Some(pane)) = (self.explained, self.pane(cx)) else {
            return Vec::new();
        };
        match pane.target(at) {
            Some(Target::Beside(nth)) => self.explain_beside(explained, nth, cx),
            Some(Target::Chapter) => return self.read_on(explained, cx),
            None if pane.frame.contains(at) => {}
            None => self.explained = None,
        }
        Vec::new()
    }

    fn pane(&self, cx: &Cx<'_>) -> Option<Pane> {
        let explained = self.explained?;
        let glossary = cx.library.glossary();
        let term = glossary.get(explained.term)?;
        let beside = beside(explained.term, cx);
        let explanation = Explanation {
            term: &term.term,
            means: &term.means,
            beside: beside
                .iter()
                .filter_map(|other| glossary.get(*other))
                .map(|other| other.term.as_str())
                .collect(),
            taught_in: taught_in(term, cx),
        };
        let text = layout::areas(cx.area).text;
        let word = explained.word.and_then(|word| self.on_screen(word, text));
        Some(explanation.pane(word, text, cx.theme))
    }

    /// Where a word is drawn, when it is.
    fn on_screen(&self, word: u16, text: Rect) -> Option<Position> {
        let part = self.page.stretches(word).into_iter().next()?;
        let row = u16::try_from(part.line.checked_sub(self.scroll.top)?).ok()?;
        let at = Position::new(text.x + part.columns.start as u16, text.y.checked_add(row)?);
        text.contains(at).then_some(at)
    }
}

fn beside(term: usize, cx: &Cx<'_>) -> Vec<usize> {
    let mut beside = cx.library.glossary().beside(term);
    beside.truncate(BESIDE_MAX);
    beside
}

/// `12 Leader election`
fn taught_in(term: &Term, cx: &Cx<'_>) -> String {
    let mut chapters = cx.library.chapters();
    let chapter = chapters.find(|chapter| chapter.meta.id == term.chapter);
    chapter.map_or_else(
        || term.chapter.clone(),
        |chapter| format!("{} {}", chapter.meta.number, chapter.meta.title),
    )
}

/// The word in its light, and what it means beside it.
pub fn draw(reader: &Reader, cx: &Cx<'_>, buf: &mut Buffer) {
    let Some(pane) = reader.pane(cx) else { return };
    let text = layout::areas(cx.area).text;
    let word = reader.explained.and_then(|explained| explained.word);
    let parts = word.map_or_else(Vec::new, |word| reader.page.stretches(word));
    let style = cx.theme.style(Role::Selection);
    view::mark(&parts, reader.scroll.top, style, text, buf);
    pane.render(cx.theme, buf);
}
