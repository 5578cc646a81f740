//! What somebody on call can do, in the words of the trade, and what it comes to.

use super::auction;
use super::night::target;
use super::{SLOS, SPARES};
use crate::format::{Component, Edge};
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::knob::KnobSpec;
use ddlab_labs::workbench::lab::Lab as _;
use ddlab_text::{given, nearest, suggestion};
use std::fmt;
use std::time::Duration;

/// Between the machines of a component that restart one after the other.
const ROLLING: Duration = Duration::from_secs(8);
/// What a client that was stopped still sends, in requests a second.
const STOPPED_RPS: &str = "0.01";

/// An action. What it always does is here; an incident may give it more to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// All machines of a component one after the other, or one of them.
    Restart(String, Option<u32>),
    /// So many spare machines more.
    Scale(String, u32),
    /// A machine, or a client.
    Stop(String, Option<u32>),
    Start(String, u32),
    /// What the world does with it depends on what is wrong: see [`super::incident::Cure`].
    Declared(&'static str, String),
    /// A parameter, as `bids_slots=16`.
    Set(String),
}

/// The actions, for help: the form, and what it does.
pub const FORMS: [(&str, &str); 7] = [
    (
        "restart COMPONENT [N]",
        "its machines one after another, or machine N",
    ),
    ("scale COMPONENT N", "start N of its spare machines"),
    (
        "stop COMPONENT N",
        "take machine N out; `stop CLIENT` ends a client",
    ),
    ("start COMPONENT N", "put machine N back"),
    ("rollback COMPONENT", "the version before"),
    ("renew COMPONENT", "its certificate"),
    ("set PARAMETER=VALUE", "turn a parameter while it runs"),
];

/// Actions whose effect is the incident's.
const DECLARED: [&str; 2] = ["rollback", "renew"];

/// Why an action can't be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ActionError(pub String);

impl Action {
    /// # Errors
    /// When it is none, or names what there is not.
    pub fn parse(text: &str) -> Result<Self, ActionError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if let ["set", ..] = words[..] {
            let setting = text
                .trim()
                .trim_start_matches("set")
                .trim()
                .replace(' ', "");
            return parameter(&setting).map(Self::Set);
        }
        let [verb, part, number @ ..] = &words[..] else {
            return Err(unknown(text));
        };
        let number = match number {
            [] => None,
            [number] => Some(
                number
                    .parse()
                    .map_err(|_| ActionError(format!("`{}` is not a number", given(number))))?,
            ),
            _ => return Err(unknown(text)),
        };
        let verb = *verb;
        if verb == "stop"
            && auction()
                .design()
                .clients
                .iter()
                .any(|client| client.name == *part)
        {
            return if SLOS.iter().any(|slo| slo.part() == *part) {
                Err(ActionError(format!(
                    "the auction is there for {part}: they can't be stopped"
                )))
            } else {
                Ok(Self::Stop((*part).to_owned(), None))
            };
        }
        let component = component(part)?;
        let name = component.name.clone();
        if let Some(number) = number.filter(|_| verb != "scale") {
            target(auction(), &name, number).ok_or_else(|| {
                let machines = component.replicas();
                ActionError(format!(
                    "{name} has no machine {number}; they go from 1 to {machines}"
                ))
            })?;
        }
        match (verb, number) {
            ("restart", number) => Ok(Self::Restart(name, number)),
            ("scale", Some(number)) if has_spares(component) => Ok(Self::Scale(name, number)),
            ("scale", Some(_)) => Err(ActionError(format!("{name} has no spare machines"))),
            ("stop", Some(number)) => Ok(Self::Stop(name, Some(number))),
            ("start", Some(number)) => Ok(Self::Start(name, number)),
            ("scale" | "stop" | "start", None) => Err(ActionError(format!(
                "write a number, as in `{verb} {name} 2`"
            ))),
            (_, None) => match DECLARED.iter().find(|word| **word == verb) {
                Some(word) => Ok(Self::Declared(word, name)),
                None => Err(unknown(text)),
            },
            _ => Err(unknown(text)),
        }
    }

    /// What it always does, with the wait before each. `spares` are the machines of its component that stand ready.
    ///
    /// # Errors
    /// When there are not so many spare machines.
    pub fn does(&self, spares: &[u32]) -> Result<Vec<(Duration, String)>, ActionError> {
        let one = |verb: &str, part: &str, number: u32| {
            target(auction(), part, number).map(|target| format!("{verb}={target}"))
        };
        let now = |text: Option<String>| {
            Ok(text
                .map(|text| (Duration::ZERO, text))
                .into_iter()
                .collect())
        };
        match self {
            Self::Restart(part, Some(number)) => now(one("crash", part, *number)),
            Self::Restart(part, None) => {
                let all = (1..=machines(part)).filter(|number| !spares.contains(number));
                let each = all.filter_map(|number| one("crash", part, number));
                Ok((0..).map(|nth| ROLLING * nth).zip(each).collect())
            }
            Self::Scale(part, count) => {
                if spares.len() < *count as usize {
                    return Err(ActionError(format!(
                        "{part} has {} spare machines left",
                        spares.len()
                    )));
                }
                let some = spares.iter().take(*count as usize);
                Ok(some
                    .filter_map(|number| one("up", part, *number))
                    .map(|text| (START, text))
                    .collect())
            }
            Self::Stop(client, None) => now(Some(format!("{client}_rps={STOPPED_RPS}"))),
            Self::Stop(part, Some(number)) => now(one("down", part, *number)),
            Self::Start(part, number) => now(one("up", part, *number)),
            Self::Declared(..) => Ok(Vec::new()),
            Self::Set(setting) => now(Some(setting.clone())),
        }
    }

    /// The component that it is about.
    pub fn part(&self) -> Option<&str> {
        match self {
            Self::Restart(part, _)
            | Self::Scale(part, _)
            | Self::Stop(part, _)
            | Self::Start(part, _)
            | Self::Declared(_, part) => Some(part),
            Self::Set(_) => None,
        }
    }
}

