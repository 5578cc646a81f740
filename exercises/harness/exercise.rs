//! What an exercise is: a manifest that authors write (`exercise.yaml`), a folder of files for the
//! learner, and a table of checks.

use super::stage::Stage;
use super::verdict::CheckResult;
use futures::future::BoxFuture;
use include_dir::Dir;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// One exercise. All of its text lies in its manifest and its folder; only its checks are code.
pub trait Exercise: Sync {
    /// `exercise.yaml`, read once.
    fn manifest(&self) -> &'static Manifest;

    /// The folder of the exercise: `statement.md`, `starter/LANG/`, `solution/LANG/`, `wrong/NAME/LANG/`.
    fn folder(&self) -> &'static Dir<'static>;

    /// The checks, in the order in which they run. The first one proves that the program starts at
    /// all: when it fails, the others are not reached.
    fn checks(&self) -> &'static [Check];
}

impl fmt::Debug for dyn Exercise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exercise({})", self.manifest().slug)
    }
}

/// One check: a promise that the program must keep, tried on a fresh stage.
#[derive(Clone, Copy)]
pub struct Check {
    /// As in the manifest, where its promise and its diagnoses are.
    pub name: &'static str,
    pub run: for<'a> fn(&'a Stage) -> BoxFuture<'a, CheckResult>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Check({})", self.name)
    }
}

/// `exercise.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub slug: String,
    pub title: String,
    /// The chapter's id, `scatter-gather`.
    pub chapter: String,
    /// The chapter's number in the book.
    pub number: u8,
    /// One sentence, for lists.
    pub summary: String,
    /// How long it takes someone who has read the chapter.
    pub minutes: u16,
    pub languages: Vec<Language>,
    pub limits: Limits,
    pub checks: Vec<CheckNote>,
    /// Every mistake that the checks can name, beside [`HARNESS_DIAGNOSES`], and why it matters.
    pub diagnoses: BTreeMap<String, String>,
    /// From a nudge to nearly the answer; shown one more at a time.
    pub hints: Vec<String>,
    /// Programs that the grader must see through. For tests, never shown.
    pub wrong: Vec<WrongProgram>,
}

impl Manifest {
    pub fn check(&self, name: &str) -> Option<&CheckNote> {
        self.checks.iter().find(|note| note.name == name)
    }

    pub fn language(&self, id: &str) -> Option<&Language> {
        self.languages.iter().find(|language| language.id == id)
    }
}

/// A language in which there is a starter and a solution. A learner may use any other: only
/// `build` and `run` of `ddlab.yaml` matter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    pub id: String,
    pub name: String,
    /// The program that must be on the `PATH`, so that tests can say what they left out.
    pub needs: String,
    /// Shell command, may be empty.
    pub build: String,
    /// Shell command, run in the learner's folder.
    pub run: String,
}

/// What the learner's program may use. Every limit is generous for an honest program; they are
/// there for the runaway one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// CPU seconds of each process (`RLIMIT_CPU`).
    pub cpu_s: u32,
    /// Resident memory of the program and all of its descendants together.
    pub memory_mb: u64,
    /// How many processes it may be at once.
    pub processes: usize,
    /// Size of any file that it writes (`RLIMIT_FSIZE`).
    pub file_mb: u64,
    /// Wall time of the build.
    pub build_s: u64,
    /// From start to answering.
    pub start_s: u64,
    /// Wall time of one check.
    pub check_s: u64,
    /// Wall time of all checks together.
    pub wall_s: u64,
}

/// What the manifest says of a check.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckNote {
    pub name: String,
    /// What the program promises, one line.
    pub promise: String,
    /// The heading of the chapter's section where this is taught: `What goes wrong`.
    pub section: String,
}

/// A wrong program of `wrong/`, named for its mistake.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongProgram {
    pub name: String,
    /// The check that must fail.
    pub check: String,
    /// The diagnosis that it must give.
    pub diagnosis: String,
}

/// Diagnoses that any check of any exercise may give, because they are about processes and
/// connections, not about the pattern.
pub const HARNESS_DIAGNOSES: &[&str] = &[
    "build-failed",
    "exited-before-listening",
    "not-listening",
    "not-healthy",
    "exited-under-way",
    "closed-without-answer",
    "not-http",
    "no-answer",
    "over-memory",
    "over-processes",
    "ignores-sigterm",
    "leaves-processes",
];
