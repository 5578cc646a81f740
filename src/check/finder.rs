//! From a fault in the typed model to its line and column: the file is read a second time as a tree of
//! places, and a check names the steps to the value that it means.

use crate::content::shelf::TextFile;
use crate::content::yaml::{Step, Tree};
use crate::content::{Position, Problem, Severity};
use ddlab_text::clean;
use std::path::{Path, PathBuf};

/// Collects the problems of one file.
pub struct Finder {
    path: PathBuf,
    tree: Tree,
    problems: Vec<Problem>,
}

impl Finder {
    /// For a YAML file.
    pub fn in_yaml(file: &TextFile) -> Self {
        Self {
            path: file.path.clone(),
            tree: Tree::of(file.text()),
            problems: Vec::new(),
        }
    }

    /// For a page, whose front matter is the YAML between its `---` lines.
    pub fn in_page(file: &TextFile, body_line: usize) -> Self {
        // An empty line in the place of the first `---` keeps the lines those of the file.
        let front: String = std::iter::once("\n")
            .chain(
                file.text()
                    .split_inclusive('\n')
                    .skip(1)
                    .take(body_line.saturating_sub(3)),
            )
            .collect();
        Self {
            path: file.path.clone(),
            tree: Tree::of(&front),
            problems: Vec::new(),
        }
    }

    /// For a text without front matter.
    pub fn of_text(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            tree: Tree::of(""),
            problems: Vec::new(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn finish(self) -> Vec<Problem> {
        self.problems
    }

    /// Must be cured; `steps` lead to the value that is meant.
    pub fn error(&mut self, steps: &[Step<'_>], message: impl AsRef<str>, cure: impl AsRef<str>) {
        self.at(Severity::Error, self.tree.find(steps), message, cure);
    }

    /// Probably a slip.
    pub fn warning(&mut self, steps: &[Step<'_>], message: impl AsRef<str>, cure: impl AsRef<str>) {
        self.at(Severity::Warning, self.tree.find(steps), message, cure);
    }

    pub fn at(
        &mut self,
        severity: Severity,
        position: Option<Position>,
        message: impl AsRef<str>,
        cure: impl AsRef<str>,
    ) {
        self.problems
            .push(Problem::new(severity, &self.path, position, message, cure));
    }

    /// A file must hold nothing that a terminal would obey instead of show.
    pub fn control_characters(&mut self, text: &str) {
        for (number, line) in text.lines().enumerate() {
            let line = if number == 0 {
                line.trim_start_matches('\u{feff}')
            } else {
                line
            };
            let shown = clean(line);
            let differs = line
                .chars()
                .zip(shown.chars())
                .position(|(is, sign)| is != sign);
            if let Some(column) = differs {
                self.at(
                    Severity::Error,
                    Some(Position {
                        line: number + 1,
                        column: column + 1,
                    }),
                    "a control character stands here; a terminal would obey it",
                    "take it out",
                );
            }
        }
    }
}

/// Words of a text, for its length.
pub fn count_words(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count()
}