/// Until a spare machine serves.
const START: Duration = Duration::from_secs(20);

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restart(part, None) => write!(out, "restart {part}"),
            Self::Restart(part, Some(number)) => write!(out, "restart {part} {number}"),
            Self::Scale(part, count) => write!(out, "scale {part} {count}"),
            Self::Stop(part, None) => write!(out, "stop {part}"),
            Self::Stop(part, Some(number)) => write!(out, "stop {part} {number}"),
            Self::Start(part, number) => write!(out, "start {part} {number}"),
            Self::Declared(verb, part) => write!(out, "{verb} {part}"),
            Self::Set(setting) => write!(out, "set {setting}"),
        }
    }
}

fn machines(part: &str) -> u32 {
    component(part).map_or(0, |component| component.replicas() as u32)
}

fn component(name: &str) -> Result<&'static Component, ActionError> {
    let components = &auction().design().components;
    components
        .iter()
        .find(|component| component.name == name)
        .ok_or_else(|| {
            let names: Vec<&str> = components
                .iter()
                .map(|component| component.name.as_str())
                .collect();
            ActionError(format!(
                "there is no component `{}`; {}",
                given(name),
                suggestion(name, &names)
            ))
        })
}

fn unknown(text: &str) -> ActionError {
    let forms: Vec<&str> = FORMS.iter().map(|(form, _)| *form).collect();
    ActionError(format!(
        "`{}` is not an action; they are: {}",
        given(text),
        forms.join(", ")
    ))
}

/// Parameters of components that say what the world does: how long work takes, what fails, what is asked for.
const OF_THE_WORLD: [&str; 28] = [
    "cold_start",
    "crash_ratio",
    "duration",
    "enrich_service",
    "error_ratio",
    "event_delay",
    "insert",
    "job_every",
    "job_takes",
    "latency",
    "line_bytes",
    "log_lines_per_request",
    "map_tasks",
    "night_every",
    "pass_ratio",
    "pay_service",
    "pay_tasks",
    "poison_ratio",
    "quota",
    "reads",
    "replication_lag",
    "restart",
    "sink_latency",
    "stage_service",
    "straggler_ratio",
    "task_service",
    "work",
    "writes",
];

