//! The four verdicts, and how a check says what it found.
//!
//! The rule above all others: *no pass without proof*. A grader that timed out, panicked, or whose
//! fault never met a request has proved nothing, and says so instead of passing.

use super::journal::Moment;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// What a grade comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every check was reached and held.
    Pass,
    /// At least one check found a mistake.
    Fail,
    /// No mistake found, but something that had to be shown was not.
    Inconclusive,
    /// The grader itself broke; the program is not to blame.
    GraderError,
}

impl Verdict {
    /// The exit code of `ddlab exercise grade`. 2 is left to wrong usage.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Inconclusive => 3,
            Self::GraderError => 4,
        }
    }

    /// The verdict over all checks of a run.
    ///
    /// A mistake found stays found, whatever else went wrong, so *fail* outranks the rest; a broken
    /// grader outranks a mere lack of proof. No checks at all prove nothing.
    pub fn over<'a>(outcomes: impl IntoIterator<Item = &'a CheckOutcome>) -> Self {
        let mut seen_any = false;
        let mut worst = Self::Pass;
        for outcome in outcomes {
            seen_any = true;
            let this = match outcome {
                CheckOutcome::Passed => Self::Pass,
                CheckOutcome::Failed(_) => Self::Fail,
                CheckOutcome::Inconclusive { .. } | CheckOutcome::NotReached { .. } => {
                    Self::Inconclusive
                }
                CheckOutcome::GraderError { .. } => Self::GraderError,
            };
            if this.rank() > worst.rank() {
                worst = this;
            }
        }
        if seen_any { worst } else { Self::Inconclusive }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Inconclusive => 1,
            Self::GraderError => 2,
            Self::Fail => 3,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::GraderError => "grader error",
        })
    }
}

/// How one check ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum CheckOutcome {
    Passed,
    Failed(Box<Failure>),
    /// It ran, and what it needed to see did not happen.
    Inconclusive {
        reason: String,
    },
    GraderError {
        reason: String,
    },
    /// It could not be run, and why.
    NotReached {
        reason: String,
    },
}

impl CheckOutcome {
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// A mistake that only a clock may have made look like one, see [`Failure::by_clock`].
    #[must_use]
    pub fn by_clock(self, room: Duration) -> Self {
        match self {
            Self::Failed(failure) => failure.by_clock(room).into(),
            other => other,
        }
    }

    /// The grader could not do its own part: open a port, start a server, write a file.
    pub fn grader_error(doing: &str, error: impl fmt::Display) -> Self {
        Self::GraderError {
            reason: format!("{doing}: {error}"),
        }
    }
}

impl From<Box<Failure>> for CheckOutcome {
    fn from(failure: Box<Failure>) -> Self {
        Self::Failed(failure)
    }
}

impl From<Failure> for CheckOutcome {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

/// The stable, kebab-case name of one mistake: `serial-fan-out`. The learner's record, the hints and
/// the trust tests refer to it, so it outlives every rewording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Diagnosis(pub &'static str);

impl From<&'static str> for Diagnosis {
    fn from(id: &'static str) -> Self {
        Self(id)
    }
}

impl Diagnosis {
    /// The program was never there to be judged on the pattern.
    pub fn never_started(self) -> bool {
        [
            "build-failed",
            "exited-before-listening",
            "not-listening",
            "not-healthy",
        ]
        .contains(&self.0)
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A mistake that a check found, told so that the learner can act on it without reading the grader.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Failure {
    pub diagnosis: Diagnosis,
    /// What is wrong, in one sentence.
    pub headline: String,
    /// What the program was asked.
    pub sent: String,
    /// What it did.
    pub got: String,
    /// What it should have done.
    pub expected: String,
    /// Why that matters, in the words of the chapter.
    pub why: String,
    /// What the program was asked and what it asked, against the faults, if it failed on time or order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Moment>,
    /// How the program ended and what it printed first and last, where that tells something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub program: Vec<String>,
    /// It was found by a clock, which left the program this much room, see [`Failure::room`].
    #[serde(skip)]
    pub by_clock: Option<Duration>,
    /// It is on order: the requests that its timeline shows carry one of these words, if there are any.
    #[serde(skip)]
    pub about: Option<Vec<String>>,
}

impl Failure {
    pub fn new(diagnosis: impl Into<Diagnosis>, headline: impl Into<String>) -> Self {
        Self {
            diagnosis: diagnosis.into(),
            headline: headline.into(),
            sent: String::new(),
            got: String::new(),
            expected: String::new(),
            why: String::new(),
            timeline: Vec::new(),
            program: Vec::new(),
            by_clock: None,
            about: None,
        }
    }

    #[must_use]
    pub fn sent(mut self, sent: impl Into<String>) -> Self {
        self.sent = sent.into();
        self
    }

    #[must_use]
    pub fn got(mut self, got: impl Into<String>) -> Self {
        self.got = got.into();
        self
    }

    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// When things happened tells what went wrong: the report shows a timeline, as for what was found by
    /// a clock. Of the requests it has those with one of these words in their URL or body; all of them
    /// without words.
    #[must_use]
    pub fn in_order(mut self, about: &[&str]) -> Self {
        self.about = Some(about.iter().copied().map(str::to_owned).collect());
        self
    }

    /// `room`: how much later an honest program may be scheduled before it is taken for a wrong one.
    #[must_use]
    pub fn by_clock(mut self, room: Duration) -> Self {
        self.by_clock = Some(room);
        self
    }

    /// How much time this machine may lose without doubt about the finding. Where it was found by no clock,
    /// the time limits of client and program ran on nevertheless; they are of a second or two.
    pub fn room(&self) -> Duration {
        self.by_clock.unwrap_or(Duration::from_secs(2))
    }
}

/// What a check returns; `?` carries whatever else than a pass out of it. `Ok` is a pass only once all
/// its witnesses have been heard.
pub type CheckResult = Result<(), CheckOutcome>;

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> CheckOutcome {
        CheckOutcome::Failed(Box::new(Failure::new(Diagnosis("x"), "x")))
    }

    fn reason() -> String {
        "because".to_owned()
    }

    #[test]
    fn only_passes_make_a_pass_and_nothing_at_all_is_none() {
        assert_eq!(Verdict::over(&[CheckOutcome::Passed]), Verdict::Pass);
        assert_eq!(Verdict::over(&[]), Verdict::Inconclusive);
        for stain in [
            CheckOutcome::Inconclusive { reason: reason() },
            CheckOutcome::NotReached { reason: reason() },
            CheckOutcome::GraderError { reason: reason() },
            failed(),
        ] {
            let outcomes = [CheckOutcome::Passed, stain, CheckOutcome::Passed];
            assert_ne!(Verdict::over(&outcomes), Verdict::Pass, "{outcomes:?}");
        }
    }

    #[test]
    fn a_mistake_found_outranks_a_broken_grader_which_outranks_a_lack_of_proof() {
        let lack = CheckOutcome::Inconclusive { reason: reason() };
        let broken = CheckOutcome::GraderError { reason: reason() };
        assert_eq!(Verdict::over([&lack, &broken]), Verdict::GraderError);
        assert_eq!(Verdict::over([&broken, &failed(), &lack]), Verdict::Fail);
    }

    #[test]
    fn exit_codes_are_distinct_and_leave_two_to_usage() {
        let codes = [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::Inconclusive,
            Verdict::GraderError,
        ]
        .map(Verdict::exit_code);
        assert_eq!(codes, [0, 1, 3, 4]);
    }
}
