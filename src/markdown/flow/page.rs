//! The blocks of a page, one after the other: their indents, their bars, and the air between them.

use super::line::{Line, LineKind, Role, Span, Style, cut, width};
use super::notes::{Cited, Notes};
use super::pieces::Pieces;
use super::wrap::{Piece, wrap};
use super::{Fill, Flow, FlowOptions, Heading, Medium, Slot};
use crate::markdown::block::{Alert, Block, BlockKind, Document, Inline, List, Live, words};
use crate::markdown::fence::Include;

/// Where fewer columns than this would remain, an indent is given up.
const TEXT_MIN: usize = 8;

/// A page in the making.
pub(super) struct Page<'a> {
    pub options: &'a FlowOptions<'a>,
    flow: Flow,
    notes: Notes,
    prefixes: Vec<Prefix>,
    /// The top-level block that is being set.
    block: usize,
    list_depth: usize,
    in_notes: bool,
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

    fn air(&mut self, lines: usize) {
        for _ in 0..lines {
            self.line(Vec::new(), LineKind::Blank);
        }
    }

    /// Sets what is inside a container. Where it is too narrow for the container's indent, there is none.
    fn inside(&mut self, first: Vec<Span>, rest: Vec<Span>, set: impl FnOnce(&mut Self)) {
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

    fn blocks(&mut self, blocks: &[Block], tight: bool) {
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

    fn paragraph(&mut self, inlines: &[Inline], style: Style) {
        let pieces = self.pieces(inlines, style);
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

    fn code(&mut self, lang: &str, text: &str, from: Option<&Include>) {
        let indent = self.figure_indent();
        if let Some(from) = from {
            let dot = self.options.glyphs.middle_dot();
            let label = match &from.region {
                Some(region) => format!("{} {dot} {region}", from.file),
                None => from.file.clone(),
            };
            self.as_is(vec![Span::new(label, Role::Muted)], indent, LineKind::Code);
        }
        let coloured = (self.options.colours)(lang, text);
        for (n, plain) in text.lines().enumerate() {
            let spans = match coloured.as_deref().and_then(|lines| lines.get(n)) {
                Some(spans) => spans
                    .iter()
                    .map(|(token, text)| Span::new(text.as_str(), Role::Code(*token)))
                    .collect(),
                None => vec![Span::new(
                    plain,
                    Role::Code(super::super::highlight::Token::Plain),
                )],
            };
            self.as_is(spans, indent, LineKind::Code);
        }
    }

    fn diagram(&mut self, alt: &str, lines: &[String]) {
        let plain = self.options.medium == Medium::Plain;
        if plain && !alt.is_empty() {
            let label = [Inline::Text(format!("[drawing: {alt}]"))];
            self.paragraph(&label, Style::default());
            self.air(1);
        }
        let widest = lines.iter().map(|line| width(line)).max().unwrap_or(0);
        let indent = self
            .figure_indent()
            .min(self.columns().saturating_sub(widest));
        for line in lines {
            let spans = vec![Span::new(line.as_str(), Role::Diagram)];
            self.as_is(spans, indent, LineKind::Diagram);
        }
        // A drawing of which a part is out of sight needs its words.
        if !plain && !alt.is_empty() && widest > self.columns() {
            self.paragraph(&[Inline::Text(alt.to_owned())], Role::Muted.into());
        }
    }

    fn figure_indent(&self) -> usize {
        if self.columns() >= 40 { 2 } else { 0 }
    }

    /// A line that is never wrapped: cut in a window, whole on paper.
    fn as_is(&mut self, mut spans: Vec<Span>, indent: usize, kind: LineKind) {
        if let Medium::Screen { offset } = self.options.medium {
            let columns = self.columns() - indent;
            let wanted: usize = spans.iter().map(|span| width(&span.text)).sum();
            let hidden = &mut self.flow.hidden_columns;
            *hidden = (*hidden).max(wanted.saturating_sub(columns));
            spans = cut(spans, offset, columns, self.options.glyphs.cut());
        }
        if indent > 0 {
            spans.insert(0, Span::blanks(indent));
        }
        self.line(spans, kind);
    }

    fn live(&mut self, live: &Live) {
        let columns = self.columns();
        match (self.options.fill)(live, columns) {
            Fill::Blocks(blocks) => self.blocks(&blocks, false),
            Fill::Reserve(height) => {
                self.flow.slots.push(Slot {
                    live: live.clone(),
                    first_line: self.flow.lines.len(),
                    height,
                    indent: self.options.width - columns.min(self.options.width),
                    width: columns,
                });
                for _ in 0..height {
                    self.line(Vec::new(), LineKind::Slot);
                }
            }
        }
    }

    /// The sources: those that the text points to by their numbers, then the rest. They stand under the
    /// page's own "Sources" heading, or else under a line.
    fn note_list(&mut self) {
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
                Cited::Address(url) => vec![Inline::Text(url)],
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
