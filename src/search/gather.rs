//! A library to passages. The letters before a passage are counted as the flow counts them, so that a
//! passage knows its line at every width.

use super::{Kind, Passage, Spot, lower};
use crate::book;
use crate::content::model::Chapter;
use crate::content::{Library, Term};
use crate::markdown::block::{Block, BlockKind, Live, words};
use crate::markdown::flow::Anchor;
use crate::markdown::{Reading, parse};
use ddlab_text::clean_line;

/// Everything that can be found, in the order of the book; the glossary comes last.
pub fn passages(library: &Library) -> Vec<Passage> {
    let mut all = Vec::new();
    for chapter in library.chapters() {
        page(chapter, &mut all);
        for appendix in &chapter.appendices {
            page(appendix, &mut all);
        }
        questions(chapter, &mut all);
    }
    terms(library, &mut all);
    all
}

fn page(chapter: &Chapter, all: &mut Vec<Passage>) {
    let mut page = Page::new(chapter);
    for (n, block) in book::page(chapter).blocks.iter().enumerate() {
        page.at = Anchor {
            block: n,
            letters: 0,
        };
        page.block(block);
    }
    all.append(&mut page.out);
}

fn passage(chapter: &Chapter, kind: Kind, section: &str, text: &str, spot: Spot) -> Passage {
    // One line, whatever it was in the file.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = clean_line(&text).into_owned();
    Passage {
        kind,
        chapter: chapter.meta.id.clone(),
        number: chapter.meta.number,
        title: clean_line(&chapter.meta.title).into_owned(),
        section: section.to_owned(),
        lower: lower(&text),
        text,
        spot,
    }
}

/// The text of one chapter.
struct Page<'a> {
    chapter: &'a Chapter,
    section: String,
    /// The place that has been come to.
    at: Anchor,
    out: Vec<Passage>,
}

impl<'a> Page<'a> {
    fn new(chapter: &'a Chapter) -> Self {
        let title = format!("{} {}", chapter.meta.number, chapter.meta.title);
        let start = Spot::Page(Anchor::default());
        Self {
            chapter,
            section: String::new(),
            at: Anchor::default(),
            out: vec![passage(chapter, Kind::Title, "", &title, start)],
        }
    }

    fn block(&mut self, block: &Block) {
        match &block.kind {
            BlockKind::Heading { text, .. } => {
                self.section = words(text);
                self.take(Kind::Heading, &words(text));
            }
            BlockKind::Paragraph(text) => self.take(Kind::Text, &words(text)),
            BlockKind::List(list) => {
                for item in &list.items {
                    self.blocks(&item.blocks);
                }
            }
            BlockKind::Quote(blocks) | BlockKind::Alert { blocks, .. } => self.blocks(blocks),
            BlockKind::Code { text, .. } => {
                for line in text.lines() {
                    self.take(Kind::Text, line);
                }
            }
            BlockKind::Table { head, rows, .. } => {
                for row in std::iter::once(head).chain(rows) {
                    let cells: Vec<String> = row.iter().map(|cell| words(cell)).collect();
                    self.take(Kind::Text, &cells.join("  "));
                }
            }
            BlockKind::Live(Live::Figure(figure)) => self.take(Kind::Text, &figure.caption),
            // A drawing is looked at: its few words stand in the text around it too.
            BlockKind::Diagram { lines, .. } => lines.iter().for_each(|line| self.pass(line)),
            BlockKind::Live(_) | BlockKind::Rule => {}
        }
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn take(&mut self, kind: Kind, text: &str) {
        if !text.trim().is_empty() {
            let spot = Spot::Page(self.at);
            let taken = passage(self.chapter, kind, &self.section, text, spot);
            self.out.push(taken);
            self.pass(text);
        }
    }

    fn pass(&mut self, text: &str) {
        self.at.letters += text.chars().filter(|c| !c.is_whitespace()).count();
    }
}

fn questions(chapter: &Chapter, out: &mut Vec<Passage>) {
    for question in &chapter.quiz {
        let section = chapter.sections.iter().find(|s| s.slug == question.section);
        let section = section.map_or("quiz", |section| &section.title);
        out.push(asked(chapter, section, &question.id, &question.prompt));
    }
    for question in &chapter.interview {
        out.push(asked(chapter, "interview", &question.id, &question.prompt));
    }
}

fn asked(chapter: &Chapter, section: &str, id: &str, prompt: &str) -> Passage {
    let spot = Spot::Question(id.to_owned());
    passage(chapter, Kind::Question, section, &bare(prompt), spot)
}

/// The words of a prompt, without its marks.
fn bare(markdown: &str) -> String {
    let document = parse(markdown, &Reading::default());
    let plain = document
        .blocks
        .iter()
        .all(|block| matches!(block.kind, BlockKind::Paragraph(_)));
    if !plain {
        return markdown.to_owned();
    }
    let texts = document.blocks.iter().map(|block| match &block.kind {
        BlockKind::Paragraph(text) => words(text),
        _ => String::new(),
    });
    texts.collect::<Vec<_>>().join(" ")
}

/// By name: asked for all of them, one looks for a name.
fn terms(library: &Library, out: &mut Vec<Passage>) {
    let mut terms: Vec<&Term> = library.glossary().terms().iter().collect();
    terms.sort_by_cached_key(|term| lower(&term.term));
    for term in terms {
        let Ok(chapter) = library.chapter(&term.chapter) else {
            continue;
        };
        let spot = Spot::Term(term.term.clone());
        out.push(passage(
            chapter,
            Kind::Term,
            "glossary",
            &explained(term),
            spot,
        ));
    }
}

/// `hedged request: what it means. Also: hedge, hedging.`
fn explained(term: &Term) -> String {
    let Term {
        term: name,
        also,
        means,
        ..
    } = term;
    if also.is_empty() {
        return format!("{name}: {means}");
    }
    // At the end: plurals before the explanation would push it out of the line.
    format!("{name}: {means} Also: {}.", also.join(", "))
}
