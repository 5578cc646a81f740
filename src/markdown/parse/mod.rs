//! Markdown text to a [`Document`], by way of pulldown-cmark's events.
//!
//! The reader descends: [`Parser::blocks`] and [`Parser::inlines`] each take the events of one nesting
//! level. A hostile page can nest a hundred thousand quotes, so both stop descending at
//! [`DEPTH_MAX`] and take what is deeper as if it stood there.

mod inline;
mod places;

use super::block::{Alert, Align, Block, BlockKind, Document, Inline, Item, List, Note, Problem};
use super::block::{slug, words};
use super::fence::{self, Include};
use ddlab_text::{clean, clean_line, clip};
use inline::{is_inline, without_comments};
use places::Places;
use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, Event, OffsetIter, Options, Tag, TextMergeWithOffset,
};
use std::collections::HashMap;
use std::iter::Peekable;
use std::ops::Range;

/// Levels of quotes and lists, or of emphasis, that are told apart.
const DEPTH_MAX: usize = 24;

/// How a text is to be read.
pub struct Reading<'a> {
    /// The line of the file on which the text starts (1-based).
    pub first_line: usize,
    /// Notes that are defined outside the text: label, and its markdown.
    pub sources: &'a [(&'a str, &'a str)],
    /// Finds the text of an `include=`; the error completes "cannot include X: …".
    pub include: &'a dyn Fn(&Include) -> Result<String, String>,
}

impl Default for Reading<'_> {
    fn default() -> Self {
        Self {
            first_line: 1,
            sources: &[],
            include: &|_| Err("nothing can be included here".to_owned()),
        }
    }
}

/// Reads a page. Whatever the text is, there is a document; what was wrong is in its `problems`.
pub fn parse(text: &str, reading: &Reading<'_>) -> Document {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let events = pulldown_cmark::Parser::new_ext(text, options).into_offset_iter();
    let mut parser = Parser {
        events: TextMergeWithOffset::new(events).peekable(),
        places: Places::new(text, reading.first_line),
        reading,
        notes: Vec::new(),
        slugs: HashMap::new(),
        problems: Vec::new(),
        task: None,
    };
    let blocks = parser.blocks(0);
    parser.finish(blocks)
}

/// The inlines of a short text (a source, a caption, a prompt of one paragraph).
pub fn parse_inline(text: &str) -> Vec<Inline> {
    let mut out = first_paragraphs(parse(text, &Reading::default()).blocks);
    if out.is_empty() {
        // A source such as `2013. Something` reads as a list; its words matter more than its form.
        out.push(Inline::Text(clean_line(text.trim()).into_owned()));
    }
    out
}

struct Parser<'a> {
    events: Peekable<TextMergeWithOffset<'a, OffsetIter<'a>>>,
    places: Places,
    reading: &'a Reading<'a>,
    notes: Vec<Note>,
    /// How many more headings came with the words of each.
    slugs: HashMap<String, usize>,
    problems: Vec<Problem>,
    /// The tick box of the list item that we are in, once it was met.
    task: Option<bool>,
}

