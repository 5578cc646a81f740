//! Labs and runs as JSON. The shape is a promise to scripts: add to it, change nothing.

use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::{InvariantView, MetricValue};
use ddlab_labs::workbench::headless::{Replay, Report};
use ddlab_labs::workbench::knob::{KnobKind, KnobSpec, KnobValue};
use ddlab_labs::workbench::lab::{ActionSpec, ArgumentKind, Lab, LabSpec, MetricKind};
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
        "figures": spec.figures.iter().map(figure).collect::<Value>(),
        "experiments": [],
        "challenges": [],
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

fn knob(knob: &KnobSpec) -> Value {
    let mut object = json!({
        "name": knob.name,
        "type": knob.type_name(),
        "default": value(&knob.default),
        "unit": knob.unit(),
        "range": knob.range(),
        "group": knob.group,
        "needs_restart": knob.needs_restart,
        "help": knob.help,
    });
    match &knob.kind {
        KnobKind::Number {
            min, max, words, ..
        } => {
            (object["min"], object["max"], object["words"]) =
                (number(*min), number(*max), json!(words));
        }
        KnobKind::Duration { words, .. } => object["words"] = json!(words),
        KnobKind::Choice { options } => object["options"] = json!(options),
        KnobKind::Switch | KnobKind::Distribution => {}
    }
    object
}

fn action(action: &ActionSpec) -> Value {
    let argument = match action.argument {
        ArgumentKind::None => Value::Null,
        ArgumentKind::Node => json!({"type": "node"}),
        ArgumentKind::NodeFor { default } => {
            json!({"type": "node and span", "default": default})
        }
        ArgumentKind::NodeBy { default } => {
            json!({"type": "node and factor", "default": default})
        }
        ArgumentKind::Number { unit, default } => {
            json!({"type": "number", "unit": unit, "default": default})
        }
    };
    json!({"name": action.name, "argument": argument, "help": action.help})
}

/// Numbers and switches as such, everything else as it is written.
pub fn value(value: &KnobValue) -> Value {
    match value {
        KnobValue::Number(of) => number(*of),
        KnobValue::Switch(on) => json!(on),
        other => json!(other.to_string()),
    }
}

/// Whole numbers without a fraction: `20`, not `20.0`.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        json!(value as i64)
    } else {
        json!(value)
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

fn metric(value: &MetricValue) -> Value {
    match value {
        MetricValue::Counter(total) => number(*total),
        MetricValue::Ratio(ratio) => json!(ratio),
        MetricValue::Gauge {
            last,
            mean,
            min,
            max,
        } => {
            json!({"last": last, "mean": mean, "min": min, "max": max})
        }
        MetricValue::Histogram(view) => json!({
            "count": view.count,
            "mean": view.mean,
            "p50": view.p50,
            "p90": view.p90,
            "p95": view.p95,
            "p99": view.p99,
            "p999": view.p999,
            "max": view.max,
        }),
    }
}

fn invariant(view: &InvariantView) -> Value {
    json!({
        "name": view.name,
        "held": view.held,
        "first_broken_at_s": view.first_broken_at.map(seconds),
        "detail": view.detail,
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

fn seconds(time: SimTime) -> f64 {
    time.as_secs_f64()
}

fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}
