//! Where a learner is in an experiment, as data. A screen, plain text and tests drive the same: they
//! show its [`StepView`], hand in a guess or a measurement where it asks for one, and go on.

use super::{ChoiceOption, Experiment, Observation, Prediction, PredictionKind, Step};
use crate::workbench::claim::measure::derive_all;
use crate::workbench::claim::{Measure, MeasuredRun, Measurement, Readings};
use crate::workbench::intervention::Intervention;
use crate::workbench::meter::MetricSpec;

/// Where a learner is in an experiment.
#[derive(Debug, Clone)]
pub struct ExperimentProgress {
    experiment: &'static Experiment,
    at: usize,
    guesses: Vec<Option<Guess>>,
    measurements: Vec<Option<Measurement>>,
    known: Readings,
}

/// What a learner says to a prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Guess {
    /// As the metric has it (a share from 0 to 1), and the range that should hold it four times in five.
    Number {
        value: f64,
        range: Option<(f64, f64)>,
    },
    /// The place among the options.
    Choice(usize),
    /// Nothing was said; what was measured is shown all the same.
    Pass,
}

/// The step that one is at, with the texts filled in: what there is to do or to see.
#[derive(Debug, Clone)]
pub enum StepView {
    Say(String),
    Predict(&'static Prediction),
    Do(&'static [Intervention]),
    /// To be run and measured: [`ExperimentProgress::measured`].
    Run(&'static MeasuredRun),
    Observe {
        text: String,
        observation: &'static Observation,
    },
    Reveal {
        prediction: &'static Prediction,
        outcome: PredictionOutcome,
    },
    Explain(String),
    /// All steps are behind.
    Done,
}

/// A prediction beside what was measured.
#[derive(Debug, Clone, PartialEq)]
pub enum PredictionOutcome {
    Number {
        guess: f64,
        range: Option<(f64, f64)>,
        measured: f64,
    },
    Choice {
        guess: usize,
        right: usize,
    },
    /// Nothing was said to a number.
    PassedNumber {
        measured: f64,
    },
    /// Nothing was said to a choice.
    PassedChoice {
        right: usize,
    },
    /// The lab gave nothing to compare with: a bound of the text is not true of this run.
    Unsettled,
}

/// Why an experiment can't go on yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    #[error("predict first, then see")]
    Predict,
    #[error("the run has not come to its end")]
    Measure,
}

impl ExperimentProgress {
    pub fn new(experiment: &'static Experiment) -> Self {
        Self {
            experiment,
            at: 0,
            guesses: vec![None; experiment.predictions.len()],
            measurements: vec![None; experiment.runs.len()],
            known: Readings::new(),
        }
    }

    pub fn experiment(&self) -> &'static Experiment {
        self.experiment
    }

    /// How many steps are behind, and how many there are.
    pub fn steps_done(&self) -> (usize, usize) {
        (self.at, self.experiment.steps.len())
    }

    pub fn readings(&self) -> &Readings {
        &self.known
    }

    /// What the run at this place came to.
    pub fn measurement(&self, run: usize) -> Option<&Measurement> {
        self.measurements.get(run)?.as_ref()
    }

    pub fn step(&self) -> StepView {
        let experiment = self.experiment;
        match experiment.steps.get(self.at) {
            None => StepView::Done,
            Some(Step::Say(text)) => StepView::Say(text.fill(&self.known)),
            Some(Step::Explain(text)) => StepView::Explain(text.fill(&self.known)),
            Some(Step::Predict(at)) => StepView::Predict(&experiment.predictions[*at]),
            Some(Step::Do(interventions)) => StepView::Do(interventions),
            Some(Step::Run(at)) => StepView::Run(&experiment.runs[*at]),
            Some(Step::Observe(observation)) => StepView::Observe {
                text: observation.say.fill(&self.known),
                observation,
            },
            Some(Step::Reveal(at)) => StepView::Reveal {
                prediction: &experiment.predictions[*at],
                outcome: self.outcome(*at),
            },
        }
    }

    /// Predictions that were made and are not revealed yet: their metrics are not to be shown.
    pub fn open_predictions(&self) -> impl Iterator<Item = &'static Prediction> {
        let revealed = |at: usize| {
            let behind = &self.experiment.steps[..self.at.min(self.experiment.steps.len())];
            behind
                .iter()
                .any(|step| matches!(step, Step::Reveal(other) if *other == at))
        };
        let asked = |at: usize| {
            let end = (self.at + 1).min(self.experiment.steps.len());
            let so_far = &self.experiment.steps[..end];
            so_far
                .iter()
                .any(|step| matches!(step, Step::Predict(other) if *other == at))
        };
        let open: Vec<usize> = (0..self.experiment.predictions.len())
            .filter(|at| asked(*at) && !revealed(*at))
            .collect();
        open.into_iter().map(|at| &self.experiment.predictions[at])
    }

    /// What was said last, while a run is on the screen.
    pub fn last_said(&self) -> Option<String> {
        let behind = self.experiment.steps.get(..self.at)?;
        behind.iter().rev().find_map(|step| match step {
            Step::Say(text) | Step::Explain(text) => Some(text.fill(&self.known)),
            _ => None,
        })
    }