impl Parser<'_> {
    /// The blocks up to the end of the element that we are in; that end is left in the stream.
    fn blocks(&mut self, depth: usize) -> Vec<Block> {
        let mut out = Vec::new();
        let mut flattened = 0_usize;
        while let Some((event, range)) = self.events.peek() {
            let start = range.start;
            let deep = depth >= DEPTH_MAX;
            match event {
                Event::End(_) if flattened == 0 => break,
                Event::End(_) => {
                    flattened -= 1;
                    self.events.next();
                }
                Event::Start(tag) if deep && is_container(tag) => {
                    flattened += 1;
                    self.events.next();
                }
                event if is_inline(event) => {
                    let inlines = self.inlines(0);
                    out.push(self.block(start, BlockKind::Paragraph(inlines)));
                }
                _ => {
                    if let Some(kind) = self.one_block(depth) {
                        out.push(self.block(start, kind));
                    }
                }
            }
        }
        out
    }

    fn block(&self, start: usize, kind: BlockKind) -> Block {
        let line = self.places.of(start).0;
        Block { line, kind }
    }

    fn one_block(&mut self, depth: usize) -> Option<BlockKind> {
        let (event, range) = self.events.next()?;
        let Event::Start(tag) = event else {
            return matches!(event, Event::Rule).then_some(BlockKind::Rule);
        };
        let kind = match tag {
            Tag::Paragraph => Some(BlockKind::Paragraph(self.inlines(0))),
            Tag::Heading { level, .. } => {
                let text = self.inlines(0);
                let slug = self.unique_slug(&words(&text));
                let level = level as u8;
                Some(BlockKind::Heading { level, text, slug })
            }
            Tag::BlockQuote(None) => Some(BlockKind::Quote(self.blocks(depth + 1))),
            Tag::BlockQuote(Some(kind)) => Some(BlockKind::Alert {
                kind: alert(kind),
                blocks: self.blocks(depth + 1),
            }),
            Tag::CodeBlock(kind) => Some(self.fence(&kind, &range)),
            Tag::List(start) => Some(BlockKind::List(self.list(start, depth + 1))),
            Tag::FootnoteDefinition(label) => {
                let label = clean_line(&label).into_owned();
                let blocks = self.blocks(depth + 1);
                if let Some(block) = blocks.iter().find(|block| !is_paragraph(block)) {
                    self.problems.push(Problem {
                        line: block.line,
                        column: 1,
                        message: format!("the note `[^{label}]` shows only its paragraphs"),
                        cure: "write it as running text, or move the rest into the page".to_owned(),
                    });
                }
                let text = first_paragraphs(blocks);
                let line = self.places.of(range.start).0;
                self.notes.push(Note { label, line, text });
                None
            }
            Tag::Table(align) => Some(self.table(&align)),
            Tag::HtmlBlock => self.html(range.start),
            // The rest is not switched on, so it never starts.
            _ => {
                self.blocks(depth + 1);
                None
            }
        };
        self.events.next();
        kind
    }

    fn fence(&mut self, kind: &CodeBlockKind<'_>, range: &Range<usize>) -> BlockKind {
        let mut body = String::new();
        while let Some((Event::Text(text), _)) = self
            .events
            .next_if(|(event, _)| matches!(event, Event::Text(_)))
        {
            body.push_str(&text);
        }
        let info = match kind {
            CodeBlockKind::Fenced(info) => info,
            CodeBlockKind::Indented => "",
        };
        let (block, fault) = fence::read(info, &body, self.reading.include);
        if let Some(fault) = fault {
            self.problem(range.start, fault.message, fault.cure);
        }
        block
    }

    fn list(&mut self, start: Option<u64>, depth: usize) -> List {
        let mut items = Vec::new();
        let mut tight = true;
        while self
            .events
            .next_if(|(event, _)| matches!(event, Event::Start(Tag::Item)))
            .is_some()
        {
            // In a loose list the item's text comes wrapped in a paragraph.
            tight &= !matches!(self.events.peek(), Some((Event::Start(Tag::Paragraph), _)));
            let outer = self.task.take();
            let blocks = self.blocks(depth);
            let task = std::mem::replace(&mut self.task, outer);
            items.push(Item { task, blocks });
            self.events.next();
        }
        List {
            start,
            items,
            tight,
        }
    }

    fn table(&mut self, align: &[Alignment]) -> BlockKind {
        let mut rows = Vec::new();
        while let Some((Event::Start(_), _)) = self
            .events
            .next_if(|(event, _)| matches!(event, Event::Start(Tag::TableHead | Tag::TableRow)))
        {
            let mut cells = Vec::new();
            while self
                .events
                .next_if(|(event, _)| matches!(event, Event::Start(Tag::TableCell)))
                .is_some()
            {
                cells.push(self.inlines(0));
                self.events.next();
            }
            self.events.next();
            rows.push(cells);
        }
        let align = align
            .iter()
            .map(|align| match align {
                Alignment::None | Alignment::Left => Align::Left,
                Alignment::Center => Align::Centre,
                Alignment::Right => Align::Right,
            })
            .collect();
        let mut rows = rows.into_iter();
        let head = rows.next().unwrap_or_default();
        let mut rows: Vec<_> = rows.collect();
        for row in &mut rows {
            row.resize(head.len(), Vec::new());
        }
        BlockKind::Table { align, head, rows }
    }

    /// HTML has no meaning here: it is shown as it is written, comments left out.
    fn html(&mut self, start: usize) -> Option<BlockKind> {
        let mut text = String::new();
        while let Some((Event::Html(html) | Event::Text(html), _)) = self
            .events
            .next_if(|(event, _)| matches!(event, Event::Html(_) | Event::Text(_)))
        {
            text.push_str(&html);
        }
        let text = without_comments(&text);
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if text.contains('<') {
            self.html_problem(start, &clean_line(text));
        }
        let mut inlines = Vec::new();
        for (n, line) in clean(text).lines().enumerate() {
            if n > 0 {
                inlines.push(Inline::Break);
            }
            inlines.push(Inline::Text(clean_line(line).into_owned()));
        }
        Some(BlockKind::Paragraph(inlines))
    }

    /// Numbered as GitHub does: `details`, `details-1`, and never one that a heading has by its words.
    fn unique_slug(&mut self, heading: &str) -> String {
        let slug = slug(heading);
        let mut unique = slug.clone();
        while self.slugs.contains_key(&unique) {
            let number = self.slugs.entry(slug.clone()).or_insert(0);
            *number += 1;
            unique = format!("{slug}-{number}");
        }
        self.slugs.insert(unique.clone(), 0);
        unique
    }

    fn html_problem(&mut self, offset: usize, html: &str) {
        self.problem(
            offset,
            format!("HTML is shown as it is written: `{}`", clip(html, 60)),
            "write it in markdown, or put it between backticks".to_owned(),
        );
    }

    fn problem(&mut self, offset: usize, message: String, cure: String) {
        let (line, column) = self.places.of(offset);
        self.problems.push(Problem {
            line,
            column,
            message,
            cure,
        });
    }

    fn finish(mut self, blocks: Vec<Block>) -> Document {
        for (label, text) in self.reading.sources {
            if !self.notes.iter().any(|note| note.label == *label) {
                self.notes.push(Note {
                    label: clean_line(label).into_owned(),
                    line: self.reading.first_line,
                    text: parse_inline(text),
                });
            }
        }
        Document {
            blocks,
            notes: self.notes,
            problems: self.problems,
        }
    }
}

fn is_paragraph(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Paragraph(_))
}

fn is_container(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::BlockQuote(_) | Tag::List(_) | Tag::Item)
}

const fn alert(kind: BlockQuoteKind) -> Alert {
    match kind {
        BlockQuoteKind::Note => Alert::Note,
        BlockQuoteKind::Tip => Alert::Tip,
        BlockQuoteKind::Important => Alert::Important,
        BlockQuoteKind::Warning => Alert::Warning,
        BlockQuoteKind::Caution => Alert::Caution,
    }
}

fn first_paragraphs(blocks: Vec<Block>) -> Vec<Inline> {
    let mut out = Vec::new();
    for block in blocks {
        if let BlockKind::Paragraph(inlines) = block.kind {
            if !out.is_empty() {
                out.push(Inline::Break);
            }
            out.extend(inlines);
        }
    }
    out
}
