//! Faults: what is done to a design while it runs.

use super::fields::{Fields, word};
use super::problem::{Mark, Problem};
use super::yaml::Node;
use super::{Component, Design};
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::parse_span;
use ddlab_labs::workbench::length::LENGTH_MAX;
use ddlab_text::{Unit, suggestion};
use std::time::Duration;

/// What may be done, and what each takes.
pub const VERBS: [Verb; 6] = [
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
        "zone_down",
        "all machines of a zone are down",
        Takes::Zone,
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

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    Crash(Machines),
    Slow(Machines, f64),
    Pause(Machines, Duration),
    Cut(Machines),
    /// By its place in [`ZONES`].
    ZoneDown(usize),
    Crowd(f64),
}

/// One machine of a component, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machines {
    pub component: usize,
    /// From 1.
    pub number: Option<u32>,
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
    fields.end(problems);
    let fault = assemble(node.at, [at, verb, what, by, lasts], design);
    fault.map_err(|problem| problems.push(problem)).ok()
}

fn assemble(
    place: Mark,
    [at, verb, what, by, lasts]: [Option<&Node>; 5],
    design: &Design,
) -> Result<Fault, Problem> {
    let missing =
        |name: &str, cure: &str| Problem::error(place, format!("this fault has no `{name}`"), cure);
    let begins = span(at.ok_or_else(|| missing("at", "write when it begins, as in `at: 60s`"))?)?;
    let verb_node = verb.ok_or_else(|| missing("do", "write what happens, as in `do: crash`"))?;
    let verb = verb_of(verb_node)?;
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
        "pause" => {
            let span = lasts.ok_or_else(|| missing("for", "write how long, as in `for: 10s`"))?;
            Act::Pause(machines()?, span)
        }
        "zone_down" => Act::ZoneDown(zone(
            what.ok_or_else(|| missing("what", "write the zone: `what: a`"))?,
        )?),
        _ => Act::Crowd(by),
    };
    Ok(Fault {
        at: place,
        begins,
        lasts,
        act,
    })
}

fn verb_of(node: &Node) -> Result<Verb, Problem> {
    let text = word(node, "`do`")?;
    let found = VERBS.into_iter().find(|verb| verb.word == text);
    found.ok_or_else(|| {
        let words = VERBS.map(|verb| verb.word);
        let what = format!("`{}` is not a fault", ddlab_text::clean_line(text));
        Problem::error(node.at, what, suggestion(text, &words))
    })
}

fn span(node: &Node) -> Result<Duration, Problem> {
    let text = word(node, "a time")?;
    let wrong = |why: String| {
        Problem::error(
            node.at,
            format!("`{}` is not a time: {why}", ddlab_text::clean_line(text)),
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
        let what = format!("`{}` is not a factor", ddlab_text::clean_line(text));
        Problem::error(node.at, what, "write it like `20x`, from 0.01x to 100x")
    })
}

fn zone(node: &Node) -> Result<usize, Problem> {
    let text = word(node, "a zone")?;
    ZONES.iter().position(|zone| *zone == text).ok_or_else(|| {
        let what = format!("there is no zone `{}`", ddlab_text::clean_line(text));
        Problem::error(node.at, what, "the zones are a, b and c")
    })
}

/// `gateway` is all of its machines, `gateway replica 2` or `gateway 2` one of them.
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
        let what = format!("there is no component `{}`", ddlab_text::clean_line(name));
        return Err(Problem::error(node.at, what, suggestion(name, &names)));
    };
    let rest: Vec<&str> = words.filter(|word| *word != "replica").collect();
    let number = match rest.as_slice() {
        [] => None,
        [number] => Some(numbered(node, number, &design.components[component])?),
        _ => {
            let what = format!("`{}` names no machine", ddlab_text::clean_line(text));
            return Err(Problem::error(
                node.at,
                what,
                format!("write `{name} replica 1`"),
            ));
        }
    };
    Ok(Machines { component, number })
}

fn numbered(node: &Node, text: &str, component: &Component) -> Result<u32, Problem> {
    let (name, last) = (&component.name, component.replicas());
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=last as u32).contains(number));
    number.ok_or_else(|| {
        let what = format!("`{name}` has no replica `{}`", ddlab_text::clean_line(text));
        Problem::error(node.at, what, format!("its replicas are 1 to {last}"))
    })
}
