//! A cheat sheet for each pattern: the picture, five numbers, when and when not, what fails, what to say, the
//! neighbour that it is taken for. The numbers are also cards of the review, once one has read of the pattern.

use crate::content::Library;
use crate::content::yaml;
use ddlab_archive::{Archive, File, archive};
use ddlab_text::{exact, quantity};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

static FILES: Archive = archive!("cheats");

/// How far a recalled number may be off, as a factor: rounding is fine, the next version is not.
const NEAR: f64 = 1.03;

/// One sheet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// ASCII, at most 72 columns.
    pub picture: String,
    pub numbers: Vec<Number>,
    pub when: Vec<String>,
    pub not: Vec<String>,
    pub fails: Vec<String>,
    pub say: Vec<String>,
    pub neighbour: Neighbour,
}

/// A number to know.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    pub id: String,
    pub ask: String,
    pub answer: f64,
    #[serde(default)]
    pub unit: String,
    /// Where it comes from, one sentence.
    pub why: String,
}

/// The pattern that this one is taken for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// The id of its chapter.
    pub chapter: String,
    pub tell: String,
}

impl Number {
    /// `63.4 %`
    pub fn shown(&self) -> String {
        format!("{} {}", exact(self.answer), self.unit)
            .trim_end()
            .to_owned()
    }

    /// Whether this is the number, within a tenth.
    ///
    /// # Errors
    /// A sentence when it cannot be read in the unit of the number.
    pub fn is(&self, typed: &str) -> Result<bool, String> {
        let readings = quantity::readings(typed, &self.unit).map_err(|error| error.to_string())?;
        let near = |value: &f64| super::deck::within(*value, self.answer, NEAR);
        Ok(readings.iter().any(near))
    }
}

/// Every sheet, by the id of its chapter; a test holds that all can be read.
pub fn all() -> &'static BTreeMap<String, Sheet> {
    static SHEETS: LazyLock<BTreeMap<String, Sheet>> = LazyLock::new(|| {
        let sheet = |file: &File| {
            let id = file.path.strip_suffix(".yaml")?.to_owned();
            Some((id, yaml::read(file.text).ok()?))
        };
        FILES.files().iter().filter_map(sheet).collect()
    });
    &SHEETS
}

/// The sheet of a chapter, and one of its numbers.
pub fn number(chapter: &str, id: &str) -> Option<&'static Number> {
    all()
        .get(chapter)?
        .numbers
        .iter()
        .find(|number| number.id == id)
}

/// A sheet as Markdown that fits on one screen.
pub fn markdown(library: &Library, chapter: &str) -> Option<String> {
    let sheet = all().get(chapter)?;
    let title = |id: &str| {
        let chapter = library.chapter(id);
        chapter.map_or_else(|_| id.to_owned(), |chapter| chapter.meta.title.clone())
    };
    let mut text = format!(
        "# {}\n\n```text\n{}\n```\n\n",
        title(chapter),
        sheet.picture.trim_end()
    );
    for number in &sheet.numbers {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "- {} **{}** ({})",
            number.ask,
            number.shown(),
            number.why.trim_end_matches('.')
        );
    }
    let mut list = |head: &str, lines: &[String]| {
        let _ = writeln!(text, "\n**{head}** {}", lines.join(" "));
    };
    list("Yes:", &sheet.when);
    list("No:", &sheet.not);
    list("Fails:", &sheet.fails);
    list("Say:", &sheet.say);
    let _ = writeln!(
        text,
        "\n**Not to be confused with {}:** {}",
        title(&sheet.neighbour.chapter),
        sheet.neighbour.tell
    );
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_has_a_sheet_that_is_whole() {
        let library = Library::embedded();
        for file in FILES.files() {
            let read: Result<Sheet, _> = yaml::read(file.text);
            let sheet = read.unwrap_or_else(|error| panic!("{}: {error:?}", file.path));
            assert_eq!(
                (sheet.numbers.len(), sheet.fails.len(), sheet.say.len()),
                (5, 3, 3)
            );
            assert!(sheet.picture.lines().all(|line| line.len() <= 72));
            assert!(library.chapter(&sheet.neighbour.chapter).is_ok());
            for number in &sheet.numbers {
                assert_eq!(number.is(&number.shown()), Ok(true), "{}", number.ask);
                assert_eq!(
                    number.is(&format!("{} {}", number.answer * 3.0, number.unit)),
                    Ok(false)
                );
            }
        }
        let patterns = library
            .chapters()
            .filter(|chapter| (2..=13).contains(&chapter.meta.number));
        for chapter in patterns {
            let text = markdown(&library, &chapter.meta.id)
                .unwrap_or_else(|| panic!("{}", chapter.meta.id));
            assert!(text.contains(&chapter.meta.title));
        }
    }
}
