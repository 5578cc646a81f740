//! What is known of the grade that runs, or of the last one.

use ddlab_exercises::Exercise;
use ddlab_exercises::harness::observe::Event;
use ddlab_exercises::harness::report::Report;
use ddlab_exercises::harness::verdict::CheckOutcome;
use ddlab_text::clean_line;
use std::collections::VecDeque;
use std::time::Duration;

/// Lines of output that are kept to look at.
const OUTPUT_LINES_MAX: usize = 500;

pub struct Grading {
    phase: Phase,
    checks: Vec<Check>,
    output: VecDeque<String>,
    report: Option<Box<Report>>,
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
    Ended(CheckOutcome, Duration),
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
            output: VecDeque::new(),
            report: None,
        }
    }

    pub fn begin(&mut self) {
        self.phase = Phase::Asked;
        self.report = None;
        self.output.clear();
        for check in &mut self.checks {
            check.state = CheckState::Waiting;
        }
    }

    pub fn take(&mut self, event: Event) {
        match event {
            Event::Planned { .. } => self.begin(),
            Event::Building { command } => {
                self.phase = Phase::Building(clean_line(&command).into_owned());
            }
            Event::Built { .. } => self.phase = Phase::Checking,
            Event::CheckStarted { name } => {
                self.phase = Phase::Checking;
                self.set(name, CheckState::Running);
            }
            Event::CheckEnded(check) => {
                let took = Duration::from_millis(check.took_ms);
                self.set(check.name, CheckState::Ended(check.outcome, took));
            }
            Event::Output { line, .. } => {
                if self.output.len() >= OUTPUT_LINES_MAX {
                    self.output.pop_front();
                }
                self.output.push_back(clean_line(&line).into_owned());
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
        let ended = |check: &&Check| matches!(check.state, CheckState::Ended(..));
        self.checks.iter().filter(ended).count()
    }

    pub fn report(&self) -> Option<&Report> {
        self.report.as_deref()
    }

    pub fn output(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.output.iter().map(String::as_str)
    }

    /// The first check that found a mistake.
    pub fn first_failure(&self) -> Option<usize> {
        self.checks.iter().position(|check| {
            matches!(&check.state, CheckState::Ended(outcome, _) if outcome.failure().is_some())
        })
    }
}
