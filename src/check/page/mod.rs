//! `chapter.md`: the front matter is true, the sections stand in their order, what is shown fits and
//! what is pointed to exists.
//!
//! - [`front`]: front matter and sources.
//! - [`blocks`]: the blocks of the page.

mod blocks;
mod front;

use super::References;
use super::finder::{Finder, count_words};
use crate::content::model::Chapter;
use crate::content::{Position, Severity};
use crate::markdown::block::each_inline;
use crate::markdown::{BlockKind, Document, Inline, Reading, parse};
use blocks::BlockCheck;
use std::ops::RangeInclusive;

pub use front::used_sources;

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

const WORDS: RangeInclusive<usize> = 1800..=3500;

pub fn check(chapter: &Chapter, references: &References<'_>, finder: &mut Finder) -> Document {
    let document = text(chapter, references, finder);
    front::front_matter(chapter, references, finder);
    if !chapter.meta.coming {
        sections(chapter, &document, finder);
        length(&document, finder);
    }
    document
}

/// What must hold of the blocks of every page, a chapter's or an appendix's.
pub fn text(chapter: &Chapter, references: &References<'_>, finder: &mut Finder) -> Document {
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
    let mut check = BlockCheck {
        chapter,
        references,
        finder,
    };
    for block in &document.blocks {
        check.block(block);
    }
    document
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
        ([], []) => "the sections are not in their order".to_owned(),
        (missing, []) => format!("the page lacks the sections {}", missing.join(", ")),
        ([], extra) => format!("a chapter has no such sections: {}", extra.join(", ")),
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
