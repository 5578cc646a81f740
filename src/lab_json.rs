//! What labs are made of as JSON: one form for scripts (`ddlab lab … --json`) and for real clients (the
//! gateway). The shapes are a promise: add to them, change nothing.

use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::{InvariantView, MetricValue};
use ddlab_labs::workbench::knob::{KnobKind, KnobSpec, KnobValue};
use ddlab_labs::workbench::lab::{ActionSpec, ArgumentKind};
use serde_json::{Value, json};

pub fn knob(knob: &KnobSpec) -> Value {
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

pub fn action(action: &ActionSpec) -> Value {
    let argument = match action.argument {
        ArgumentKind::None => Value::Null,
        ArgumentKind::Node => json!({"type": "node"}),
        ArgumentKind::NodeOr { words } => json!({"type": "node", "default": words}),
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
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

pub fn metric(value: &MetricValue) -> Value {
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

pub fn invariant(view: &InvariantView) -> Value {
    json!({
        "name": view.name,
        "held": view.held,
        "first_broken_at_s": view.first_broken_at.map(seconds),
        "detail": view.detail,
    })
}

pub fn seconds(time: SimTime) -> f64 {
    time.as_secs_f64()
}

pub fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}
