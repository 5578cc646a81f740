//! Labs and runs as JSON. The shape is a promise to scripts: add to it, change nothing.

use crate::lab_json::{action, invariant, kind, knob};
pub(super) use crate::lab_json::{digest, metric, seconds, value};
use ddlab_labs::workbench::challenge::score::Row;
use ddlab_labs::workbench::challenge::{Challenge, Medal, Score, Turn};
use ddlab_labs::workbench::experiment::{Experiment, Outcome, Prediction, PredictionKind, Walk};
use ddlab_labs::workbench::headless::Report;
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use ddlab_labs::workbench::lab::{Lab, LabSpec};
use ddlab_labs::workbench::outside::EndpointSpec;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::replay::Replay;
use serde_json::{Map, Value, json};

pub fn list(labs: &[&dyn Lab]) -> Value {
    let lab = |lab: &&dyn Lab| {
        let spec = lab.spec();
        json!({
            "id": spec.id,
            "title": spec.title,
            "chapter": spec.chapter,
            "promise": spec.promise,
        })
    };
    labs.iter().map(lab).collect()
}

pub fn spec(spec: &LabSpec) -> Value {
    let metric = |metric: &ddlab_labs::workbench::lab::MetricSpec| json!({"name": metric.name, "kind": kind(metric.kind), "help": metric.help});
    let figure = |figure: &ddlab_labs::workbench::figure::FigureSpec| {
        json!({
            "id": figure.id,
            "caption": figure.caption,
            "seed": figure.seed,
            "set": figure.settings,
            "dials": figure.dials,
        })
    };
    let guides = ddlab_labs::guides(spec.id);
    json!({
        "id": spec.id,
        "title": spec.title,
        "chapter": spec.chapter,
        "promise": spec.promise,
        "knobs": spec.knobs.iter().map(knob).collect::<Value>(),
        "actions": spec.actions.iter().map(action).collect::<Value>(),
        "metrics": spec.metrics.iter().map(metric).collect::<Value>(),
        "endpoints": spec.endpoints.iter().map(endpoint).collect::<Value>(),
        "figures": spec.figures.iter().map(figure).collect::<Value>(),
        "experiments": guides.experiments.iter().map(experiment).collect::<Value>(),
        "challenges": guides.challenges.iter().map(challenge).collect::<Value>(),
    })
}

fn endpoint(endpoint: &EndpointSpec) -> Value {
    json!({
        "method": endpoint.method.name(),
        "path": endpoint.path,
        "query": endpoint.query.map(|query| query.name),
        "help": endpoint.help,
    })
}

fn experiment(experiment: &Experiment) -> Value {
    json!({
        "id": experiment.id,
        "title": experiment.title,
        "summary": experiment.summary,
        "minutes": experiment.minutes,
    })
}

fn challenge(challenge: &Challenge) -> Value {
    let turn = |turn: &Turn| json!({"knob": turn.knob.name, "range": turn.range()});
    json!({
        "id": challenge.id,
        "title": challenge.title,
        "summary": challenge.summary,
        "minutes": challenge.minutes,
        "turn": challenge.turn.iter().map(turn).collect::<Value>(),
    })
}

/// What an experiment came to: what was predicted beside what was measured, in the metrics' own units
/// (a share is from 0 to 1).
pub fn walk(spec: &LabSpec, walk: &Walk, finished: bool) -> Value {
    let experiment = walk.experiment();
    let outcomes = walk.outcomes();
    let prediction = |(prediction, outcome): &(&Prediction, Outcome)| {
        let mut object = json!({"id": prediction.id, "question": prediction.question});
        let number = |guess: Option<f64>, range: Option<(f64, f64)>, measured: f64| {
            json!({
                "predicted": guess,
                "low": range.map(|(low, _)| low),
                "high": range.map(|(_, high)| high),
                "measured": measured,
                "factor": outcome.factor(),
                "in_range": outcome.in_range(),
            })
        };
        let say = |at: usize| match &prediction.kind {
            PredictionKind::Choice { options, .. } => {
                options.get(at).map(|option| option.say.clone())
            }
            PredictionKind::Number { .. } => None,
        };
        let result = match outcome {
            Outcome::Number {
                guess,
                range,
                measured,
            } => number(Some(*guess), *range, *measured),
            Outcome::PassedNumber { measured } => number(None, None, *measured),
            Outcome::Choice { guess, right } => {
                json!({"predicted": say(*guess), "measured": say(*right), "right": guess == right})
            }
            Outcome::PassedChoice { right } => json!({"predicted": null, "measured": say(*right)}),
            Outcome::Unsettled => json!({"predicted": null, "measured": null}),
        };
        if let (Some(object), Value::Object(result)) = (object.as_object_mut(), result) {
            object.extend(result);
        }
        object
    };
    json!({
        "lab": spec.id,
        "experiment": experiment.id,
        "seed": experiment.seed,
        "finished": finished,
        "predictions": outcomes.iter().map(prediction).collect::<Value>(),
        "measured": walk.readings(),
    })
}

/// What settings came to in a challenge.
pub fn score(spec: &LabSpec, challenge: &Challenge, knobs: &KnobSettings, score: &Score) -> Value {
    let row = |row: &Row| {
        json!({
            "name": row.statement.of,
            "of": row.medal.map_or("slo", Medal::name),
            "asked": row.statement.asked(),
            "measured": row.measured,
            "met": row.met,
        })
    };
    json!({
        "lab": spec.id,
        "challenge": challenge.id,
        "set": challenge.turned(knobs),
        "medal": score.medal.map(Medal::name),
        "conditions": score.rows.iter().map(row).collect::<Value>(),
        "broken": score.broken,
        "worlds": score.worlds.iter().map(|(seed, readings)| {
            json!({"seed": seed, "measured": readings})
        }).collect::<Value>(),
    })
}

pub fn report(report: &Report) -> Value {
    let plan = &report.record.plan;
    let metrics: Map<String, Value> = report
        .metrics
        .iter()
        .map(|(spec, of)| (spec.name.to_owned(), metric(of)))
        .collect();
    json!({
        "lab": plan.lab.spec().id,
        "seed": plan.seed,
        "virtual_seconds": seconds(plan.length),
        "warmup_seconds": seconds(plan.warmup),
        "digest": digest(report.digest()),
        "knobs": knobs(plan),
        "at": plan.script.iter().map(|done| json!({
            "at_s": seconds(done.at),
            "intervention": done.what.to_string(),
        })).collect::<Value>(),
        "metrics": metrics,
        "invariants": report.invariants.iter().map(invariant).collect::<Value>(),
    })
}

/// All knobs with their values at the start of the run.
pub(super) fn knobs(plan: &RunPlan) -> Value {
    let knob = |(spec, of): (&KnobSpec, &KnobValue)| (spec.name.to_owned(), value(of));
    Value::Object(plan.knobs.iter().map(knob).collect())
}

pub fn replay(replay: &Replay) -> Value {
    match replay {
        Replay::Same { digest: same } => json!({"same": true, "digest": digest(*same)}),
        Replay::Differs {
            equal_until,
            at,
            recorded,
            replayed,
        } => json!({
            "same": false,
            "equal_until_s": seconds(*equal_until),
            "differs_at_s": seconds(*at),
            "recorded": digest(*recorded),
            "replayed": digest(*replayed),
        }),
    }
}
