//! What labs are made of as JSON: one form for scripts (`ddlab lab … --json`) and for real clients (the
//! gateway). The shapes are a promise: add to them, change nothing.

use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::{InvariantView, MetricValue};
use ddlab_labs::workbench::json::{Figures, Invariant, Number};
use ddlab_labs::workbench::knob::{KnobKind, KnobSpec, KnobValue};
use ddlab_labs::workbench::lab::{ActionSpec, ArgumentKind, MetricKind};
use indexmap::IndexMap;
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

/// Values of knobs by name.
pub type Settings = IndexMap<&'static str, KnobValue>;

pub fn settings<'a>(of: impl IntoIterator<Item = (&'static KnobSpec, &'a KnobValue)>) -> Settings {
    let of = of.into_iter();
    of.map(|(knob, value)| (knob.name, value.clone())).collect()
}

pub fn kind(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Counter => "counter",
        MetricKind::Ratio => "ratio",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
    }
}

/// Numbers and switches as such, everything else as it is written.
pub fn value(value: &KnobValue) -> Value {
    json!(value)
}

pub fn number(value: f64) -> Value {
    json!(Number(value))
}

pub fn metric(value: &MetricValue) -> Value {
    json!(Figures::of(value))
}

pub fn invariant(view: &InvariantView) -> Value {
    json!(Invariant::from(view))
}

pub fn seconds(time: SimTime) -> f64 {
    time.as_secs_f64()
}

pub fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}
