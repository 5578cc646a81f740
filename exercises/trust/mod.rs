//! Can the grader be trusted? Every solution must pass, the starter must fail, and every wrong
//! program must fail *for its own mistake*. This module lays those programs out and grades them;
//! the tests do it on a few seeds, `ddlab exercise verify --runs 50` on as many as one likes.
//!
//! - [`wrong`]: wrong programs, each a patch of a solution.
//! - [`layout`]: lays all of them out and builds the Rust programs among them in one go.

mod layout;
mod wrong;

use crate::harness::exercise::Exercise;
use crate::harness::grade::{self, GradeRequest};
use crate::harness::language::{LANGUAGES, Language, is_installed};
use crate::harness::observe::Observer;
use crate::harness::report::Report;
use crate::harness::verdict::Verdict;
use crate::workspace::WorkspaceError;
pub use layout::lay_out;
use std::fmt::{self, Write as _};
use std::path::PathBuf;
use wrong::WrongProgram;

/// A grade that a busy machine left open is asked for this often in all.
const TRIES_MAX: usize = 5;

#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("{name}: {reason}")]
    Patch {
        /// As its file: `scatter-gather-top10/wrong/serial-fan-out.patch`.
        name: String,
        reason: String,
    },
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    #[error("the Rust programs do not build:\n{0}")]
    Build(String),
}

/// A program whose verdict is known.
#[derive(Debug, Clone)]
pub struct Subject {
    pub exercise: &'static Exercise,
    pub language: &'static Language,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Starter,
    Solution,
    Wrong(WrongProgram),
}

/// What the grader must say of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Every subject of an exercise.
pub fn subjects(exercise: &'static Exercise) -> Result<Vec<Subject>, TrustError> {
    let mut found = Vec::new();
    for language in &LANGUAGES {
        let wrong = wrong::of(exercise, language)?;
        let kinds = [Kind::Starter, Kind::Solution].into_iter();
        found.extend(
            kinds
                .chain(wrong.into_iter().map(Kind::Wrong))
                .map(|kind| Subject {
                    exercise,
                    language,
                    kind,
                }),
        );
    }
    Ok(found)
}

impl Subject {
    pub fn expect(&self) -> Expect {
        match &self.kind {
            Kind::Starter => Expect::Fail,
            Kind::Solution => Expect::Pass,
            Kind::Wrong(wrong) => Expect::FailWith {
                check: wrong.check,
                diagnosis: wrong.diagnosis,
            },
        }
    }

    /// Its language is installed on this machine.
    pub fn can_run(&self) -> bool {
        is_installed(self.language.needs, &[])
    }
}

/// `solution-rust`, `wrong-serial-fan-out-python`: also the name of its folder.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Starter => write!(f, "starter-{}", self.language.id),
            Kind::Solution => write!(f, "solution-{}", self.language.id),
            Kind::Wrong(wrong) => write!(f, "wrong-{}-{}", wrong.name, self.language.id),
        }
    }
}

/// A verdict that is not what it must be, and all that is known of it.
#[derive(Debug, thiserror::Error)]
#[error("{story}")]
pub struct Complaint {
    /// This machine was too busy for a verdict, which says nothing of the grader.
    pub is_open: bool,
    story: String,
}

/// A subject in a folder of its own, built and ready to be graded as often as one likes.
#[derive(Debug, Clone)]
pub struct Trial {
    pub subject: Subject,
    dir: PathBuf,
    /// Shell command.
    run: String,
}

impl Trial {
    /// Grades it with this seed, again if a busy machine left the verdict open, and says what is wrong
    /// with the verdict: a solution and a starter on all checks, a wrong program on the one that must see
    /// through it. No check knows of another, so the others would only take time.
    ///
    /// It is a task of its own: what one grade computes does not hold up another.
    pub async fn verify(&self, seed: u64) -> Result<(), Complaint> {
        let this = self.clone();
        let task = tokio::spawn(async move { this.verify_here(seed).await });
        match task.await {
            Ok(verified) => verified,
            Err(broken) => std::panic::resume_unwind(broken.into_panic()),
        }
    }

    async fn verify_here(&self, seed: u64) -> Result<(), Complaint> {
        let only = match self.subject.expect() {
            Expect::FailWith { check, .. } => Some(check),
            Expect::Pass | Expect::Fail => None,
        };
        let request = GradeRequest {
            exercise: self.subject.exercise,
            dir: self.dir.clone(),
            build: String::new(),
            run: self.run.clone(),
            start_s: None,
            seed,
            only,
        };
        let mut report = grade::grade(&request, &Observer::none()).await;
        for _ in 1..TRIES_MAX {
            if report.verdict != Verdict::Inconclusive {
                break;
            }
            report = grade::grade(&request, &Observer::none()).await;
        }
        self.judge(&report)
    }

    /// Whether the report is what a trustworthy grader says of this subject; if not, why not.
    fn judge(&self, report: &Report) -> Result<(), Complaint> {
        let expect = self.subject.expect();
        let as_expected = match expect {
            Expect::Pass => report.verdict == Verdict::Pass,
            Expect::Fail => report.verdict == Verdict::Fail,
            Expect::FailWith { check, diagnosis } => report.checks.iter().any(|found| {
                let failure = found.outcome.failure();
                found.name == check && failure.is_some_and(|f| f.diagnosis.0 == diagnosis)
            }),
        };
        if as_expected {
            return Ok(());
        }
        let subject = &self.subject;
        let mut story = format!("{subject} should {expect:?}, but: {}", report.summary());
        for check in &report.checks {
            let details = check.details();
            if !details.is_empty() {
                let _ = write!(story, "\n{}:\n{}", check.name, details.join("\n"));
            }
        }
        Err(Complaint {
            is_open: report.verdict == Verdict::Inconclusive,
            story,
        })
    }
}
