//! A design in the world of a brief: with its load, its sizes, its faults and its requirements, if it has what the brief
//! says that there is.

use super::{Brief, GivenClient, GivenComponent, Need, NeedKind};
use crate::format::reader::{faults_of, requirements_of};
use crate::format::yaml::{Node, Value};
use crate::format::{Act, Component, Design, Edge, Fault, Mark, Problem, number, sizes};
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use ddlab_text::suggestion;
use std::time::Duration;

/// What the platform and the machines take, whatever the design: it stays as by default, or as the brief says.
const PLATFORM: [&str; 6] = [
    "cold_start",
    "restart",
    "restart_after",
    "worker_start",
    "replication_lag",
    "error_ratio",
];
/// What a design may shorten, and to what at best.
const LEAST: [(&str, Duration); 1] = [("endpoints_lag", Duration::from_secs(1))];

/// Which faults of a brief a design meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    None,
    /// The crowds that the brief says: load, and nothing that breaks.
    Crowds,
    /// Those that the brief says, and those that it does not.
    All,
    /// One of those that it does not say, by its place.
    Hidden(usize),
}

impl Brief {
    /// The design in the world of this brief.
    ///
    /// # Errors
    /// What keeps it out, with its place in the design.
    pub fn fit(&self, design: &Design, faults: Faults) -> Result<Design, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut fitted = design.clone();
        for given in &self.clients {
            client(given, &mut fitted, &mut problems);
        }
        let known: Vec<&str> = self
            .clients
            .iter()
            .map(|client| client.name.as_str())
            .collect();
        for other in design
            .clients
            .iter()
            .filter(|other| !known.contains(&other.name.as_str()))
        {
            let what = format!("the brief has no client `{}`", other.name);
            problems.push(Problem::error(
                other.at,
                what,
                suggestion(&other.name, &known),
            ));
        }
        for given in &self.components {
            component(given, design, &mut problems);
        }
        for component in &design.components {
            self.platform(component, &mut problems);
        }
        if problems.is_empty() {
            fitted.sizes = sizes::read(self.sizes.as_ref(), &fitted, &mut problems);
            fitted.require = requirements_of(self.require.as_ref(), &fitted, &mut problems);
            fitted.faults = self.faults(&fitted, faults, &mut problems);
            // The lab of a design is known by its text.
            fitted.text = format!("{}\n# {} {faults:?}\n", design.text, self.id);
        }
        if problems.is_empty() {
            Ok(fitted)
        } else {
            Err(problems)
        }
    }

    /// Asks whether a component is no better than the platform that it runs on, where the brief does not say it.
    fn platform(&self, component: &Component, problems: &mut Vec<Problem>) {
        let mut given = self.components.iter().flat_map(GivenComponent::all);
        let given = given.find(|given| given.name == component.name);
        for (knob, value) in component.settings.iter() {
            let is_given = given.is_some_and(|given| {
                let mut settings = given.settings.iter();
                settings.any(|(given, _)| given.name == knob.name)
            });
            let least = LEAST.iter().find(|(name, _)| *name == knob.name);
            let is_right = match (least, value) {
                (Some((_, least)), KnobValue::Duration(nanos)) => {
                    u128::from(*nanos) >= least.as_nanos()
                }
                _ => !PLATFORM.contains(&knob.name) || *value == knob.default,
            };
            if is_given || is_right {
                continue;
            }
            let what = format!(
                "`{}` of `{}` is {value}, which no design decides",
                knob.name, component.name
            );
            let cure = match least {
                Some((_, least)) => format!("take {} or more", format_span(*least)),
                None => format!("leave it out: it is {}", knob.default),
            };
            problems.push(Problem::error(component.at, what, cure));
        }
    }

    /// How many faults it does not say.
    pub fn hidden_faults(&self) -> usize {
        self.hidden.len()
    }

    fn faults(&self, design: &Design, which: Faults, problems: &mut Vec<Problem>) -> Vec<Fault> {
        let list = |nodes: &[Node]| Node {
            at: Mark::START,
            value: Value::List(nodes.to_vec()),
        };
        let mut read = |nodes: &[Node]| faults_of(Some(&list(nodes)), design, problems);
        match which {
            Faults::None => Vec::new(),
            Faults::Crowds => {
                let mut said = faults_of(self.announced.as_ref(), design, problems);
                said.retain(|fault| matches!(fault.act, Act::Crowd(_)));
                said
            }
            Faults::Hidden(nth) => read(&self.hidden[nth..=nth]),
            Faults::All => {
                let mut all = read(&self.hidden);
                all.extend(faults_of(self.announced.as_ref(), design, problems));
                all.sort_by_key(Fault::when);
                all
            }
        }
    }
}

