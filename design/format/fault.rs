//! Faults: what is done to a design while it runs.

use super::fields::{self, Fields, word};
use super::problem::{Mark, Problem};
use super::yaml::Node;
use super::{Component, Design};
use crate::beside;
use crate::kind;
use crate::system::work::Mishap;
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::parse_span;
use ddlab_labs::workbench::length::LENGTH_MAX;
use ddlab_text::{Unit, suggestion};
use std::time::Duration;

/// What may be done to all kinds, and what each takes; [some kinds](mishaps) know more.
pub const VERBS: [Verb; 8] = [
    Verb::new(
        "crash",
        "a process dies with what it has, and is started again",
        Takes::Machine,
        false,
    ),
    Verb::new(
        "slow",
        "a machine takes `by` times as long",
        Takes::Machine,
        true,
    ),
    Verb::new(
        "pause",
        "a machine stands still for `for`",
        Takes::Machine,
        false,
    ),
    Verb::new(
        "cut",
        "nothing passes to or from a machine",
        Takes::Machine,
        false,
    ),
    Verb::new(
        "clock",
        "the clock of a machine runs `by` times as fast",
        Takes::Machine,
        true,
    ),
    Verb::new(
        "zone_down",
        "all machines of a zone are down",
        Takes::Zone,
        false,
    ),
    Verb::new(
        "turn",
        "a parameter of a client or a component, `NAME.PARAMETER`, becomes `to`: a resize, a bad rollout",
        Takes::Parameter,
        false,
    ),
    Verb::new(
        "crowd",
        "all clients send `by` times as much",
        Takes::Nothing,
        true,
    ),
];

/// The zones, over which the replicas of each component are spread in turn.
pub const ZONES: [&str; 3] = ["a", "b", "c"];

/// The factors that `by` takes.
const BY: std::ops::RangeInclusive<f64> = 0.01..=100.0;

#[derive(Debug, Clone, Copy)]
pub struct Verb {
    pub word: &'static str,
    pub help: &'static str,
    pub takes: Takes,
    /// It needs a factor.
    pub by: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Machine,
    Zone,
    Parameter,
    Nothing,
}

