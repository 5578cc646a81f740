//! The text of the chapter set at the width of its column, and what is live in it.

use super::Focus;
use super::inset::Inset;
use crate::book;
use crate::content::Glossary;
use crate::content::model::Chapter;
use crate::markdown::block::{Block, BlockKind, Live};
use crate::markdown::flow::{Fill, Glyphs, Line, LineKind, Medium, Span, Stretch, width};
use crate::markdown::{Document, Flow, FlowOptions, Reading, parse};
use crate::progress::{Event, Marks, Recorded};
use crate::study::chapter;
use crate::tui::address::Address;
use crate::tui::effect::Effect;
use crate::tui::screen::Cx;
use crate::tui::widget::kept::Kept;
use crate::tui::widget::parts::Parts;
use ratatui::layout::Rect;
use std::cell::Cell;
use std::ops::Range;

/// Headings of this level are the sections that the record counts.
const SECTION: u8 = 2;

/// A section, and the lines from its heading to its last written one.
pub struct Section {
    pub slug: String,
    pub lines: Range<usize>,
}

pub struct Page {
    document: Document,
    pub flow: Flow,
    /// The width that the flow was made for.
    pub width: usize,
    /// In the order of the text, which is that of `flow.slots`.
    pub insets: Vec<Inset>,
}

impl Page {
    pub fn new(chapter: &Chapter, glossary: &Glossary, marks: &Marks) -> Self {
        let mut document = book::explained(chapter, glossary);
        let next = parse(&what_next(chapter), &Reading::default());
        document.blocks.extend(next.blocks);
        let mut live = Vec::new();
        collect(&document.blocks, &mut live);
        Self {
            insets: live
                .into_iter()
                .map(|live| Inset::new(live, chapter, marks))
                .collect(),
            document,
            flow: Flow::default(),
            width: 0,
        }
    }

    pub fn set(&mut self, width: usize, sideways: usize, focus: Option<Focus>, cx: &Cx<'_>) {
        let next = Cell::new(0);
        let insets = &self.insets;
        let fill = |_: &Live, columns: usize| {
            let n = next.replace(next.get() + 1);
            let focused = focus.is_some_and(|focus| focus.inset == n);
            let height = insets
                .get(n)
                .map_or(0, |inset| inset.height(columns as u16, focused, cx.theme));
            Fill::Reserve(height)
        };
        let options = FlowOptions {
            width: width.max(1),
            glyphs: Glyphs::of(cx.theme.is_ascii()),
            medium: Medium::Screen { offset: sideways },
            colours: &|lang, text| cx.highlighter.cached(lang, text),
            fill: &fill,
        };
        self.flow = Flow::new(&self.document, &options);
        self.width = width;
    }

    /// Requests for the colours of code that has none yet.
    pub fn uncoloured(&self, cx: &Cx<'_>) -> Vec<Effect> {
        let mut code = Vec::new();
        collect_code(&self.document.blocks, &mut code);
        code.into_iter()
            .filter(|(lang, text)| cx.highlighter.cached(lang, text).is_none())
            .map(|(lang, code)| Effect::Highlight {
                lang: lang.to_owned(),
                code: code.to_owned(),
            })
            .collect()
    }

    /// The code of the first block in these lines that has some.
    pub fn code_in(&self, lines: Range<usize>) -> Option<&str> {
        let lines = self.flow.lines.iter().take(lines.end).skip(lines.start);
        lines.map(|line| line.block).find_map(|block| {
            let mut code = Vec::new();
            collect_code(self.document.blocks.get(block..=block)?, &mut code);
            code.first().map(|(_, text)| *text)
        })
    }

    pub fn sections(&self) -> Vec<Section> {
        let sections = || self.flow.outline.iter().filter(|h| h.level <= SECTION);
        let ends = sections()
            .skip(1)
            .map(|next| next.line)
            .chain([self.flow.lines.len()]);
        sections()
            .zip(ends)
            .map(|(section, end)| Section {
                slug: section.slug.clone(),
                lines: section.line..self.last_written(end.saturating_sub(1)) + 1,
            })
            .collect()
    }

    /// How many words these lines have.
    pub fn words_in(&self, lines: Range<usize>) -> usize {
        let lines = self.flow.lines.iter().take(lines.end).skip(lines.start);
        lines
            .map(|line| line.text().split_whitespace().count())
            .sum()
    }

    /// The blank lines before the next heading need not be seen.
    fn last_written(&self, mut line: usize) -> usize {
        let blank = |line: usize| {
            let line = self.flow.lines.get(line);
            line.is_some_and(|line| line.kind == LineKind::Blank)
        };
        while line > 0 && blank(line) {
            line -= 1;
        }
        line
    }

    /// The section that this entry of the outline belongs to: its number, from 1, and its title.
    pub fn section_of(&self, outline: usize) -> Option<(usize, &str)> {
        let upto = self.flow.outline.get(..=outline)?;
        let mut sections = upto.iter().filter(|heading| heading.level <= SECTION);
        let number = sections.clone().count();
        Some((number, sections.next_back()?.text.as_str()))
    }