    /// The metric that the next observation points at.
    pub fn next_metric(&self) -> Option<&'static MetricSpec> {
        let ahead = self.experiment.steps.get(self.at..)?;
        ahead.iter().find_map(|step| match step {
            Step::Observe(observation) => observation.metric,
            _ => None,
        })
    }

    /// Takes a guess, at a [`StepView::Predict`]; elsewhere it means nothing and is dropped.
    pub fn guess(&mut self, guess: Guess) {
        if let Some(Step::Predict(at)) = self.experiment.steps.get(self.at) {
            self.guesses[*at] = Some(guess);
        }
    }

    /// The guess at the present prediction, if it was made.
    pub fn guessed(&self) -> Option<Guess> {
        match self.experiment.steps.get(self.at) {
            Some(Step::Predict(at)) => self.guesses[*at],
            _ => None,
        }
    }

    /// Takes what a run came to, at a [`StepView::Run`]; elsewhere it means nothing and is dropped.
    pub fn measured(&mut self, measurement: Measurement) {
        if let Some(Step::Run(at)) = self.experiment.steps.get(self.at) {
            self.known.extend(measurement.readings.clone());
            derive_all(&self.experiment.measures, &mut self.known);
            self.measurements[*at] = Some(measurement);
        }
    }

    /// Goes on to the next step.
    pub fn advance(&mut self) -> Result<(), NotYet> {
        match self.experiment.steps.get(self.at) {
            Some(Step::Predict(at)) if self.guesses[*at].is_none() => Err(NotYet::Predict),
            Some(Step::Run(at)) if self.measurements[*at].is_none() => Err(NotYet::Measure),
            None => Ok(()),
            Some(_) => {
                self.at += 1;
                Ok(())
            }
        }
    }

    /// Every prediction that is revealed by now, with its outcome.
    pub fn outcomes(&self) -> Vec<(&'static Prediction, PredictionOutcome)> {
        let behind = &self.experiment.steps[..self.at.min(self.experiment.steps.len())];
        let revealed = behind.iter().filter_map(|step| match step {
            Step::Reveal(at) => Some(*at),
            _ => None,
        });
        revealed
            .map(|at| (&self.experiment.predictions[at], self.outcome(at)))
            .collect()
    }

    fn outcome(&self, at: usize) -> PredictionOutcome {
        let prediction = &self.experiment.predictions[at];
        let outcome = match &prediction.kind {
            PredictionKind::Number { measure, .. } => {
                let measured = self.known.get(&measure.name).copied();
                measured.and_then(|measured| match self.guesses[at]? {
                    Guess::Number { value, range } => Some(PredictionOutcome::Number {
                        guess: value,
                        range,
                        measured,
                    }),
                    Guess::Pass => Some(PredictionOutcome::PassedNumber { measured }),
                    Guess::Choice(_) => None,
                })
            }
            PredictionKind::Choice { options, .. } => {
                let right = right_option(options, &self.known);
                right.and_then(|right| match self.guesses[at]? {
                    Guess::Choice(guess) => Some(PredictionOutcome::Choice { guess, right }),
                    Guess::Pass => Some(PredictionOutcome::PassedChoice { right }),
                    Guess::Number { .. } => None,
                })
            }
        };
        outcome.unwrap_or(PredictionOutcome::Unsettled)
    }
}

/// The one option that is true of what was measured; none when it is not exactly one.
pub fn right_option(options: &[ChoiceOption], known: &Readings) -> Option<usize> {
    let holds = |answer: &ChoiceOption| answer.when.holds(known) == Some(true);
    let mut right = options
        .iter()
        .enumerate()
        .filter(|(_, answer)| holds(answer));
    match (right.next(), right.next()) {
        (Some((at, _)), None) => Some(at),
        _ => None,
    }
}

/// By how much a guess was off, 1 when it was right; none when one of the two is nothing.
pub fn factor(guess: f64, measured: f64) -> Option<f64> {
    let same = (guess - measured).abs() < f64::EPSILON;
    if same {
        return Some(1.0);
    }
    (guess > 0.0 && measured > 0.0).then(|| (guess / measured).max(measured / guess))
}

impl PredictionOutcome {
    /// By how much the guess was off; none of a choice.
    pub fn factor(&self) -> Option<f64> {
        match self {
            Self::Number {
                guess, measured, ..
            } => factor(*guess, *measured),
            _ => None,
        }
    }

    /// The range held what was measured; none without a range.
    pub fn in_range(&self) -> Option<bool> {
        match self {
            Self::Number {
                range: Some((low, high)),
                measured,
                ..
            } => Some((*low..=*high).contains(measured)),
            _ => None,
        }
    }
}

impl Prediction {
    /// The measurement that a number is asked of.
    pub fn measure(&self) -> Option<&Measure> {
        match &self.kind {
            PredictionKind::Number { measure, .. } => Some(measure),
            PredictionKind::Choice { .. } => None,
        }
    }
}
