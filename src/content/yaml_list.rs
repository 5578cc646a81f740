//! A YAML list whose items stand for themselves, questions or terms: what is right in it is kept.

use super::problem::{Problem, Severity};
use super::shelf::TextFile;
use super::yaml::{self, YamlError};
use serde::de::DeserializeOwned;

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
    if file.text.trim().is_empty() {
        return Vec::new();
    }
    let whole = match yaml::read::<Vec<T>>(&file.text) {
        Ok(items) => return items,
        Err(error) => error,
    };
    let mut kept = Vec::new();
    let mut named = false;
    for item in items(&file.text) {
        match yaml::read::<Vec<T>>(&item) {
            Ok(mut item) => kept.append(&mut item),
            Err(error) => {
                named = true;
                problems.push(yaml_problem(file, &error, names.item));
            }
        }
    }
    if !named {
        kept.clear();
        problems.push(yaml_problem(file, &whole, names.whole));
    }
    kept
}

/// The top-level items of a list, each moved down by empty lines so that its lines are those of the file.
fn items(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if line.starts_with("- ") {
            items.push("\n".repeat(number));
        }
        if let Some(item) = items.last_mut() {
            item.push_str(line);
        }
    }
    items
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
