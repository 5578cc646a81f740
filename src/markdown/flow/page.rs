//! The blocks of a page, one after the other: their indents, their bars, and the air between them.

use super::line::{Line, LineKind, Role, Span, Style, cut, width};
use super::notes::Notes;
use super::pieces::Pieces;
use super::wrap::{Piece, wrap, wrap_on_paper};
use super::{Flow, FlowOptions, Heading, Medium};
use crate::markdown::block::{Alert, Block, BlockKind, Document, Inline, List, words};

/// Where fewer columns than this would remain, an indent is given up.
const TEXT_MIN: usize = 8;

/// A page in the making.
pub(super) struct Page<'a> {
    pub options: &'a FlowOptions<'a>,
    pub(super) flow: Flow,
    pub(super) notes: Notes,
    prefixes: Vec<Prefix>,
    /// The top-level block that is being set.
    block: usize,
    list_depth: usize,
    pub(super) in_notes: bool,
}

/// What stands left of the lines of a container: a bullet before the first, blanks before the rest.
struct Prefix {
    first: Vec<Span>,
    rest: Vec<Span>,
    width: usize,
    fresh: bool,
}

impl<'a> Page<'a> {
    pub fn new(document: &Document, options: &'a FlowOptions<'a>) -> Self {
        Self {
            options,
            flow: Flow::default(),
            notes: Notes::new(&document.notes),
            prefixes: Vec::new(),
            block: 0,
            list_depth: 0,
            in_notes: false,
        }
    }

    pub fn set(mut self, document: &Document) -> Flow {
        for (n, block) in document.blocks.iter().enumerate() {
            self.block = n;
            if n > 0 {
                self.air(air_between(&document.blocks[n - 1], block));
            }
            self.block(block);
        }
        self.block = document.blocks.len();
        self.note_list();
        count_letters(&mut self.flow.lines);
        self.flow
    }

    /// Columns for text at this depth.
    pub(super) fn columns(&self) -> usize {
        let indent: usize = self.prefixes.iter().map(|prefix| prefix.width).sum();
        self.options.width.saturating_sub(indent).max(1)
    }

    pub(super) fn line(&mut self, spans: Vec<Span>, kind: LineKind) {
        let mut out = Vec::with_capacity(spans.len() + self.prefixes.len());
        for prefix in &mut self.prefixes {
            let fresh = std::mem::take(&mut prefix.fresh);
            out.extend_from_slice(if fresh { &prefix.first } else { &prefix.rest });
        }
        out.extend(spans.into_iter().filter(|span| !span.text.is_empty()));
        // No line ends in blanks: they would show in a selection, and in a diff of the plain text.
        while let Some(last) = out.last_mut() {
            last.text.truncate(last.text.trim_end_matches(' ').len());
            if !last.text.is_empty() {
                break;
            }
            out.pop();
        }
        self.flow.lines.push(Line {
            spans: out,
            kind,
            block: self.block,
            letters_before: 0,
        });
    }

    pub(super) fn air(&mut self, lines: usize) {
        for _ in 0..lines {
            self.line(Vec::new(), LineKind::Blank);
        }
    }

    /// Sets what is inside a container. Where it is too narrow for the container's indent, there is none.
    pub(super) fn inside(
        &mut self,
        first: Vec<Span>,
        rest: Vec<Span>,
        set: impl FnOnce(&mut Self),
    ) {
        let width: usize = first.iter().map(|span| width(&span.text)).sum();
        let fits = self.columns() >= width + TEXT_MIN;
        if fits {
            self.prefixes.push(Prefix {
                first,
                rest,
                width,
                fresh: true,
            });
        }
        set(self);
        if fits
            && let Some(prefix) = self.prefixes.pop()
            && prefix.fresh
        {
            self.prefixes.push(prefix);
            self.line(Vec::new(), LineKind::Text);
            self.prefixes.pop();
        }
    }

