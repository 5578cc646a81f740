//! What a grade says: as data for `--json` and screens, and as text of at most 25 lines a failure.

use super::exercise::{Check, Exercise};
use super::journal::Moment;
use super::verdict::{CheckOutcome, Failure, Verdict};
use ddlab_text::{clip, wrap};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// A failure is read, not studied. Its timeline comes on top.
pub const FAILURE_LINES_MAX: usize = 25;
const WIDTH: usize = 78;
const LABEL: usize = 12;
/// What the columns of a timeline are.
pub const TIMELINE_HEAD: &str = "ms since the check began; sent and received by the program";

/// The result of a grade. The JSON form of `--json` is this, field by field.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// The slug.
    pub exercise: String,
    pub verdict: Verdict,
    /// The same seed gives the same schedule of faults; how the system interleaves the program
    /// with it may differ.
    pub seed: u64,
    /// Every check was asked for. Only a complete pass solves the exercise.
    pub complete: bool,
    pub checks: Vec<CheckReport>,
    pub took_ms: u64,
    /// What a reviewer would still say, once the exercise is solved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub review: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CheckReport {
    pub name: &'static str,
    pub promise: &'static str,
    #[serde(flatten)]
    pub outcome: CheckOutcome,
    pub took_ms: u64,
    /// Where the book teaches it: `chapter 7, What goes wrong`.
    pub read: String,
    /// The command that runs this check with this schedule again.
    pub replay: String,
}

impl Report {
    pub fn new(exercise: &Exercise, seed: u64, checks: Vec<CheckReport>, took: Duration) -> Self {
        let mut report = Self {
            exercise: exercise.slug().to_owned(),
            verdict: Verdict::over(checks.iter().map(|check| &check.outcome)),
            seed,
            complete: checks.len() == exercise.checks().len(),
            checks,
            took_ms: took.as_millis() as u64,
            review: Vec::new(),
        };
        if report.solves() {
            report.review.clone_from(&exercise.manifest().review);
        }
        report
    }

    /// The exercise is solved: all of it ran, all of it held.
    pub fn solves(&self) -> bool {
        self.complete && self.verdict == Verdict::Pass
    }

    /// The program did not build or did not serve, so nothing is known of the pattern.
    pub fn never_started(&self) -> bool {
        let mut failures = self
            .checks
            .iter()
            .filter_map(|check| check.outcome.failure());
        failures.any(|failure| failure.diagnosis.never_started())
    }

    /// The ids of the mistakes that were found, in the order of the checks.
    pub fn diagnoses(&self) -> Vec<&'static str> {
        self.checks
            .iter()
            .filter_map(|check| check.outcome.failure())
            .map(|failure| failure.diagnosis.0)
            .collect()
    }

    /// One line: `fail · 11 of 15 checks hold · seed 7 · 5.1 s`.
    pub fn summary(&self) -> String {
        let held = self
            .checks
            .iter()
            .filter(|check| check.outcome == CheckOutcome::Passed)
            .count();
        let mut line = format!(
            "{} · {held} of {} checks hold · seed {} · {}.{} s",
            self.verdict,
            self.checks.len(),
            self.seed,
            self.took_ms / 1000,
            self.took_ms % 1000 / 100,
        );
        if !self.complete {
            line.push_str(" · not all checks were asked for");
        }
        line
    }
}

impl CheckReport {
    pub fn new(
        exercise: &Exercise,
        check: Check,
        seed: u64,
        outcome: CheckOutcome,
        took: Duration,
    ) -> Self {
        Self {
            name: check.name,
            promise: check.promise,
            outcome,
            took_ms: took.as_millis() as u64,
            read: format!("chapter {}, {}", exercise.manifest().number, check.section),
            replay: format!("ddlab exercise grade --check {} --seed {seed}", check.name),
        }
    }

    /// What is to be said of it beyond its name, at most [`FAILURE_LINES_MAX`] lines of at most 78
    /// columns and a timeline of at most [`super::journal::TIMELINE_LINES_MAX`]; nothing for a pass.
    pub fn details(&self) -> Vec<String> {
        match &self.outcome {
            CheckOutcome::Passed => Vec::new(),
            CheckOutcome::Failed(failure) => self.failure_lines(failure),
            CheckOutcome::Inconclusive { reason } => field("no proof", reason, 4),
            CheckOutcome::GraderError { reason } => field("grader", reason, 4),
            CheckOutcome::NotReached { reason } => field("not reached", reason, 2),
        }
    }

