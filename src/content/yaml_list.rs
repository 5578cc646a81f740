//! A YAML list whose items stand for themselves, questions or terms: what is right in it is kept.

use super::problem::{Problem, Severity};
use super::shelf::TextFile;
use super::yaml::{self, YamlError};
use serde::de::DeserializeOwned;

/// A longer list is read item by item from the start: as a whole it would cost memory by its nodes.
const WHOLE_MAX: usize = 256 * 1024;
/// Broken items of one file that are named; the rest is counted.
const NAMED_MAX: usize = 100;

/// What the list and its items are called in messages.
#[derive(Clone, Copy)]
pub(super) struct Names {
    pub item: &'static str,
    pub whole: &'static str,
}

/// The items of a YAML list. If the list as a whole cannot be read, each item is tried on its own,
/// so that every broken one is named and every good one is kept.
pub(super) fn read<T: DeserializeOwned>(
    file: Option<&TextFile>,
    names: Names,
    problems: &mut Vec<Problem>,
) -> Vec<T> {
    let Some(file) = file else {
        return Vec::new();
    };
    if let Some(items) = file.json().and_then(|json| serde_json::from_str(json).ok()) {
        return items;
    }
    let text = file.text();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let items = items(text);
    let mut fault = None;
    if text.len() <= WHOLE_MAX || items.is_empty() {
        match yaml::read::<Vec<T>>(text) {
            Ok(items) => return items,
            Err(error) => fault = Some(error),
        }
    }
    let mut kept = Vec::new();
    let mut broken = 0;
    for (number, (lines_before, item)) in items.iter().enumerate() {
        match yaml::read::<Vec<T>>(item) {
            Ok(mut item) => kept.append(&mut item),
            Err(error) if broken < NAMED_MAX => {
                broken += 1;
                let error = error.moved_down(*lines_before);
                problems.push(yaml_problem(file, &error, names.item));
            }
            Err(_) => {
                problems.push(too_many(file, items.len() - number, names.item));
                break;
            }
        }
    }
    if let Some(fault) = fault.filter(|_| broken == 0) {
        kept.clear();
        problems.push(yaml_problem(file, &fault, names.whole));
    }
    kept
}

/// The top-level items of a list, each with the number of lines before it.
fn items(text: &str) -> Vec<(usize, &str)> {
    let mut begins = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if line.starts_with("- ") {
            begins.push((number, at));
        }
        at += line.len();
    }
    let ends = begins.iter().skip(1).map(|(_, at)| *at);
    let ends = ends.chain([text.len()]).collect::<Vec<_>>();
    let items = begins.iter().zip(ends);
    items
        .map(|((number, begin), end)| (*number, &text[*begin..end]))
        .collect()
}

fn too_many(file: &TextFile, left: usize, what: &str) -> Problem {
    Problem::new(
        Severity::Error,
        &file.path,
        None,
        format!(
            "after {NAMED_MAX} of which {what} cannot be read, the last {left} items are left out"
        ),
        "set the first ones right and check again",
    )
}

pub(super) fn yaml_problem(file: &TextFile, error: &YamlError, what: &str) -> Problem {
    Problem::new(
        Severity::Error,
        &file.path,
        error.position,
        format!("{what} cannot be read: {}", error.message),
        "set it right at this place; the fields are listed in CONTRIBUTING.md",
    )
}

#[cfg(test)]
mod tests {
    use super::super::glossary::Term;
    use super::super::model::{InterviewQuestion, QuizQuestion};
    use super::super::shelf;
    use super::*;
    use std::fmt::Debug;

    /// The JSON of a list, and not only its YAML, is what is expected; and both say the same.
    #[track_caller]
    fn same<T: DeserializeOwned + Debug>(file: &TextFile) {
        let json: Vec<T> = serde_json::from_str(file.json().expect("build.rs wrote it"))
            .unwrap_or_else(|error| panic!("{}: {error}", file.path.display()));
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(root.join(&file.path)).unwrap();
        let yaml: Vec<T> = yaml::read(&text).unwrap();
        assert_eq!(format!("{json:?}"), format!("{yaml:?}"));
    }

    #[test]
    fn the_lists_of_the_program_are_read_from_json_that_says_what_their_yaml_says() {
        let chapters = shelf::embedded();
        assert!(chapters.len() > 12);
        for chapter in &chapters {
            chapter.quiz.iter().for_each(same::<QuizQuestion>);
            chapter.interview.iter().for_each(same::<InterviewQuestion>);
        }
        same::<Term>(&shelf::embedded_glossary().unwrap());
    }
}