    /// The slug of that section.
    pub fn section_slug(&self, outline: usize) -> Option<&str> {
        let upto = self.flow.outline.get(..=outline)?;
        let heading = upto.iter().rev().find(|heading| heading.level <= SECTION)?;
        Some(&heading.slug)
    }

    /// Where the link at this place of the page leads.
    pub fn link_at(&self, line: usize, column: usize) -> Option<String> {
        let leads = self.span_at(line, column)?.link?;
        Some(self.flow.links.get(usize::from(leads))?.target.clone())
    }

    /// The addresses of the web in the lines from this one on, as they stand in an area.
    pub fn addresses(&self, top: usize, area: Rect) -> Vec<Address> {
        let lines = self.flow.lines.iter().skip(top).zip(area.rows());
        let of_line = |(line, row): (&Line, Rect)| {
            let mut left = 0;
            let spans = line.spans.iter().filter_map(move |span| {
                let begin = left;
                left += width(&span.text) as u16;
                let link = self.flow.links.get(usize::from(span.link?))?;
                Address::new(&link.target, row.after(begin).first(left - begin))
            });
            spans.collect::<Vec<_>>()
        };
        lines.flat_map(of_line).collect()
    }

    /// The word of the glossary at this place of the page, as a link of the flow.
    pub fn word_at(&self, line: usize, column: usize) -> Option<u16> {
        let link = self.span_at(line, column)?.link?;
        let words = self.flow.links.get(usize::from(link))?;
        words.term().map(|_| link)
    }

    fn span_at(&self, line: usize, column: usize) -> Option<&Span> {
        let mut end = 0;
        self.flow.lines.get(line)?.spans.iter().find(|span| {
            end += width(&span.text);
            column < end
        })
    }

    /// The words that the glossary explains, as links of the flow, with their names, in the order of the page.
    pub fn words(&self) -> impl DoubleEndedIterator<Item = (u16, &str)> {
        let links = self.flow.links.iter().zip(0..=u16::MAX);
        links.filter_map(|(link, n)| Some((n, link.term()?)))
    }

    /// Where a link is drawn.
    pub fn stretches(&self, link: u16) -> Vec<Stretch> {
        let mut out = Vec::new();
        for (line, set) in self.flow.lines.iter().enumerate() {
            let mut column = 0;
            for span in &set.spans {
                let end = column + width(&span.text);
                if span.link == Some(link) {
                    out.push(Stretch {
                        line,
                        columns: column..end,
                    });
                }
                column = end;
            }
        }
        out
    }

    /// An answer that was given here is durable now.
    pub fn recorded(&mut self, answer: &Recorded) {
        let Event::CheckAnswered(given) = &answer.stored.event else {
            return;
        };
        for inset in &mut self.insets {
            if let Inset::Check(check) = inset
                && check.id == given.question
            {
                check.kept = Kept::of(answer.durable);
            }
        }
    }
}

/// What the page ends with: the keys that lead on from here, of what there is.
fn what_next(chapter: &Chapter) -> String {
    let mut lines = Vec::new();
    let mut labs = chapter::labs(chapter).into_iter();
    if let Some(lab) = labs.find_map(ddlab_labs::find) {
        let spec = lab.spec();
        lines.push(format!("- `l` opens the lab *{}*", spec.title));
    }
    let mut exercises = chapter::exercises(chapter).into_iter();
    if let Some(exercise) = exercises.find_map(|slug| ddlab_exercises::find(slug).ok()) {
        let manifest = exercise.manifest();
        let (title, minutes) = (&manifest.title, manifest.minutes);
        lines.push(format!("- `x` builds it: *{title}*, about {minutes} min"));
    }
    let questions = chapter.quiz.len() + chapter.interview.len();
    if questions > 0 {
        let word = if questions == 1 {
            "question"
        } else {
            "questions"
        };
        lines.push(format!("- `i` asks you {questions} {word}"));
    }
    if lines.is_empty() {
        return String::new();
    }
    format!("---\n\n**What next**\n\n{}\n", lines.join("\n"))
}

/// Whatever is live, in the order of the text.
fn collect<'a>(blocks: &'a [Block], out: &mut Vec<&'a Live>) {
    for block in blocks {
        match &block.kind {
            BlockKind::Live(live) => out.push(live),
            kind => inner(kind, &mut |blocks| collect(blocks, out)),
        }
    }
}

fn collect_code<'a>(blocks: &'a [Block], out: &mut Vec<(&'a str, &'a str)>) {
    for block in blocks {
        match &block.kind {
            BlockKind::Code { lang, text, .. } => out.push((lang, text)),
            kind => inner(kind, &mut |blocks| collect_code(blocks, out)),
        }
    }
}

/// The blocks inside a block.
fn inner<'a>(kind: &'a BlockKind, visit: &mut dyn FnMut(&'a [Block])) {
    match kind {
        BlockKind::Quote(blocks) | BlockKind::Alert { blocks, .. } => visit(blocks),
        BlockKind::List(list) => list.items.iter().for_each(|item| visit(&item.blocks)),
        _ => {}
    }
}
