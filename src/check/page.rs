//! `chapter.md`: the front matter is true, the sections stand in their order, what is shown fits and
//! what is pointed to exists.

use super::References;
use super::finder::{Finder, count_words};
use crate::content::model::Chapter;
use crate::content::yaml::{self, Step};
use crate::content::{Position, Severity, nearest};
use crate::markdown::block::{self, LabFigure, Live};
use crate::markdown::{Block, BlockKind, Document, Inline, Reading, highlight, parse};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use unicode_width::UnicodeWidthStr;

/// The sections of a chapter, in their order.
const SECTIONS: [&str; 9] = [
    "the-problem",
    "the-pattern",
    "how-it-works",
    "choices-and-trade-offs",
    "what-goes-wrong",
    "in-the-auction-platform",
    "neighbours",
    "check-yourself",
    "sources",
];

const PARTS: [&str; 4] = ["Single node", "Serving", "Batch", "Advanced"];

/// Figures fit on a screen of 80 beside a margin.
const DIAGRAM_COLUMNS_MAX: usize = 76;

const WORDS: RangeInclusive<usize> = 1800..=3500;

pub fn check(chapter: &Chapter, references: &References<'_>, finder: &mut Finder) {
    let sources: Vec<(&str, &str)> = chapter
        .meta
        .sources
        .iter()
        .map(|source| (source.id.as_str(), source.text.as_str()))
        .collect();
    let document = parse(
        &chapter.body,
        &Reading {
            first_line: chapter.body_line,
            sources: &sources,
            include: references.include,
        },
    );
    for problem in &document.problems {
        let position = Position {
            line: problem.line,
            column: problem.column,
        };
        finder.at(
            Severity::Error,
            Some(position),
            &problem.message,
            &problem.cure,
        );
    }
    front_matter(chapter, references, finder);
    used_sources(chapter, &document, finder);
    if !chapter.meta.coming {
        sections(chapter, &document, finder);
        length(&document, finder);
    }
    let mut walk = Walk {
        chapter,
        references,
        finder,
    };
    for block in &document.blocks {
        walk.block(block);
    }
}

fn front_matter(chapter: &Chapter, references: &References<'_>, finder: &mut Finder) {
    let meta = &chapter.meta;
    for (field, text) in [
        ("id", &meta.id),
        ("title", &meta.title),
        ("summary", &meta.summary),
    ] {
        if text.trim().is_empty() {
            finder.error(&[field.into()], format!("`{field}` is empty"), "write it");
        }
    }
    if !PARTS.contains(&meta.part.as_str()) {
        finder.error(
            &["part".into()],
            format!("`{}` is no part of the book", meta.part),
            format!("use one of {}", PARTS.join(", ")),
        );
    }
    if !(1..=13).contains(&meta.number) {
        finder.error(
            &["number".into()],
            format!("chapter {} is not in the book", meta.number),
            "give 1 to 13",
        );
    }
    let folder = chapter.path.parent().and_then(|folder| folder.file_name());
    let expected = format!("{:02}-{}", meta.number, meta.id);
    if folder.is_some_and(|name| *name != *expected) {
        finder.warning(
            &["id".into()],
            format!("the folder of this chapter should be called {expected}"),
            "rename the folder; the id and the number are what the record refers to",
        );
    }
    let known: BTreeSet<String> = super::coverage::codes()
        .into_iter()
        .map(|c| c.text)
        .collect();
    resolve(
        "covers",
        "code of the curriculum",
        &meta.covers,
        Some(&known),
        finder,
    );
    resolve("labs", "lab", &meta.labs, references.labs, finder);
    resolve(
        "exercises",
        "exercise",
        &meta.exercises,
        references.exercises,
        finder,
    );
}

fn resolve(
    field: &str,
    what: &str,
    names: &[String],
    known: Option<&BTreeSet<String>>,
    finder: &mut Finder,
) {
    let Some(known) = known else { return };
    for (at, name) in names.iter().enumerate() {
        if !known.contains(name) {
            finder.error(
                &[field.into(), at.into()],
                format!("there is no {what} `{name}`"),
                did_you_mean(name, known),
            );
        }
    }
}

