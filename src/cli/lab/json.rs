//! Labs and runs as JSON. The shapes are a promise to scripts: add to them, change nothing.

use crate::lab_json::{Action, Done, Endpoint, Knob, Settings, digest, kind, settings};
use ddlab_labs::workbench::challenge::{self, Medal, Turn};
use ddlab_labs::workbench::claim::Readings;
use ddlab_labs::workbench::experiment::{
    self, ExperimentProgress, Prediction, PredictionKind, PredictionOutcome,
};
use ddlab_labs::workbench::headless::Report;
use ddlab_labs::workbench::json::{Figures, Invariant};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::lab::{Lab, LabSpec};
use ddlab_labs::workbench::replay;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// One lab of `ddlab lab list --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedLab {
    id: &'static str,
    title: &'static str,
    chapter: u8,
    /// What one learns there.
    promise: &'static str,
}

pub fn list(labs: &[&dyn Lab]) -> Vec<ListedLab> {
    labs.iter().map(|lab| ListedLab::of(lab.spec())).collect()
}

impl ListedLab {
    fn of(spec: &LabSpec) -> Self {
        Self {
            id: spec.id,
            title: spec.title,
            chapter: spec.chapter,
            promise: spec.promise,
        }
    }
}

/// What `ddlab lab show --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownLab {
    #[serde(flatten)]
    lab: ListedLab,
    knobs: Vec<Knob>,
    actions: Vec<Action>,
    metrics: Vec<Metric>,
    endpoints: Vec<Endpoint>,
    figures: Vec<Figure>,
    experiments: Vec<Experiment>,
    challenges: Vec<Challenge>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Metric {
    /// It ends in its unit.
    name: &'static str,
    /// `counter`, `ratio`, `gauge` or `histogram`
    kind: &'static str,
    /// Of its values: `ms`, `s`, `ratio`, `rps`; empty for a number of things.
    unit: &'static str,
    help: &'static str,
}

/// A ready-made run of a page.
#[derive(Debug, Serialize, JsonSchema)]
struct Figure {
    id: &'static str,
    caption: &'static str,
    seed: u64,
    set: Vec<String>,
    dials: &'static [&'static str],
}

