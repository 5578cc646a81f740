//! Experiments: a guided tour of a lab in which one predicts before one sees.
//!
//! - [`form`]: the file's form; [`read`]: from there to what is here, checked against the lab;
//! - [`progress`]: where a learner is in it, as data: what a screen, plain text and tests drive alike;
//! - [`check`]: what the text claims, held against the lab over many seeds.

pub mod check;
pub mod form;
pub mod progress;
mod read;

pub use progress::{ExperimentProgress, Guess, PredictionOutcome, StepView};

use super::claim::{Measure, MeasuredRun, Statement, Text};
use super::frame::Statistic;
use super::intervention::Intervention;
use super::meter::MetricSpec;

#[derive(Debug, Clone)]
pub struct Experiment {
    pub id: String,
    pub title: String,
    /// One line for the list.
    pub summary: String,
    pub minutes: u32,
    /// The world that is shown.
    pub seed: u64,
    pub measures: Vec<Measure>,
    pub runs: Vec<MeasuredRun>,
    pub predictions: Vec<Prediction>,
    pub steps: Vec<Step>,
    pub checks: Vec<Check>,
}

/// Places in [`Experiment::runs`] and [`Experiment::predictions`] are of the same experiment.
#[derive(Debug, Clone)]
pub enum Step {
    Say(Text),
    Predict(usize),
    /// Done to the lab where it stands.
    Do(Vec<Intervention>),
    Run(usize),
    Observe(Observation),
    /// A prediction beside what was measured. Not written: it follows from the runs that it needs.
    Reveal(usize),
    Explain(Text),
}

/// Something to look at.
#[derive(Debug, Clone)]
pub struct Observation {
    pub say: Text,
    /// The chart to look at.
    pub metric: Option<&'static MetricSpec>,
    /// Figures of it that are worth a look.
    pub show: Vec<Statistic>,
    /// Of which run; none before the first.
    pub run: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct Prediction {
    /// Stable, for the record.
    pub id: String,
    pub question: String,
    pub kind: PredictionKind,
}

#[derive(Debug, Clone)]
pub enum PredictionKind {
    Number {
        measure: Measure,
        tempting: Option<Tempting<f64>>,
    },
    Choice {
        options: Vec<ChoiceOption>,
        tempting: Option<Tempting<usize>>,
    },
}

/// One option of a choice.
#[derive(Debug, Clone)]
pub struct ChoiceOption {
    pub say: String,
    /// It is right when this holds.
    pub when: Statement,
}

/// What most people say.
#[derive(Debug, Clone)]
pub struct Tempting<T> {
    pub guess: T,
    pub because: String,
}

/// What must hold over the seeds for the text to be true.
#[derive(Debug, Clone)]
pub struct Check {
    pub that: Statement,
    /// On this share of the seeds, from 0 to 1.
    pub hold: f64,
}

impl Prediction {
    /// The measurements that it needs to be judged.
    pub fn needs<'a>(&'a self) -> Vec<&'a str> {
        match &self.kind {
            PredictionKind::Number { measure, .. } => vec![&measure.name],
            PredictionKind::Choice { options, .. } => {
                let names = |answer: &'a ChoiceOption| answer.when.names();
                options.iter().flat_map(names).collect()
            }
        }
    }
}