fn did_you_mean(name: &str, known: &BTreeSet<String>) -> String {
    nearest(name, known.iter().map(String::as_str)).map_or_else(
        || "drop it, or build it first".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}

/// Sources are there, stand once, and each is used by the text or by a question.
fn used_sources(chapter: &Chapter, document: &Document, finder: &mut Finder) {
    let meta = &chapter.meta;
    if meta.sources.is_empty() && !meta.coming {
        finder.error(
            &["sources".into()],
            "the chapter names no source",
            "figures and claims have one; add `sources:` to the front matter",
        );
    }
    let mut used: BTreeSet<&str> = chapter
        .interview
        .iter()
        .flat_map(|question| question.sources.iter().map(String::as_str))
        .collect();
    let mut labels = Vec::new();
    for block in &document.blocks {
        each_inline(block, &mut |inline| {
            if let Inline::Note(label) = inline {
                labels.push(label.clone());
            }
        });
    }
    used.extend(labels.iter().map(String::as_str));
    for (at, source) in meta.sources.iter().enumerate() {
        let place: [Step<'_>; 3] = ["sources".into(), at.into(), "id".into()];
        if meta.sources[..at].iter().any(|other| other.id == source.id) {
            finder.error(
                &place,
                format!("the source `{}` stands twice", source.id),
                "give each an id of its own",
            );
        } else if !used.contains(source.id.as_str()) {
            finder.error(
                &place,
                format!("nothing refers to the source `{}`", source.id),
                format!("write [^{}] where it is used, or drop it", source.id),
            );
        }
    }
}

fn sections(chapter: &Chapter, document: &Document, finder: &mut Finder) {
    let found: Vec<&str> = chapter.sections.iter().map(|s| s.slug.as_str()).collect();
    if found == SECTIONS {
        return;
    }
    let missing: Vec<&str> = SECTIONS
        .into_iter()
        .filter(|s| !found.contains(s))
        .collect();
    let extra: Vec<&str> = found
        .iter()
        .filter(|s| !SECTIONS.contains(s))
        .copied()
        .collect();
    let message = match (missing.as_slice(), extra.as_slice()) {
        ([], []) => "the sections do not stand in their order".to_owned(),
        (missing, []) => format!("the page lacks the sections {}", missing.join(", ")),
        ([], extra) => format!("these are no sections of a chapter: {}", extra.join(", ")),
        (missing, extra) => format!(
            "the page lacks the sections {} and has {} instead",
            missing.join(", "),
            extra.join(", ")
        ),
    };
    let headings = document
        .blocks
        .iter()
        .filter_map(|block| match &block.kind {
            BlockKind::Heading { level: 2, slug, .. } => Some((block.line, slug.as_str())),
            _ => None,
        });
    let line = headings
        .zip(
            SECTIONS
                .into_iter()
                .map(Some)
                .chain(std::iter::repeat(None)),
        )
        .find(|((_, found), expected)| Some(*found) != *expected)
        .map_or(chapter.body_line, |((line, _), _)| line);
    finder.at(
        Severity::Error,
        Some(Position::line(line)),
        message,
        format!(
            "the `##` headings are, in this order: {}",
            SECTIONS.join(", ")
        ),
    );
}

fn length(document: &Document, finder: &mut Finder) {
    let mut words = 0;
    for block in &document.blocks {
        each_inline(block, &mut |inline| {
            if let Inline::Text(text) | Inline::Code(text) = inline {
                words += count_words(text);
            }
        });
    }
    if !WORDS.contains(&words) {
        finder.at(
            Severity::Warning,
            None,
            format!("the page has {words} words of text"),
            "a chapter on a pattern has 1,800 to 3,500",
        );
    }
}

/// Calls `see` for each inline of a block and of the blocks in it.
fn each_inline(block: &Block, see: &mut dyn FnMut(&Inline)) {
    match &block.kind {
        BlockKind::Heading { text, .. } | BlockKind::Paragraph(text) => inlines(text, see),
        BlockKind::List(list) => {
            let blocks = list.items.iter().flat_map(|item| &item.blocks);
            blocks.for_each(|block| each_inline(block, see));
        }
        BlockKind::Quote(blocks) | BlockKind::Alert { blocks, .. } => {
            for block in blocks {
                each_inline(block, see);
            }
        }
        BlockKind::Table { head, rows, .. } => {
            let cells = head.iter().chain(rows.iter().flatten());
            cells.for_each(|cell| inlines(cell, see));
        }
        BlockKind::Code { .. }
        | BlockKind::Diagram { .. }
        | BlockKind::Live(_)
        | BlockKind::Rule => {}
    }
}

fn inlines(list: &[Inline], see: &mut dyn FnMut(&Inline)) {
    for inline in list {
        see(inline);
        match inline {
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner) => {
                inlines(inner, see);
            }
            Inline::Link { text, .. } => inlines(text, see),
            Inline::Image { alt, .. } => inlines(alt, see),
            Inline::Text(_) | Inline::Code(_) | Inline::Note(_) | Inline::Break => {}
        }
    }
}

/// Goes through the blocks of a page.
struct Walk<'a, 'r> {
    chapter: &'a Chapter,
    references: &'a References<'r>,
    finder: &'a mut Finder,
}

impl Walk<'_, '_> {
    fn block(&mut self, block: &Block) {
        match &block.kind {
            BlockKind::Heading { text, .. } if block::words(text).trim().is_empty() => {
                self.error(
                    block,
                    "the heading is empty",
                    "name the section, or drop it",
                );
            }
            BlockKind::List(list) => {
                let blocks = list.items.iter().flat_map(|item| &item.blocks);
                blocks.for_each(|block| self.block(block));
            }
            BlockKind::Quote(blocks) | BlockKind::Alert { blocks, .. } => {
                for block in blocks {
                    self.block(block);
                }
            }
            BlockKind::Code { lang, text, .. } => self.code(block, lang, text),
            BlockKind::Diagram { alt, lines } => self.diagram(block, alt, lines),
            BlockKind::Live(live) => self.live(block, live),
            _ => {}
        }
    }

    fn error(&mut self, block: &Block, message: impl AsRef<str>, cure: impl AsRef<str>) {
        let place = Some(Position::line(block.line));
        self.finder.at(Severity::Error, place, message, cure);
    }

    fn code(&mut self, block: &Block, lang: &str, text: &str) {
        if lang.is_empty() {
            self.error(
                block,
                "the code fence names no language",
                "name it, or say `text`",
            );
        } else if !highlight::is_known(lang) {
            self.error(
                block,
                format!("the language `{lang}` is not known"),
                "use a common name such as rust, python, yaml, json, sh or text",
            );
        }
        if matches!(lang, "yaml" | "yml") {
            for document in text.split("\n---") {
                if let Err(error) = yaml::read::<AnyYaml>(document) {
                    self.error(
                        block,
                        format!("the YAML of this fence cannot be read: {error}"),
                        "set it right; readers will copy it",
                    );
                }
            }
        }
        if lang == "json"
            && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text)
        {
            self.error(
                block,
                format!("the JSON of this fence cannot be read: {error}"),
                "set it right, or call it `jsonc` where it has comments",
            );
        }
    }

    fn diagram(&mut self, block: &Block, alt: &str, lines: &[String]) {
        if alt.trim().is_empty() {
            self.error(
                block,
                "the diagram has no `alt:` line",
                "say in its first line, after `alt:`, what it shows to those who cannot see it",
            );
        }
        // The fence and the `alt:` line stand above the drawing.
        let first = block.line + 1 + usize::from(!alt.is_empty());
        let too_wide = lines
            .iter()
            .enumerate()
            .find(|(_, line)| line.width() > DIAGRAM_COLUMNS_MAX);
        if let Some((number, line)) = too_wide {
            self.finder.at(
                Severity::Error,
                Some(Position {
                    line: first + number,
                    column: DIAGRAM_COLUMNS_MAX + 1,
                }),
                format!("the diagram is {} columns wide", line.width()),
                "draw it within 76, so that it fits on a screen of 80",
            );
        }
    }

    fn live(&mut self, block: &Block, live: &Live) {
        match live {
            Live::Figure(figure) => self.figure(block, figure),
            Live::Check { question } => {
                let ids = || self.chapter.quiz.iter().map(|q| q.id.as_str());
                if !ids().any(|id| id == question) {
                    let cure = nearest(question, ids()).map_or_else(
                        || "add it to quiz.yaml".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.error(
                        block,
                        format!("quiz.yaml has no question `{question}`"),
                        cure,
                    );
                }
            }
            Live::Try { exercise } => {
                let Some(known) = self.references.exercises else {
                    return;
                };
                if !known.contains(exercise) {
                    let cure = did_you_mean(exercise, known);
                    self.error(block, format!("there is no exercise `{exercise}`"), cure);
                }
            }
        }
    }

    fn figure(&mut self, block: &Block, figure: &LabFigure) {
        if figure.caption.trim().is_empty() {
            self.error(
                block,
                "the live figure has no caption",
                "say in the line inside the fence what to watch",
            );
        }
        let name = format!("{}/{}", figure.lab, figure.figure);
        match (self.references.labs, self.references.figures) {
            (Some(labs), _) if !labs.contains(&figure.lab) => {
                let cure = did_you_mean(&figure.lab, labs);
                self.error(block, format!("there is no lab `{}`", figure.lab), cure);
            }
            (_, Some(figures)) if !figures.contains(&name) => {
                let cure = did_you_mean(&name, figures);
                self.error(block, format!("there is no figure `{name}`"), cure);
            }
            _ => {}
        }
    }
}

/// YAML of any shape.
#[derive(serde::Deserialize)]
struct AnyYaml(
    #[allow(dead_code, reason = "only whether it can be read matters")] serde::de::IgnoredAny,
);