impl Verb {
    const fn new(word: &'static str, help: &'static str, takes: Takes, by: bool) -> Self {
        Self {
            word,
            help,
            takes,
            by,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub at: Mark,
    /// From the start of the run.
    pub begins: Duration,
    /// Until it is undone; none is for good.
    pub lasts: Option<Duration>,
    pub act: Act,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    Crash(Machines),
    Slow(Machines, f64),
    Pause(Machines, Duration),
    Cut(Machines),
    Clock(Machines, f64),
    /// What befalls one kind alone.
    Befall(Machines, Mishap),
    /// By its place in [`ZONES`].
    ZoneDown(usize),
    /// A parameter by its name in a run, what it becomes, and what it was.
    Turn {
        parameter: String,
        to: String,
        was: String,
    },
    Crowd(f64),
}

/// One machine of a component, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machines {
    pub component: usize,
    /// From 1.
    pub number: Option<u32>,
}

impl Act {
    /// How many machines it befalls.
    pub fn machines(&self, design: &Design) -> usize {
        match self {
            Self::Crash(machines)
            | Self::Slow(machines, _)
            | Self::Pause(machines, _)
            | Self::Cut(machines)
            | Self::Clock(machines, _)
            | Self::Befall(machines, _) => match machines.number {
                Some(_) => 1,
                None => design.components[machines.component].replicas(),
            },
            Self::ZoneDown(_) | Self::Turn { .. } | Self::Crowd(_) => 1,
        }
    }
}

impl Fault {
    pub fn when(&self) -> SimTime {
        self.begins.into()
    }
}

/// Reads `{at: 60s, do: slow, what: gateway replica 2, by: 20x, for: 60s}`.
pub fn read(node: &Node, design: &Design, problems: &mut Vec<Problem>) -> Option<Fault> {
    let mut fields = Fields::of(node, "a fault", problems)?;
    let at = fields.take("at");
    let verb = fields.take("do");
    let (what, by, lasts) = (fields.take("what"), fields.take("by"), fields.take("for"));
    let to = fields.take("to");
    fields.end(problems);
    let fault = assemble(node.at, [at, verb, what, by, lasts, to], design);
    fault.map_err(|problem| problems.push(problem)).ok()
}

fn assemble(
    place: Mark,
    [at, verb, what, by, lasts, to]: [Option<&Node>; 6],
    design: &Design,
) -> Result<Fault, Problem> {
    let missing =
        |name: &str, cure: &str| Problem::error(place, format!("this fault has no `{name}`"), cure);
    let begins = span(at.ok_or_else(|| missing("at", "write when it begins, as in `at: 60s`"))?)?;
    let verb_node = verb.ok_or_else(|| missing("do", "write what happens, as in `do: crash`"))?;
    let verb = verb_of(verb_node)?;
    let until = lasts;
    let lasts = lasts.map(span).transpose()?;
    let by = match (by, verb.by) {
        (Some(node), true) => factor(node)?,
        (None, true) => return Err(missing("by", "write the factor, as in `by: 20x`")),
        (Some(node), false) => {
            let what = format!("`{}` takes no factor", verb.word);
            return Err(Problem::error(node.at, what, "take `by` out"));
        }
        (None, false) => 1.0,
    };
    let machines = || {
        let node = what.ok_or_else(|| {
            missing(
                "what",
                "write whom it befalls, as in `what: NAME replica 1`",
            )
        })?;
        machines(node, design)
    };
    let act = match verb.word {
        "crash" => Act::Crash(machines()?),
        "slow" => Act::Slow(machines()?, by),
        "cut" => Act::Cut(machines()?),
        "clock" => Act::Clock(machines()?, by),
        "pause" => {
            let span = lasts.ok_or_else(|| missing("for", "write how long, as in `for: 10s`"))?;
            Act::Pause(machines()?, span)
        }
        "zone_down" => Act::ZoneDown(zone(
            what.ok_or_else(|| missing("what", "write the zone: `what: a`"))?,
        )?),
        "turn" => {
            let cure = "write the parameter: `what: NAME.PARAMETER`";
            let what = what.ok_or_else(|| missing("what", cure))?;
            let to = to.ok_or_else(|| missing("to", "write what it becomes, as in `to: 5`"))?;
            turn(what, to, design)?
        }
        "crowd" => Act::Crowd(by),
        other => {
            let machines = machines()?;
            let mishap = mishap(verb_node, other, design, machines)?;
            if let (Some(node), None) = (until, mishap.ends) {
                let what = format!("nothing undoes `{other}`");
                return Err(Problem::error(node.at, what, "take `for` out"));
            }
            Act::Befall(machines, mishap)
        }
    };
    if let Some(to) = to.filter(|_| verb.takes != Takes::Parameter) {
        let what = format!("`{}` takes no `to`", verb.word);
        return Err(Problem::error(to.at, what, "take `to` out"));
    }
    Ok(Fault {
        at: place,
        begins,
        lasts,
        act,
    })
}

/// What may befall some kinds alone, or what stands beside a machine, each with their words.
pub fn mishaps() -> Vec<(Mishap, Vec<&'static str>)> {
    let mut all: Vec<(Mishap, Vec<&'static str>)> = Vec::new();
    let of_kinds = kind::ALL.map(|kind| (kind.word(), kind.mishaps()));
    let of_helpers = beside::ALL.map(|helper| (helper.word(), helper.mishaps()));
    for (word, mishaps) in of_kinds.into_iter().chain(of_helpers) {
        for mishap in mishaps {
            match all.iter_mut().find(|(known, _)| known == mishap) {
                Some((_, words)) => words.push(word),
                None => all.push((*mishap, vec![word])),
            }
        }
    }
    all
}

/// The mishap of this word, if it may befall the component.
fn mishap(node: &Node, text: &str, design: &Design, whom: Machines) -> Result<Mishap, Problem> {
    let component = &design.components[whom.component];
    let mut own = component.mishaps();
    own.find(|mishap| mishap.word == text)
        .copied()
        .ok_or_else(|| {
            let all = mishaps();
            let kinds = all.iter().find(|(mishap, _)| mishap.word == text);
            let kinds = kinds.map_or(&[][..], |(_, kinds)| kinds).join(" and ");
            let (name, kind) = (&component.name, component.kind.word());
            let what = format!("`{text}` does not befall `{name}`, a {kind}");
            Problem::error(node.at, what, format!("it befalls what is or has: {kinds}"))
        })
}

fn verb_of(node: &Node) -> Result<Verb, Problem> {
    let text = word(node, "`do`")?;
    let of_kinds = mishaps()
        .into_iter()
        .map(|(mishap, _)| Verb::new(mishap.word, mishap.help, Takes::Machine, false));
    let all: Vec<Verb> = VERBS.into_iter().chain(of_kinds).collect();
    let found = all.iter().find(|verb| verb.word == text);
    found.copied().ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|verb| verb.word).collect();
        let what = format!("`{}` is not a fault", ddlab_text::given(text));
        Problem::error(node.at, what, suggestion(text, &words))
    })
}

