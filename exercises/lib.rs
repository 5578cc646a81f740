//! Graded exercises: a learner's program, in any language, surrounded by real HTTP servers, files
//! and signals on this machine, while faults are injected. The grader says what held and what did not.
//!
//! There is nothing to link against: the contract of an exercise is environment variables, HTTP and
//! JSON on the loopback, files in a folder, signals.
//!
//! - [`harness`]: everything that exercises share: the learner's folder, other people's processes,
//!   upstream servers that misbehave on purpose, verdicts and reports. It knows no exercise.
//! - one module an exercise: its checks, and beside them its statement, starters, solutions and the
//!   wrong programs that the grader is tried on.
//!
//! To add an exercise: a folder like [`scatter_gather_top10`], and one line in [`all`].
//!
//! Only the *schedule* of faults is deterministic: one seed gives one schedule. How the operating
//! system interleaves the learner's program with it is not ours to repeat.

pub mod harness;
pub mod scatter_gather_top10;

pub use harness::exercise::Exercise;

/// Every exercise, in the order of the book.
pub fn all() -> &'static [&'static dyn Exercise] {
    &[&scatter_gather_top10::ScatterGatherTop10]
}

/// Exercises that chapters speak of and that are still to be built.
pub const PLANNED: &[&str] = &[
    "log-shipper",
    "config-reloader",
    "mtls-sidecar",
    "sharding-proxy",
    "hedged-requests",
    "api-composition",
    "queue-worker",
    "lease-owner",
];

/// No exercise has that slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no exercise `{slug}`{}; `ddlab exercise list` names them all", ddlab_text::hint(.nearest.as_deref()))]
pub struct UnknownExercise {
    pub slug: String,
    /// The known slug that is nearest to it, if any is near.
    pub nearest: Option<String>,
}

/// The exercise with this slug.
pub fn find(slug: &str) -> Result<&'static dyn Exercise, UnknownExercise> {
    all()
        .iter()
        .copied()
        .find(|exercise| exercise.manifest().slug == slug)
        .ok_or_else(|| UnknownExercise {
            slug: ddlab_text::clean_line(slug).into_owned(),
            nearest: ddlab_text::nearest(slug, all().iter().map(|e| e.manifest().slug.as_str()))
                .map(str::to_owned),
        })
}
