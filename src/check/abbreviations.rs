//! Each abbreviation in the text and the footnotes of a page, a chapter's or an appendix's, has its entry in a glossary: that of the
//! folder, or the book's.

use super::Finders;
use super::finder::Finder;
use crate::content::glossary::is_abbreviation;
use crate::content::model::Chapter;
use crate::content::{Glossary, Library, Position, Severity, Term};
use crate::markdown::{Inline, Reading, parse};
use std::collections::HashSet;

/// Units of bytes, and names that are written in capitals.
const NOT_EXPLAINED: [&str; 7] = ["MB", "GB", "TB", "AWS", "COBOL", "NET", "README"];

pub fn check(library: &Library, chapters: &mut [Finders<'_>]) {
    let book = Glossary::embedded();
    let terms = library.glossary().terms().iter().chain(book.terms());
    let explained: HashSet<&str> = terms.flat_map(Term::forms).chain(NOT_EXPLAINED).collect();
    for finders in chapters {
        for (page, finder) in finders.pages() {
            check_page(page, &explained, finder);
        }
    }
}

fn check_page(page: &Chapter, explained: &HashSet<&str>, finder: &mut Finder) {
    let reading = Reading {
        first_line: page.body_line,
        ..Reading::default()
    };
    let mut reported = HashSet::new();
    parse(&page.body, &reading).each_inline(&mut |line, inline| {
        let Inline::Text(text) = inline else { return };
        for word in abbreviations(text) {
            if !explained.contains(word) && reported.insert(word.to_owned()) {
                finder.at(
                    Severity::Error,
                    Some(Position::line(line)),
                    format!("no glossary explains the abbreviation `{word}`"),
                    "add it to glossary.yaml with one plain sentence, or write the words in full",
                );
            }
        }
    });
}

/// The abbreviations in a text, without the `s` of a plural: `SLOs` as `SLO`.
fn abbreviations(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .map(|word| word.strip_suffix('s').unwrap_or(word))
        .filter(|word| is_abbreviation(word))
}
