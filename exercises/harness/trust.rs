//! Can the grader be trusted? Every solution must pass, the starter must fail, and every wrong
//! program must fail *for its own mistake*. This module lays those programs out and grades them;
//! the tests do it on a few seeds, `cargo run -p ddlab-exercises --example trust -- --seeds 50` on
//! as many as one likes.

use super::exercise::{Exercise, Language};
use super::grade::{self, Request};
use super::observe::Observer;
use super::report::Report;
use super::verdict::Verdict;
use super::workspace;
use std::fmt::Write as _;
use std::path::Path;
use tempfile::TempDir;

/// A program whose verdict is known.
#[derive(Debug, Clone)]
pub struct Subject {
    pub exercise: &'static dyn Exercise,
    /// `solution/rust`, `wrong/serial-fan-out/python`.
    pub name: String,
    pub language: &'static Language,
    pub expect: Expect,
    /// Embedded folders, laid over one another in this order: a solution is the starter with its
    /// own files on top, a wrong program is the solution with its own files on top.
    layers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    Pass,
    /// Some check fails.
    Fail,
    /// This check fails, with this diagnosis.
    FailWith {
        check: &'static str,
        diagnosis: &'static str,
    },
}

/// A subject in a folder of its own, ready to be graded as often as one likes.
#[derive(Debug)]
pub struct Trial {
    pub subject: Subject,
    dir: TempDir,
}

/// Every subject of an exercise.
pub fn subjects(exercise: &'static dyn Exercise) -> Vec<Subject> {
    let manifest = exercise.manifest();
    let has = |path: &str| exercise.folder().get_dir(path).is_some();
    let mut found = Vec::new();
    for language in &manifest.languages {
        let starter = format!("starter/{}", language.id);
        let solution = format!("solution/{}", language.id);
        let mut add = |name: &str, expect, layers: Vec<String>| {
            found.push(Subject {
                exercise,
                name: name.to_owned(),
                language,
                expect,
                layers,
            });
        };
        add(&starter, Expect::Fail, vec![starter.clone()]);
        add(
            &solution,
            Expect::Pass,
            vec![starter.clone(), solution.clone()],
        );
        for wrong in &manifest.wrong {
            let path = format!("wrong/{}/{}", wrong.name, language.id);
            if has(&path) {
                let expect = Expect::FailWith {
                    check: &wrong.check,
                    diagnosis: &wrong.diagnosis,
                };
                add(
                    &path,
                    expect,
                    vec![starter.clone(), solution.clone(), path.clone()],
                );
            }
        }
    }
    found
}

impl Subject {
    /// Its language is installed on this machine.
    pub fn can_run(&self) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(&self.language.needs).is_file())
    }

    /// Lays its files out in a temporary folder.
    pub fn prepare(self) -> Result<Trial, workspace::WorkspaceError> {
        let dir = tempfile::tempdir().map_err(|source| workspace::WorkspaceError::Io {
            doing: "make",
            path: std::env::temp_dir(),
            source,
        })?;
        for layer in &self.layers {
            if let Some(folder) = self.exercise.folder().get_dir(layer) {
                workspace::lay(folder, dir.path())?;
            }
        }
        Ok(Trial { subject: self, dir })
    }
}

impl Trial {
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Grades it with this seed: a solution and a starter on all checks, a wrong program on the one
    /// that must see through it. No check knows of another, so the others would only take time.
    pub async fn grade(&self, seed: u64) -> Report {
        let only = match self.subject.expect {
            Expect::FailWith { check, .. } => Some(check),
            Expect::Pass | Expect::Fail => None,
        };
        let request = Request {
            exercise: self.subject.exercise,
            dir: self.dir.path().to_owned(),
            build: self.subject.language.build.clone(),
            run: self.subject.language.run.clone(),
            seed,
            only,
        };
        grade::grade(&request, &Observer::none()).await
    }

    /// Whether the report is what a trustworthy grader says of this subject; if not, why not.
    pub fn judge(&self, report: &Report) -> Result<(), String> {
        let as_expected = match &self.subject.expect {
            Expect::Pass => report.verdict == Verdict::Pass,
            Expect::Fail => report.verdict == Verdict::Fail,
            Expect::FailWith { check, diagnosis } => report.checks.iter().any(|found| {
                found.name == *check
                    && found
                        .outcome
                        .failure()
                        .is_some_and(|f| f.diagnosis.0 == *diagnosis)
            }),
        };
        if as_expected {
            return Ok(());
        }
        let mut story = format!(
            "{} should {:?}, but: {}",
            self.subject.name,
            self.subject.expect,
            report.summary(),
        );
        for check in &report.checks {
            let details = check.details();
            if !details.is_empty() {
                let _ = write!(story, "\n{}:\n{}", check.name, details.join("\n"));
            }
        }
        Err(story)
    }
}
