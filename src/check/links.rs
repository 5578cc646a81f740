//! Links of the running text: within the page to a heading that is there, to a chapter that is in the book.

use super::Desk;
use crate::content::{Library, Position, Severity};
use crate::markdown::block::each_inline;
use crate::markdown::{Block, BlockKind, Inline, Reading, parse};
use ddlab_text::nearest;

pub fn check(library: &Library, desks: &mut [Desk<'_>]) {
    for desk in desks {
        let chapter = &desk.shelved.chapter;
        let reading = Reading {
            first_line: chapter.body_line,
            ..Reading::default()
        };
        let blocks = parse(&chapter.body, &reading).blocks;
        for block in &blocks {
            let mut faults = Vec::new();
            each_inline(block, &mut |inline| {
                if let Inline::Link { url, .. } = inline {
                    faults.extend(fault(url, &blocks, library));
                }
            });
            for (message, cure) in faults {
                let place = Some(Position::line(block.line));
                desk.page.at(Severity::Error, place, message, cure);
            }
        }
    }
}

/// What is wrong with a link, and the cure.
fn fault(url: &str, blocks: &[Block], library: &Library) -> Option<(String, String)> {
    // Whether an address answers is not for a check that must say the same without a network.
    if url.contains("://") {
        return None;
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
