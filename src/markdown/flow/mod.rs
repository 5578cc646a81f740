//! A document and a width to lines.
//!
//! - [`line`]: lines, spans, roles; measuring and cutting.
//! - [`page`]: the blocks, one after the other, with their indents and the air between them.
//! - [`as_is`] and [`fold`]: code, drawings, and the lines kept free for what is live.
//! - [`pieces`] and [`wrap`]: a paragraph's words, and where its lines end.
//! - [`table`], [`notes`]: what their names say.
//! - [`find`]: search over the lines.
//!
//! Live figures, questions and exercises become [`Slot`]s: lines reserved for whoever draws them.

mod as_is;
mod find;
mod fold;
mod glyphs;
mod line;
mod notes;
mod page;
mod pieces;
mod table;
mod wrap;

#[cfg(test)]
mod tests;

pub use find::{Hit, Letters, Stretch};
pub use glyphs::Glyphs;
pub use line::{Line, LineKind, Role, Span, Style, width};

use crate::markdown::block::{Block, Document, Live};
use crate::markdown::highlight::Coloured;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a document is to be set.
#[derive(Clone, Copy)]
pub struct FlowOptions<'a> {
    /// Columns; at least 1.
    pub width: usize,
    pub glyphs: Glyphs,
    pub medium: Medium,
    /// The classes of a code block (language, text); none leaves it plain.
    pub colours: &'a dyn Fn(&str, &str) -> Option<Arc<Coloured>>,
    /// What takes the place of a figure, a question or an exercise that may be this many columns wide.
    pub fill: &'a dyn Fn(&Live, usize) -> Fill,
}

/// Where the lines will be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// In a window: colour tells headings and code apart; drawings that are too wide are cut, and shown
    /// from column `offset` on.
    Screen { offset: usize },
    /// In a pipe or a file: headings are underlined, code has backticks, nothing is cut, drawings come
    /// with their description.
    Plain,
}

/// What stands in the place of something live.
#[derive(Debug, Clone, PartialEq)]
pub enum Fill {
    /// So many lines, to be drawn over.
    Reserve(usize),
    /// Text instead.
    Blocks(Vec<Block>),
}

impl<'a> FlowOptions<'a> {
    /// For a window of this width, without colour in the code, four lines for anything live.
    pub fn screen(width: usize) -> FlowOptions<'a> {
        Self {
            width,
            glyphs: Glyphs::Unicode,
            medium: Medium::Screen { offset: 0 },
            colours: &|_, _| None,
            fill: &|_, _| Fill::Reserve(4),
        }
    }
}

/// A document set at a width.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    pub lines: Vec<Line>,
    pub outline: Vec<Heading>,
    pub slots: Vec<Slot>,
    /// What spans point to by `Span::link`.
    pub links: Vec<Link>,
    /// The line of each note in the list at the end; note `n` is at `n - 1`.
    pub notes: Vec<usize>,
    /// Columns that cut lines have beyond the width: how far it makes sense to scroll sideways.
    pub hidden_columns: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub level: u8,
    pub text: String,
    pub slug: String,
    pub line: usize,
}

/// Lines reserved for something live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub live: Live,
    pub first_line: usize,
    pub height: usize,
    /// Columns left of it, when it stands in a list or a quote.
    pub indent: usize,
    pub width: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// As written, or `#note-3` for the mark of a note, `term:lease` for a word of the glossary.
    pub target: String,
}

/// What the target of a word of the glossary begins with.
const TERM_SCHEME: &str = "term:";

impl Link {
    /// The name of the term, when it is one.
    pub fn term(&self) -> Option<&str> {
        self.target.strip_prefix(TERM_SCHEME)
    }
}

/// A place in the text that survives a change of width and an edit of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Anchor {
    /// The index of the block.
    pub block: usize,
    /// Letters of that block before the place: lines would mean another place at another width.
    #[serde(default)]
    pub letters: usize,
}

impl Flow {
    pub fn new(document: &Document, options: &FlowOptions<'_>) -> Self {
        page::Page::new(document, options).set(document)
    }

    /// The place of a line.
    pub fn anchor_at(&self, line: usize) -> Anchor {
        let line = self.lines.get(line).or(self.lines.last());
        line.map_or(Anchor::default(), |line| Anchor {
            block: line.block,
            letters: line.letters_before,
        })
    }

    /// The line on which a place now is.
    pub fn line_of(&self, anchor: Anchor) -> usize {
        let key = |line: &Line| (line.block, line.letters_before);
        let after = self
            .lines
            .partition_point(|line| key(line) <= (anchor.block, anchor.letters));
        let Some(last) = after.checked_sub(1) else {
            return 0;
        };
        // Lines without letters of their own share a place: the first of a slot's lines, and not the air
        // above a paragraph but its first line.
        let place = key(&self.lines[last]);
        let first = self.lines.partition_point(|line| key(line) < place);
        let written = |n: &usize| self.lines[*n].kind != LineKind::Blank;
        (first..=last).find(written).unwrap_or(first)
    }

    /// The heading under which a line stands, as an index into the outline.
    pub fn section_at(&self, line: usize) -> Option<usize> {
        self.outline
            .partition_point(|heading| heading.line <= line)
            .checked_sub(1)
    }

    /// The line that a link within the page points to: `#how-it-works`, `#note-3`.
    pub fn line_of_target(&self, target: &str) -> Option<usize> {
        let name = target.strip_prefix('#')?;
        if let Some(number) = name.strip_prefix("note-") {
            let number: usize = number.parse().ok()?;
            return self.notes.get(number.checked_sub(1)?).copied();
        }
        let heading = self.outline.iter().find(|heading| heading.slug == name)?;
        Some(heading.line)
    }
}