/// Has the design's client send the load of the brief's, and asks whether it does what it must.
fn client(given: &GivenClient, design: &mut Design, problems: &mut Vec<Problem>) {
    let Some(place) = design
        .clients
        .iter()
        .position(|client| client.name == given.name)
    else {
        let what = format!(
            "the brief has a client `{}`, and the design has not",
            given.name
        );
        let cure = format!(
            "write `{}: {{calls: [{{to: COMPONENT}}]}}` below `clients:`",
            given.name
        );
        problems.push(Problem::error(Mark::START, what, cure));
        return;
    };
    for (knob, value) in &given.settings {
        let set = design.clients[place].settings.set(knob.name, value.clone());
        debug_assert!(set.is_ok(), "a value that was read is one of its knob");
    }
    let client = &design.clients[place];
    let whose = (given.name.as_str(), client.at);
    come_to(&given.needs, whose, &client.calls, design, problems);
}

/// Asks whether each request of this part makes the calls that it needs.
fn come_to(
    needs: &[Need],
    (name, at): (&str, Mark),
    calls: &[Edge],
    design: &Design,
    problems: &mut Vec<Problem>,
) {
    for need in needs {
        if let Err(what) = meets(need, calls, design) {
            let what = format!(
                "each request of `{name}` must come to `{}`: {what}",
                need.component
            );
            let cure = match need.what {
                NeedKind::Writes => {
                    "call it on the way, not `optional`, with `share: 100%` and `write_ratio: 100%`"
                }
                NeedKind::Calls => "call it on the way, not `optional`, with `share: 100%`",
                NeedKind::Reaches => "call it with `share: 100%`, or call who does",
            };
            problems.push(Problem::error(at, what, cure));
        }
    }
}

/// Whether there is such a path from these calls on; else what is wrong.
fn meets(need: &Need, calls: &[Edge], design: &Design) -> Result<(), &'static str> {
    let reaches = need.what == NeedKind::Reaches;
    let counts = |edge: &&Edge| {
        let whole = number(&edge.settings, "share").is_none_or(|share| share >= 1.0);
        whole && (reaches || !edge.is_optional())
    };
    let writes =
        |edge: &Edge| number(&edge.settings, "write_ratio").is_some_and(|share| share >= 1.0);
    let mut seen = vec![false; design.components.len()];
    let mut next: Vec<&Edge> = calls.iter().filter(counts).collect();
    let mut is_read = false;
    while let Some(edge) = next.pop() {
        let component = &design.components[edge.to];
        if component.name == need.component {
            if need.what != NeedKind::Writes || writes(edge) {
                return Ok(());
            }
            is_read = true;
        }
        if !std::mem::replace(&mut seen[edge.to], true) {
            next.extend(component.calls.iter().filter(counts));
            // Nobody waits for what is done within.
            let inner = component.inner.filter(|_| reaches).into_iter();
            let inner = inner.flat_map(|place| &design.components[place].calls);
            next.extend(inner.filter(counts));
        }
    }
    Err(if is_read {
        "it is called, but not to write"
    } else {
        "no such call is made for each"
    })
}

fn component(given: &GivenComponent, design: &Design, problems: &mut Vec<Problem>) {
    let Some(place) = design.component(&given.name) else {
        let kind = given.kind.word();
        let what = format!(
            "the brief has a component `{}`, and the design has not",
            given.name
        );
        let cure = format!(
            "write `{}: {{kind: {kind}}}` below `components:`",
            given.name
        );
        problems.push(Problem::error(Mark::START, what, cure));
        return;
    };
    let component = &design.components[place];
    if component.kind != given.kind {
        let (is, should) = (component.kind.word(), given.kind.word());
        let what = format!(
            "`{}` is of kind `{is}`, and in the brief of kind `{should}`",
            given.name
        );
        problems.push(Problem::error(
            component.at,
            what,
            format!("write `kind: {should}`"),
        ));
        return;
    }
    given_settings(
        &given.settings,
        &given.name,
        component,
        &component.settings,
        problems,
    );
    for (helper, settings) in &given.helpers {
        let there = component
            .helpers
            .iter()
            .find(|helped| helped.helper.word() == helper.word());
        let of = format!("{}` of `{}", helper.word(), given.name);
        match there {
            Some(helped) => {
                given_settings(settings, &of, component, &helped.settings, problems);
            }
            None => problems.push(Problem::error(
                component.at,
                format!("the brief has a `{of}`, and the design has not"),
                format!(
                    "write `{}: {{}}`, and in it what the brief says",
                    helper.word()
                ),
            )),
        }
    }
    let whose = (given.name.as_str(), component.at);
    come_to(&given.needs, whose, &component.calls, design, problems);
    if let Some(inner) = &given.inner {
        self::component(inner, design, problems);
    }
}

/// Asks whether these parameters are what the brief says.
fn given_settings(
    given: &[(&'static KnobSpec, KnobValue)],
    of: &str,
    component: &Component,
    settings: &KnobSettings,
    problems: &mut Vec<Problem>,
) {
    for (knob, value) in given {
        let is = settings.value(knob.name);
        if is != value {
            problems.push(Problem::error(
                component.at,
                format!(
                    "`{}` of `{of}` is {is}, and in the brief {value}",
                    knob.name
                ),
                format!("write `{}: \"{value}\"`", knob.name),
            ));
        }
    }
}