/// A parameter of the auction with its value, once it is known to be right.
fn parameter(setting: &str) -> Result<String, ActionError> {
    let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
    let Some(knob) = auction().spec().knobs.iter().find(|knob| knob.name == name) else {
        return Err(no_parameter(name));
    };
    if is_of_the_world(knob.name) {
        return Err(ActionError(format!(
            "`{name}` is what the world does, and not yours to turn"
        )));
    }
    if value.is_empty() {
        return Err(ActionError(format!(
            "write a value, as in `set {name}={}`; it takes {}",
            knob.default,
            knob.range()
        )));
    }
    Intervention::parse(setting, auction().spec())
        .map_err(|error| ActionError(error.to_string()))?;
    Ok(setting.to_owned())
}

fn no_parameter(name: &str) -> ActionError {
    let knobs = auction().spec().knobs.iter();
    let names = knobs
        .filter(|knob| is_operators(knob))
        .map(|knob| knob.name);
    let near = nearest(name, names).map_or_else(
        || "`parameters PART` lists those of one".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    ActionError(format!("there is no parameter `{}`; {near}", given(name)))
}

/// The operator may turn it while the auction runs.
fn is_operators(knob: &KnobSpec) -> bool {
    !knob.needs_restart && !is_of_the_world(knob.name)
}

/// What the world does is not the operator's to turn, and neither is the load of those whom the auction serves.
fn is_of_the_world(knob: &str) -> bool {
    let mut clients = auction().design().clients.iter();
    let of_a_client = clients.any(|client| of(&client.name, knob).is_some());
    of_a_client
        || matches!(knob, "load" | "network")
        || OF_THE_WORLD
            .iter()
            .any(|name| knob.ends_with(&format!("_{name}")))
}

/// `slots` of `bids_slots`, where that is a parameter of `bids`.
fn of<'a>(part: &str, knob: &'a str) -> Option<&'a str> {
    knob.strip_prefix(part)?.strip_prefix('_')
}

/// The parameters of a component that can be set: its own, or those of its calls to another one.
///
/// # Errors
/// When there is no such component, or it does not call the other one.
pub fn parameters(part: &str, callee: &str) -> Result<Vec<&'static KnobSpec>, ActionError> {
    let caller = component(part)?;
    let called = callees(&caller.calls);
    if !callee.is_empty() && !called.contains(&callee) {
        return Err(ActionError(format!(
            "{part} does not call `{}`; {}",
            given(callee),
            suggestion(callee, &called)
        )));
    }
    let fits = |knob: &&KnobSpec| {
        let Some(own) = of(part, knob.name) else {
            return false;
        };
        if callee.is_empty() {
            !called.iter().any(|callee| of(callee, own).is_some())
        } else {
            of(callee, own).is_some()
        }
    };
    let knobs = auction().spec().knobs.iter();
    Ok(knobs
        .filter(fits)
        .filter(|knob| is_operators(knob))
        .collect())
}

/// The names of those that are called.
pub fn callees(calls: &[Edge]) -> Vec<&'static str> {
    let components = &auction().design().components;
    let name = |edge: &Edge| components[edge.to].name.as_str();
    calls.iter().map(name).collect()
}

/// What keeps nothing of its own can be started anywhere.
fn has_spares(component: &Component) -> bool {
    component.kind.word() == "service"
}

/// The machines of a service that stand ready, in the order in which they are started.
pub fn spares(component: &Component) -> Vec<u32> {
    let replicas = component.replicas() as u32;
    if !has_spares(component) {
        return Vec::new();
    }
    (replicas.saturating_sub(SPARES) + 1..=replicas).collect()
}

/// `20 s` until a spare machine serves, for help.
pub fn start_time() -> String {
    format_span(START)
}
