//! What is known of the grade that runs, or of the last one.

use ddlab_exercises::Exercise;
use ddlab_exercises::harness::observe::Event;
use ddlab_exercises::harness::report::{CheckReport, Report};
use ddlab_text::{clean_line, counted};
use std::collections::VecDeque;

/// The first lines of output that are kept to look at, and as many of the last.
const OUTPUT_LINES_MAX: usize = 250;

pub struct Grading {
    phase: Phase,
    checks: Vec<Check>,
    /// Of the grade that runs, or of the last one.
    seed: u64,
    output: Output,
    report: Option<Box<Report>>,
}

/// What the program printed: its first lines and its last.
#[derive(Default)]
struct Output {
    head: Vec<String>,
    tail: VecDeque<String>,
    left_out: usize,
    /// Says how many lines were left out between the two.
    gap: Option<String>,
}

impl Output {
    fn push(&mut self, line: String) {
        if self.head.len() < OUTPUT_LINES_MAX {
            return self.head.push(line);
        }
        if self.tail.len() == OUTPUT_LINES_MAX {
            self.tail.pop_front();
            self.left_out += 1;
            self.gap = Some(format!("({} left out)", counted(self.left_out, "line")));
        }
        self.tail.push_back(line);
    }

    fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        let all = self.head.iter().chain(&self.gap).chain(&self.tail);
        all.map(String::as_str)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    Idle,
    /// Asked for; nothing was heard of it yet.
    Asked,
    Building(String),
    Checking,
    Done,
    /// It ended without a report.
    Stopped,
}

pub struct Check {
    pub name: &'static str,
    pub promise: &'static str,
    pub state: CheckState,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CheckState {
    Waiting,
    Running,
    Ended(Box<CheckReport>),
}

impl Check {
    /// What it came to, once it has ended.
    pub fn report(&self) -> Option<&CheckReport> {
        match &self.state {
            CheckState::Ended(report) => Some(report),
            CheckState::Waiting | CheckState::Running => None,
        }
    }
}

impl Grading {
    /// All checks of the exercise, none of them run.
    pub fn new(exercise: &Exercise) -> Self {
        let checks = exercise.checks().iter().map(|check| Check {
            name: check.name,
            promise: check.promise,
            state: CheckState::Waiting,
        });
        Self {
            phase: Phase::Idle,
            checks: checks.collect(),
            seed: 0,
            output: Output::default(),
            report: None,
        }
    }

    /// A grade was asked for: of all checks, or of this one, and then the others keep what they came to.
    pub fn begin(&mut self, only: Option<&str>) {
        self.phase = Phase::Asked;
        self.report = None;
        self.output = Output::default();
        for check in &mut self.checks {
            if only.is_none_or(|only| only == check.name) {
                check.state = CheckState::Waiting;
            }
        }
    }

    pub fn take(&mut self, event: Event) {
        match event {
            Event::Planned { seed, checks } => {
                self.seed = seed;
                let only = (checks.len() == 1).then(|| checks[0].name);
                self.begin(only);
            }
            Event::Building { command } => {
                self.phase = Phase::Building(clean_line(&command).into_owned());
            }
            Event::Built { .. } => self.phase = Phase::Checking,
            Event::CheckStarted { name } => {
                self.phase = Phase::Checking;
                self.set(name, CheckState::Running);
            }
            Event::CheckEnded(check) => {
                self.set(check.name, CheckState::Ended(Box::new(check)));
            }
            Event::Output { line, .. } => {
                self.output.push(clean_line(&line).into_owned());
            }
            Event::Finished(report) => {
                self.phase = Phase::Done;
                self.report = Some(report);
            }
        }
    }

    fn set(&mut self, name: &str, state: CheckState) {
        if let Some(check) = self.checks.iter_mut().find(|check| check.name == name) {
            check.state = state;
        }
    }

    /// The worker says that nothing runs any more.
    pub fn stopped(&mut self) {
        if self.is_running() {
            self.phase = Phase::Stopped;
            for check in &mut self.checks {
                if check.state == CheckState::Running {
                    check.state = CheckState::Waiting;
                }
            }
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(
            self.phase,
            Phase::Asked | Phase::Building(_) | Phase::Checking
        )
    }

    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// How many checks have ended.
    pub fn ended(&self) -> usize {
        self.checks.iter().filter_map(Check::report).count()
    }

    /// The check of this place in the list and the seed that it ran with, once it has ended.
    pub fn replay(&self, index: usize) -> Option<(&'static str, u64)> {
        let check = self.checks.get(index)?;
        check.report().map(|_| (check.name, self.seed))
    }

    pub fn report(&self) -> Option<&Report> {
        self.report.as_deref()
    }

    pub fn output(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.output.lines()
    }

    /// The first check that found a mistake.
    pub fn first_failure(&self) -> Option<usize> {
        let has_failed = |report: &CheckReport| report.outcome.failure().is_some();
        let mut checks = self.checks.iter();
        checks.position(|check| check.report().is_some_and(has_failed))
    }
}