    fn failure_lines(&self, failure: &Failure) -> Vec<String> {
        let mut lines = field("", &failure.headline, 2);
        for (label, text, lines_max) in [
            ("sent", failure.sent.as_str(), 3),
            ("came back", failure.got.as_str(), 3),
            ("expected", failure.expected.as_str(), 3),
            ("why", failure.why.as_str(), 2),
        ] {
            if !text.is_empty() {
                lines.extend(field(label, text, lines_max));
            }
        }
        let closing = [
            field("diagnosis", failure.diagnosis.0, 1),
            field("read", &self.read, 1),
            field("again", &self.replay, 2),
        ]
        .concat();
        let room = FAILURE_LINES_MAX - lines.len() - closing.len();
        lines.extend(printed(&failure.program, room));
        lines.extend(timeline(&failure.timeline));
        lines.extend(closing);
        lines
    }
}

/// The program's output, first and last lines, in at most `room` lines.
fn printed(program: &[String], room: usize) -> Vec<String> {
    if program.is_empty() || room < 3 {
        return Vec::new();
    }
    let kept: Vec<&String> = if program.len() <= room {
        program.iter().collect()
    } else {
        let first = room / 2;
        let last = room - first;
        program[..first]
            .iter()
            .chain(&program[program.len() - last..])
            .collect()
    };
    kept.iter()
        .enumerate()
        .map(|(nr, text)| {
            let label = if nr == 0 { "it printed" } else { "" };
            format!("{label:<LABEL$}{}", clip(text, WIDTH - LABEL))
        })
        .collect()
}

/// What happened, after a line that says what the columns are.
fn timeline(moments: &[Moment]) -> Vec<String> {
    if moments.is_empty() {
        return Vec::new();
    }
    let head = format!("{:<LABEL$}{TIMELINE_HEAD}", "timeline");
    let rows = moments.iter().map(|moment| clip(&moment.line(), WIDTH));
    std::iter::once(head).chain(rows).collect()
}

/// A label and its text, wrapped with a hanging indent, cut after `lines_max` lines.
fn field(label: &str, text: &str, lines_max: usize) -> Vec<String> {
    let indent = if label.is_empty() { 0 } else { LABEL };
    let mut lines = wrap(text, WIDTH - indent);
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        if let Some(last) = lines.last_mut() {
            let kept: String = last.chars().take(WIDTH - indent - 2).collect();
            *last = format!("{kept} …");
        }
    }
    lines
        .into_iter()
        .enumerate()
        .map(|(nr, line)| {
            let label = if nr == 0 { label } else { "" };
            format!("{label:<indent$}{line}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::journal::{Kind, TIMELINE_LINES_MAX};
    use crate::harness::verdict::Diagnosis;

    fn wordy(nr: u64) -> Moment {
        let at = Duration::from_millis(nr);
        let mut moment = Moment::new(at, Kind::Received, &"x".repeat(100));
        moment.times = 2;
        moment.until_ms = Some(1_000_000);
        moment
    }

    fn failed(failure: Failure) -> CheckReport {
        CheckReport {
            name: "shard-hangs",
            promise: "",
            outcome: CheckOutcome::Failed(Box::new(failure)),
            took_ms: 1,
            read: "chapter 7, What goes wrong".to_owned(),
            replay: "ddlab exercise grade --check shard-hangs --seed 7".to_owned(),
        }
    }

    #[test]
    fn the_wordiest_failure_stays_within_its_lines_and_columns() {
        let long = "a very long story indeed ".repeat(60);
        let mut failure = Failure::new(Diagnosis("waits-for-all"), long.clone())
            .sent(long.clone())
            .got("x".repeat(900))
            .expected(long.clone())
            .why(long.clone())
            .in_order(&[]);
        failure.timeline = (0..TIMELINE_LINES_MAX as u64).map(wordy).collect();
        failure.program = (0..200).map(|nr| format!("\u{1b}[31mline {nr}")).collect();
        let lines = failed(failure).details();
        assert!(
            lines.len() <= FAILURE_LINES_MAX + 1 + TIMELINE_LINES_MAX,
            "{} lines",
            lines.len()
        );
        for line in &lines {
            assert!(line.chars().count() <= WIDTH, "{line}");
            assert!(!line.contains('\u{1b}'), "{line}");
        }
        let text = lines.join("\n");
        assert!(
            text.contains("line 0") && text.contains("line 199"),
            "head and tail:\n{text}"
        );
        assert!(
            text.contains("waits-for-all") && text.contains("--seed 7"),
            "{text}"
        );
        assert!(text.contains("chapter 7, What goes wrong"), "{text}");
    }

    #[test]
    fn a_terse_failure_has_no_empty_fields() {
        let lines = failed(Failure::new(Diagnosis("x"), "It broke.").sent("GET /")).details();
        assert_eq!(lines.len(), 5, "{lines:?}");
        assert!(lines.iter().all(|line| !line.trim().is_empty()));
    }
}