    pub(super) fn blocks(&mut self, blocks: &[Block], tight: bool) {
        for (n, block) in blocks.iter().enumerate() {
            if n > 0 && !tight {
                self.air(air_between(&blocks[n - 1], block));
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match &block.kind {
            BlockKind::Heading { level, text, slug } => self.heading(*level, text, slug),
            BlockKind::Paragraph(inlines) => self.paragraph(inlines, Style::default()),
            BlockKind::List(list) => self.list(list),
            BlockKind::Quote(blocks) => {
                let bar = Span::new(
                    format!("{} ", self.options.glyphs.quote_bar()),
                    Role::QuoteBar,
                );
                self.inside(vec![bar.clone()], vec![bar], |page| {
                    page.blocks(blocks, false);
                });
            }
            BlockKind::Alert { kind, blocks } => self.alert(*kind, blocks),
            BlockKind::Code { lang, text, from } => self.code(lang, text, from.as_ref()),
            BlockKind::Table { align, head, rows } => self.table(align, head, rows),
            BlockKind::Rule => {
                let columns = self.columns();
                let rule = self.options.glyphs.rule().repeat(columns);
                self.line(vec![Span::new(rule, Role::Rule)], LineKind::Text);
            }
            BlockKind::Diagram { alt, lines } => self.diagram(alt, lines),
            BlockKind::Live(live) => self.live(live),
        }
    }

    pub(super) fn pieces(&mut self, inlines: &[Inline], style: Style) -> Vec<Piece> {
        let mut pieces = Pieces {
            options: self.options,
            notes: &mut self.notes,
            links: &mut self.flow.links,
            in_notes: self.in_notes,
            out: Vec::new(),
        };
        pieces.inlines(inlines, style);
        pieces.out
    }

    pub(super) fn paragraph(&mut self, inlines: &[Inline], style: Style) {
        let pieces = self.pieces(inlines, style);
        let wrap = match self.options.medium {
            Medium::Plain => wrap_on_paper,
            Medium::Screen { .. } => wrap,
        };
        for spans in wrap(&pieces, self.columns()) {
            self.line(spans, LineKind::Text);
        }
    }

    fn heading(&mut self, level: u8, text: &[Inline], slug: &str) {
        self.flow.outline.push(Heading {
            level,
            text: words(text),
            slug: slug.to_owned(),
            line: self.flow.lines.len(),
        });
        let style = Style {
            strong: true,
            ..Role::Heading(level).into()
        };
        let pieces = self.pieces(text, style);
        let mut widest = 0;
        for spans in wrap(&pieces, self.columns()) {
            widest = widest.max(spans.iter().map(|span| width(&span.text)).sum());
            self.line(spans, LineKind::Heading);
        }
        if self.options.medium == Medium::Plain && level <= 2 {
            let glyphs = self.options.glyphs;
            let rule = if level == 1 {
                glyphs.double_rule()
            } else {
                glyphs.rule()
            };
            self.line(
                vec![Span::new(rule.repeat(widest), Role::Rule)],
                LineKind::Heading,
            );
        }
    }

    fn list(&mut self, list: &List) {
        let depth = self.list_depth;
        self.list_depth += 1;
        let highest = list
            .start
            .map(|start| start.saturating_add(list.items.len() as u64 - 1));
        let number_width = highest.map_or(0, |number| number.to_string().len());
        for (n, item) in list.items.iter().enumerate() {
            if n > 0 && !list.tight {
                self.air(1);
            }
            let mut label = match list.start {
                Some(start) => format!("{:>number_width$}. ", start.saturating_add(n as u64)),
                None if item.task.is_some() => String::new(),
                None => format!("{} ", self.options.glyphs.bullet(depth)),
            };
            if let Some(ticked) = item.task {
                label.push_str(self.options.glyphs.task(ticked));
                label.push(' ');
            }
            let rest = Span::blanks(width(&label));
            let first = Span::new(label, Role::Bullet);
            self.inside(vec![first], vec![rest], |page| {
                page.blocks(&item.blocks, list.tight);
            });
        }
        self.list_depth = depth;
    }

    fn alert(&mut self, kind: Alert, blocks: &[Block]) {
        let bar = Span::new(
            format!("{} ", self.options.glyphs.alert_bar()),
            Role::Alert(kind),
        );
        self.inside(vec![bar.clone()], vec![bar], |page| {
            let label = Style {
                strong: true,
                ..Role::Alert(kind).into()
            };
            let columns = page.columns();
            let label = cut(vec![Span::new(kind.label(), label)], 0, columns, "…");
            page.line(label, LineKind::Text);
            page.blocks(blocks, false);
        });
    }
}

/// Blank lines between two blocks: a section begins with more air than a paragraph does.
fn air_between(before: &Block, after: &Block) -> usize {
    match (&before.kind, &after.kind) {
        (BlockKind::Heading { .. }, BlockKind::Heading { .. }) => 1,
        (_, BlockKind::Heading { level: 1 | 2, .. }) => 2,
        _ => 1,
    }
}

fn count_letters(lines: &mut [Line]) {
    let mut block = 0;
    let mut letters = 0;
    for line in lines {
        if line.block != block {
            block = line.block;
            letters = 0;
        }
        line.letters_before = letters;
        letters += line
            .spans
            .iter()
            .filter(|span| !span.style.role.is_ornament())
            .flat_map(|span| span.text.chars())
            .filter(|c| !c.is_whitespace())
            .count();
    }
}
