//! What labs are made of as JSON: one form for scripts (`ddlab lab … --json`) and for real clients (the
//! gateway). The shapes are a promise, written down in `docs/*.schema.json`: add to them, change nothing.

use ddlab_labs::workbench::action::{ActionSpec, ArgumentKind};
use ddlab_labs::workbench::intervention::TimedIntervention;
use ddlab_labs::workbench::json::Number;
use ddlab_labs::workbench::knob::{KnobKind, KnobSpec, KnobValue};
use ddlab_labs::workbench::meter::MetricKind;
use ddlab_labs::workbench::outside::EndpointSpec;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

/// Values of knobs by name.
pub type Settings = IndexMap<&'static str, KnobValue>;

pub fn settings<'a>(of: impl IntoIterator<Item = (&'static KnobSpec, &'a KnobValue)>) -> Settings {
    let of = of.into_iter();
    of.map(|(knob, value)| (knob.name, value.clone())).collect()
}

/// A knob of a lab.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Knob {
    name: &'static str,
    /// `number`, `integer`, `choice`, `switch`, `duration` or `distribution`
    #[serde(rename = "type")]
    kind: &'static str,
    default: KnobValue,
    /// Of a number; empty where there is none or where the text carries it.
    unit: &'static str,
    /// What it takes, in words.
    range: String,
    group: &'static str,
    /// Turning it starts the run afresh.
    needs_restart: bool,
    help: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<Number>,
    /// That a number or a duration takes too.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<&'static [&'static str]>,
    /// Of a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<&'static [&'static str]>,
}

impl From<&KnobSpec> for Knob {
    fn from(knob: &KnobSpec) -> Self {
        let (mut limits, mut words, mut options) = (None, None, None);
        match knob.kind {
            KnobKind::Number {
                min,
                max,
                words: of,
                ..
            } => (limits, words) = (Some((Number(min), Number(max))), Some(of)),
            KnobKind::Duration { words: of, .. } => words = Some(of),
            KnobKind::Choice { options: of } => options = Some(of),
            KnobKind::Switch | KnobKind::Distribution { .. } => {}
        }
        Self {
            name: knob.name,
            kind: knob.type_name(),
            default: knob.default.clone(),
            unit: knob.unit(),
            range: knob.range(),
            group: knob.group,
            needs_restart: knob.needs_restart,
            help: knob.help,
            min: limits.map(|(min, _)| min),
            max: limits.map(|(_, max)| max),
            words,
            options,
        }
    }
}

/// Something that one does to a running lab.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Action {
    name: &'static str,
    /// Null where it takes none.
    argument: Option<Argument>,
    help: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Argument {
    /// `node`, `number`, `node and span` or `node and factor`
    #[serde(rename = "type")]
    kind: &'static str,
    /// Of a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    /// A number, or in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<KnobValue>,
}

impl From<&ActionSpec> for Action {
    fn from(action: &ActionSpec) -> Self {
        let word = |word: &str| Some(KnobValue::Word(word.to_owned()));
        let argument = |kind, unit, default| {
            Some(Argument {
                kind,
                unit,
                default,
            })
        };
        Self {
            name: action.name,
            help: action.help,
            argument: match action.argument {
                ArgumentKind::None => None,
                ArgumentKind::Node => argument("node", None, None),
                ArgumentKind::NodeOr { words } => argument("node", None, word(words)),
                ArgumentKind::NodeFor { default } => argument("node and span", None, word(default)),
                ArgumentKind::NodeBy { default } => {
                    argument("node and factor", None, word(default))
                }
                ArgumentKind::Number { unit, default, .. } => {
                    let default = KnobValue::Number(f64::from(default));
                    argument("number", Some(unit), Some(default))
                }
            },
        }
    }
}

/// What somebody with a real client can ask of a lab.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Endpoint {
    method: &'static str,
    path: &'static str,
    /// The name of the parameter that the query has.
    query: Option<&'static str>,
    /// What the body is, where one is needed.
    body: Option<&'static str>,
    help: &'static str,
    /// Path and query as one would try them.
    example: &'static str,
}

impl From<&EndpointSpec> for Endpoint {
    fn from(endpoint: &EndpointSpec) -> Self {
        Self {
            method: endpoint.method.name(),
            path: endpoint.path,
            query: endpoint.query.map(|query| query.name),
            body: endpoint.body,
            help: endpoint.help,
            example: endpoint.example,
        }
    }
}

/// Something that was done to a run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Done {
    /// Seconds of virtual time.
    at_s: f64,
    /// As it is written: `slow=3`, `policy=hedge`.
    intervention: String,
}

impl From<&TimedIntervention> for Done {
    fn from(timed: &TimedIntervention) -> Self {
        Self {
            at_s: timed.at.as_secs_f64(),
            intervention: timed.what.to_string(),
        }
    }
}

pub fn kind(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Counter => "counter",
        MetricKind::Ratio => "ratio",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
    }
}

/// Sixteen hexadecimal digits.
pub fn digest(digest: u64) -> String {
    format!("{digest:016x}")
}