#[derive(Debug, Serialize, JsonSchema)]
struct Experiment {
    id: String,
    title: String,
    summary: String,
    minutes: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Challenge {
    id: String,
    title: String,
    summary: String,
    minutes: u32,
    /// The knobs that one may turn.
    turn: Vec<Turned>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Turned {
    knob: &'static str,
    range: String,
}

pub fn spec(spec: &LabSpec) -> ShownLab {
    let metric = |metric: &ddlab_labs::workbench::meter::MetricSpec| Metric {
        name: metric.name,
        kind: kind(metric.kind),
        unit: metric.unit.key(),
        help: metric.help,
    };
    let figure = |figure: &'static ddlab_labs::workbench::figure::FigureSpec| Figure {
        id: &figure.id,
        caption: &figure.caption,
        seed: figure.seed,
        set: figure.settings(),
        dials: &figure.dials,
    };
    let experiment = |experiment: &experiment::Experiment| Experiment {
        id: experiment.id.clone(),
        title: experiment.title.clone(),
        summary: experiment.summary.clone(),
        minutes: experiment.minutes,
    };
    let turn = |turn: &Turn| Turned {
        knob: turn.knob.name,
        range: turn.range(),
    };
    let challenge = |challenge: &challenge::Challenge| Challenge {
        id: challenge.id.clone(),
        title: challenge.title.clone(),
        summary: challenge.summary.clone(),
        minutes: challenge.minutes,
        turn: challenge.turn.iter().map(turn).collect(),
    };
    let guides = ddlab_labs::guides(spec.id);
    ShownLab {
        lab: ListedLab::of(spec),
        knobs: spec.knobs.iter().map(Knob::from).collect(),
        actions: spec.actions.iter().map(Action::from).collect(),
        metrics: spec.metrics.iter().map(metric).collect(),
        endpoints: spec.endpoints.iter().map(Endpoint::from).collect(),
        figures: guides.figures.iter().map(figure).collect(),
        experiments: guides.experiments.iter().map(experiment).collect(),
        challenges: guides.challenges.iter().map(challenge).collect(),
    }
}

/// What `ddlab lab experiment --json` prints: what was predicted beside what was measured, in the metrics' own
/// units (a share is from 0 to 1).
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExperimentResult {
    lab: &'static str,
    experiment: String,
    seed: u64,
    finished: bool,
    predictions: Vec<PredictionResult>,
    measured: Readings,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PredictionResult {
    id: String,
    question: String,
    #[serde(flatten)]
    result: Predicted,
}

/// What was predicted is null when it was passed, what was measured when it was not reached.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Predicted {
    Number {
        predicted: Option<f64>,
        low: Option<f64>,
        high: Option<f64>,
        measured: f64,
        /// How many times too high or too low.
        factor: Option<f64>,
        in_range: Option<bool>,
    },
    Choice {
        predicted: Option<String>,
        measured: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        right: Option<bool>,
    },
}

impl Predicted {
    fn of(prediction: &Prediction, outcome: &PredictionOutcome) -> Self {
        let number = |predicted, range: Option<(f64, f64)>, measured| Self::Number {
            predicted,
            low: range.map(|(low, _)| low),
            high: range.map(|(_, high)| high),
            measured,
            factor: outcome.factor(),
            in_range: outcome.in_range(),
        };
        let say = |at: usize| match &prediction.kind {
            PredictionKind::Choice { options, .. } => {
                options.get(at).map(|option| option.say.clone())
            }
            PredictionKind::Number { .. } => None,
        };
        let choice = |predicted, measured, right| Self::Choice {
            predicted,
            measured,
            right,
        };
        match outcome {
            PredictionOutcome::Number {
                guess,
                range,
                measured,
            } => number(Some(*guess), *range, *measured),
            PredictionOutcome::PassedNumber { measured } => number(None, None, *measured),
            PredictionOutcome::Choice { guess, right } => {
                choice(say(*guess), say(*right), Some(guess == right))
            }
            PredictionOutcome::PassedChoice { right } => choice(None, say(*right), None),
            PredictionOutcome::Unsettled => choice(None, None, None),
        }
    }
}

pub fn progress(spec: &LabSpec, progress: &ExperimentProgress, finished: bool) -> ExperimentResult {
    let experiment = progress.experiment();
    let outcomes = progress.outcomes();
    let outcomes = outcomes.iter();
    ExperimentResult {
        lab: spec.id,
        experiment: experiment.id.clone(),
        seed: experiment.seed,
        finished,
        predictions: outcomes
            .map(|(prediction, outcome)| PredictionResult {
                id: prediction.id.clone(),
                question: prediction.question.clone(),
                result: Predicted::of(prediction, outcome),
            })
            .collect(),
        measured: progress.readings().clone(),
    }
}

/// What `ddlab lab challenge --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Score {
    lab: &'static str,
    challenge: String,
    /// The knobs that were turned, as they are written.
    set: BTreeMap<String, String>,
    /// Null when the SLO was missed.
    medal: Option<&'static str>,
    conditions: Vec<Condition>,
    /// Invariants that broke.
    broken: Vec<String>,
    worlds: Vec<World>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Condition {
    /// Of the measure.
    name: String,
    /// `slo`, or the medal that asks for it
    of: &'static str,
    asked: String,
    /// The worst of the worlds.
    measured: Option<f64>,
    met: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct World {
    seed: u64,
    measured: Readings,
}

pub fn score(
    spec: &LabSpec,
    challenge: &challenge::Challenge,
    knobs: &KnobSettings,
    score: &challenge::Score,
) -> Score {
    let conditions = score.rows.iter().map(|row| Condition {
        name: row.statement.of.clone(),
        of: row.medal.map_or("slo", Medal::name),
        asked: row.statement.asked(),
        measured: row.measured,
        met: row.met,
    });
    let worlds = score.worlds.iter().map(|(seed, readings)| World {
        seed: *seed,
        measured: readings.clone(),
    });
    Score {
        lab: spec.id,
        challenge: challenge.id.clone(),
        set: challenge.turned(knobs),
        medal: score.medal.map(Medal::name),
        conditions: conditions.collect(),
        broken: score.broken.clone(),
        worlds: worlds.collect(),
    }
}

/// What `ddlab lab run --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Run {
    #[serde(flatten)]
    pub world: RunWorld,
    #[serde(flatten)]
    pub result: RunResult,
}

/// What a run was.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunWorld {
    lab: &'static str,
    seed: u64,
    virtual_seconds: f64,
    /// That metrics leave out.
    warmup_seconds: f64,
}

/// What was set and done in a run, and what it came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunResult {
    digest: String,
    /// At the start.
    knobs: Settings,
    at: Vec<Done>,
    /// By name.
    metrics: IndexMap<&'static str, Figures>,
    invariants: Vec<Invariant>,
}

pub fn report(report: &Report) -> Run {
    let plan = &report.record.plan;
    let metrics = report.metrics.iter();
    Run {
        world: RunWorld {
            lab: plan.lab.spec().id,
            seed: plan.seed,
            virtual_seconds: plan.length.as_secs_f64(),
            warmup_seconds: plan.warmup.as_secs_f64(),
        },
        result: RunResult {
            digest: digest(report.digest()),
            knobs: settings(plan.knobs.iter()),
            at: plan.script.iter().map(Done::from).collect(),
            metrics: metrics
                .map(|(spec, value)| (spec.name, Figures::of(value)))
                .collect(),
            invariants: report.invariants.iter().map(Invariant::from).collect(),
        },
    }
}

/// What `ddlab lab replay --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Replay {
    same: bool,
    /// Of both, when they are the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(flatten)]
    differs: Option<Divergence>,
    /// What is to be known of the file.
    warning: Option<String>,
}

/// From when on the runs are not the same.
#[derive(Debug, Serialize, JsonSchema)]
struct Divergence {
    equal_until_s: f64,
    differs_at_s: f64,
    recorded: String,
    replayed: String,
}

pub fn replay(found: &replay::Replay, warning: Option<String>) -> Replay {
    let (same, differs) = match found {
        replay::Replay::Same { digest: same } => (Some(digest(*same)), None),
        replay::Replay::Differs {
            equal_until,
            at,
            recorded,
            replayed,
        } => {
            let differs = Divergence {
                equal_until_s: equal_until.as_secs_f64(),
                differs_at_s: at.as_secs_f64(),
                recorded: digest(*recorded),
                replayed: digest(*replayed),
            };
            (None, Some(differs))
        }
    };
    Replay {
        same: same.is_some(),
        digest: same,
        differs,
        warning,
    }
}
