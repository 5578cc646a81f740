//! A chapter as a page to be read: its text, the sources of its front matter, and the code of the labs that
//! it includes. Screens and the plain forms both read the book through here.

mod coming;
mod terms;

pub use coming::{coming_in, is_coming};
pub use terms::terms_of;

use crate::content::Glossary;
use crate::content::model::Chapter;
use crate::markdown::{BlockKind, Document, Include, Reading, parse};

/// The chapter's text as blocks, with what is still to come marked so. Problems carry lines of `chapter.md`.
pub fn page(chapter: &Chapter) -> Document {
    let sources: Vec<(&str, &str)> = chapter
        .meta
        .sources
        .iter()
        .map(|source| (source.id.as_str(), source.text.as_str()))
        .collect();
    let reading = Reading {
        first_line: chapter.body_line,
        sources: &sources,
        include: &included,
    };
    let mut document = parse(&chapter.body, &reading);
    coming::mark(&mut document, chapter);
    document
}

/// The block of the page at which the section of this name begins.
pub fn heading(chapter: &Chapter, section: &str) -> Option<usize> {
    let blocks = page(chapter).blocks;
    let is_it =
        |kind: &BlockKind| matches!(kind, BlockKind::Heading { slug, .. } if slug == section);
    blocks.iter().position(|block| is_it(&block.kind))
}

/// The same page with the words that the glossary explains, each marked where the page first uses it.
pub fn explained(chapter: &Chapter, glossary: &Glossary) -> Document {
    let mut document = page(chapter);
    terms::mark(&mut document, glossary);
    document
}

/// The code that a page may include: the pattern of each lab, `labs/scatter_gather/pattern.rs`. It is
/// part of the program, so a page shows the code that really runs, wherever the program stands.
pub fn included(include: &Include) -> Result<String, String> {
    let lab = include
        .file
        .strip_prefix("labs/")
        .and_then(|rest| rest.strip_suffix("/pattern.rs"))
        .ok_or("only `labs/LAB/pattern.rs` can be included")?;
    let id = lab.replace('_', "-");
    let lab = ddlab_labs::find(&id).ok_or_else(|| format!("there is no lab `{id}`"))?;
    include.take_from(lab.spec().source)
}
