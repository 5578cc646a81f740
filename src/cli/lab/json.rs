//! Labs and runs as JSON. The shape is a promise to scripts: add to it, change nothing.

use crate::lab_json::{action, digest, invariant, knob, metric, seconds, value};
use ddlab_labs::workbench::headless::{Replay, Report};
use ddlab_labs::workbench::lab::{Lab, LabSpec, MetricKind};
use ddlab_labs::workbench::outside::EndpointSpec;
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
        "experiments": [],
        "challenges": [],
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

fn kind(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Counter => "counter",
        MetricKind::Ratio => "ratio",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
    }
}

pub fn report(report: &Report) -> Value {
    let plan = &report.record.plan;
    let knobs: Map<String, Value> = plan
        .knobs
        .iter()
        .map(|(spec, of)| (spec.name.to_owned(), value(of)))
        .collect();
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
        "knobs": knobs,
        "at": plan.script.iter().map(|done| json!({
            "at_s": seconds(done.at),
            "deed": done.deed.to_string(),
        })).collect::<Value>(),
        "metrics": metrics,
        "invariants": report.invariants.iter().map(invariant).collect::<Value>(),
    })
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
