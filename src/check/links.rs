//! Links and pictures of the running text and of its footnotes: within the page to a heading that is there, to a chapter or an appendix that
//! is in the book. An appendix is linked from its chapter.

use super::Finders;
use super::finder::Finder;
use crate::content::model::Chapter;
use crate::content::{Library, Position, Severity};
use crate::markdown::{Block, BlockKind, Inline, Reading, parse};
use ddlab_text::nearest;
use std::collections::HashMap;

pub fn check(library: &Library, chapters: &mut [Finders<'_>]) {
    for finders in chapters {
        let chapter = &finders.shelved.chapter;
        let linked = page(chapter, library, &mut finders.page);
        for (appendix, finder) in chapter.appendices.iter().zip(&mut finders.appendices) {
            page(appendix, library, finder);
            if !linked.contains(&appendix.meta.id) {
                finder.at(
                    Severity::Error,
                    None,
                    "the chapter has no link to this appendix",
                    "link to it as `../07-scatter-gather/appendix-cluster.md`, or delete it",
                );
            }
        }
    }
}

/// Checks the links of one page; returns the ids of the pages that they lead to.
fn page(chapter: &Chapter, library: &Library, finder: &mut Finder) -> Vec<String> {
    let reading = Reading {
        first_line: chapter.body_line,
        ..Reading::default()
    };
    let document = parse(&chapter.body, &reading);
    let mut linked = Vec::new();
    // What is wrong with each address: to look for the nearest name costs a millisecond, and a page may have one often.
    let mut faults = HashMap::new();
    document.each_inline(&mut |line, inline| {
        if let Inline::Image { url, .. } = inline {
            finder.at(
                Severity::Error,
                Some(Position::line(line)),
                format!("a page shows no pictures: of `{url}` only the words are shown"),
                "draw it in a ```diagram block, or link to it",
            );
        }
        if let Inline::Link { url, .. } = inline {
            let fault = faults.entry(url).or_insert_with(|| {
                let page = library.chapter_of_link(url);
                linked.extend(page.map(|page| page.meta.id.clone()));
                fault(url, &document.blocks, library)
            });
            if let Some((message, cure)) = fault {
                let place = Some(Position::line(line));
                finder.at(Severity::Error, place, &*message, &*cure);
            }
        }
    });
    linked
}

/// What is wrong with a link, and the cure.
fn fault(url: &str, blocks: &[Block], library: &Library) -> Option<(String, String)> {
    // Whether an address answers is not for a check that must say the same without a network.
    if let Some((_, rest)) = url.split_once("://") {
        let has_host = rest.starts_with(|first: char| first.is_alphanumeric() || first == '[');
        return (!has_host).then(|| {
            let cure = "write the whole address, such as https://example.org/page".to_owned();
            (format!("the link `{url}` names no host"), cure)
        });
    }
    if let Some(wanted) = url.strip_prefix('#') {
        let slugs = || {
            blocks.iter().filter_map(|block| match &block.kind {
                BlockKind::Heading { slug, .. } => Some(slug.as_str()),
                _ => None,
            })
        };
        if slugs().any(|slug| slug == wanted) {
            return None;
        }
        let cure = nearest(wanted, slugs()).map_or_else(
            || "link to a heading of this page, such as #the-problem".to_owned(),
            |near| format!("did you mean `#{near}`?"),
        );
        return Some((format!("the page has no heading `#{wanted}`"), cure));
    }
    let unknown = library.chapter_of_link(url).err()?;
    let cure = "name a chapter as `../07-scatter-gather/chapter.md` or by its id".to_owned();
    Some((format!("the link `{url}` leads nowhere: {unknown}"), cure))
}