fn span(node: &Node) -> Result<Duration, Problem> {
    let text = word(node, "a time")?;
    let wrong = |why: String| {
        Problem::error(
            node.at,
            format!("`{}` is not a time: {why}", ddlab_text::given(text)),
            "write it like `90s` or `3m`",
        )
    };
    let span = parse_span(text).map_err(|error| wrong(error.why.to_owned()))?;
    if span > LENGTH_MAX {
        return Err(wrong("it is longer than a run can be".to_owned()));
    }
    Ok(span)
}

fn factor(node: &Node) -> Result<f64, Problem> {
    let text = word(node, "`by`")?;
    let read = Unit::Times.read(text).filter(|factor| BY.contains(factor));
    read.ok_or_else(|| {
        let what = format!("`{}` is not a factor", ddlab_text::given(text));
        Problem::error(node.at, what, "write it like `20x`, from 0.01x to 100x")
    })
}

/// `gateway.slots` becomes another value.
fn turn(what: &Node, to: &Node, design: &Design) -> Result<Act, Problem> {
    let text = word(what, "`what`")?;
    let Some((name, parameter)) = text.split_once('.') else {
        let said = format!("`{}` names no parameter", ddlab_text::given(text));
        let cure = "write `NAME.PARAMETER`, as in `gateway.slots`";
        return Err(Problem::error(what.at, said, cure));
    };
    let clients = design.clients.iter().map(|one| (&one.name, &one.settings));
    let components = design.components.iter();
    let components = components.map(|one| (&one.name, &one.settings));
    let parts: Vec<_> = clients.chain(components).collect();
    let Some((_, settings)) = parts.iter().find(|(part, _)| *part == name) else {
        let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
        let said = format!(
            "there is no client or component `{}`",
            ddlab_text::given(name)
        );
        return Err(Problem::error(what.at, said, suggestion(name, &names)));
    };
    let found = settings.iter().find(|(knob, _)| knob.name == parameter);
    let Some((knob, was)) = found else {
        let names: Vec<&str> = settings.iter().map(|(knob, _)| knob.name).collect();
        let said = format!("`{name}` has no `{}`", ddlab_text::given(parameter));
        return Err(Problem::error(what.at, said, suggestion(parameter, &names)));
    };
    if knob.needs_restart {
        let said = format!("`{parameter}` of `{name}` can't be turned while it runs");
        let cure = "set it from the start, in its component";
        return Err(Problem::error(what.at, said, cure));
    }
    let value = fields::value(knob, to)?;
    Ok(Act::Turn {
        parameter: format!("{name}_{parameter}"),
        to: value.to_string(),
        was: was.to_string(),
    })
}

fn zone(node: &Node) -> Result<usize, Problem> {
    let text = word(node, "a zone")?;
    ZONES.iter().position(|zone| *zone == text).ok_or_else(|| {
        let what = format!("there is no zone `{}`", ddlab_text::given(text));
        Problem::error(node.at, what, "the zones are a, b and c")
    })
}

/// `gateway` is all of its machines, `gateway replica 2`, `gateway 2` or `gateway last` one of them.
fn machines(node: &Node, design: &Design) -> Result<Machines, Problem> {
    let text = word(node, "`what`")?;
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some(component) = design.component(name) else {
        let names: Vec<&str> = design
            .components
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        let what = format!("there is no component `{}`", ddlab_text::given(name));
        return Err(Problem::error(node.at, what, suggestion(name, &names)));
    };
    let rest: Vec<&str> = words.collect();
    let spec = &design.components[component];
    let machine = spec.kind.machine();
    let number = match rest.as_slice() {
        [] => None,
        [number] => Some(numbered(node, number, spec)?),
        [word, number] if ["replica", machine].contains(word) => {
            Some(numbered(node, number, spec)?)
        }
        words => {
            let found = spec.kind.machine_of(&spec.settings, words);
            Some(found.ok_or_else(|| {
                let what = format!("`{}` names no machine", ddlab_text::given(text));
                Problem::error(node.at, what, format!("write `{name} {machine} 1`"))
            })?)
        }
    };
    Ok(Machines { component, number })
}

fn numbered(node: &Node, text: &str, component: &Component) -> Result<u32, Problem> {
    let (name, last) = (&component.name, component.replicas());
    let number = if text == "last" {
        Some(last as u32)
    } else {
        text.parse().ok()
    };
    let number = number.filter(|number| (1..=last as u32).contains(number));
    number.ok_or_else(|| {
        let machine = component.kind.machine();
        let what = format!("`{name}` has no {machine} `{}`", ddlab_text::given(text));
        Problem::error(node.at, what, format!("its {machine}s are 1 to {last}"))
    })
}
