//! The front matter: it names what exists, and each of its sources is used.

use super::super::{References, coverage};
use super::Finder;
use crate::content::model::Chapter;
use crate::content::yaml::Step;
use crate::markdown::{Document, Inline};
use ddlab_text::nearest;
use std::collections::BTreeSet;

/// The highest number of a chapter; the book itself has 13.
const NUMBER_MAX: u8 = 30;
const PARTS: [&str; 4] = ["Single node", "Serving", "Batch", "Advanced"];

pub fn front_matter(chapter: &Chapter, references: &References<'_>, finder: &mut Finder) {
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
            format!("`{}` is not a part of the book", meta.part),
            format!("use one of {}", PARTS.join(", ")),
        );
    }
    if !(1..=NUMBER_MAX).contains(&meta.number) {
        finder.error(
            &["number".into()],
            format!("chapter {} is not in the book", meta.number),
            format!("give 1 to {NUMBER_MAX}"),
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
    let known: BTreeSet<String> = coverage::codes().into_iter().map(|c| c.text).collect();
    resolve(
        "covers",
        "code of the curriculum",
        &meta.covers,
        Some(&known),
        &[],
        finder,
    );
    resolve(
        "labs",
        "lab",
        &meta.labs,
        references.labs,
        references.planned,
        finder,
    );
    resolve(
        "exercises",
        "exercise",
        &meta.exercises,
        references.exercises,
        &[],
        finder,
    );
}

fn resolve(
    field: &str,
    what: &str,
    names: &[String],
    known: Option<&BTreeSet<String>>,
    planned: &[&str],
    finder: &mut Finder,
) {
    let Some(known) = known else { return };
    for (at, name) in names.iter().enumerate() {
        if !known.contains(name) && !planned.contains(&name.as_str()) {
            finder.error(
                &[field.into(), at.into()],
                format!("there is no {what} `{name}`"),
                did_you_mean(name, known),
            );
        }
    }
}

pub fn did_you_mean(name: &str, known: &BTreeSet<String>) -> String {
    nearest(name, known.iter().map(String::as_str)).map_or_else(
        || "drop it, or build it first".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}

/// Sources are there, stand once, and each is used by the text, by an appendix or by a question.
pub fn used_sources(chapter: &Chapter, documents: &[Document], finder: &mut Finder) {
    let meta = &chapter.meta;
    if meta.sources.is_empty() && !meta.coming {
        finder.error(
            &["sources".into()],
            "the chapter has no source",
            "figures and claims have one; add `sources:` to the front matter",
        );
    }
    let mut used: BTreeSet<&str> = chapter
        .interview
        .iter()
        .flat_map(|question| question.sources.iter().map(String::as_str))
        .collect();
    let mut labels = Vec::new();
    for document in documents {
        document.each_inline(&mut |_, inline| {
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
                format!("the source `{}` appears twice", source.id),
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
