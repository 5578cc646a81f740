//! The tree as a design: what each part is. Whether the parts fit is asked in `check`.

use super::fault::{self, Fault};
use super::fields::{Fields, list, word};
use super::lots;
use super::problem::{Mark, Problem};
use super::require::{self, Requirement};
use super::sizes;
use super::yaml::{Node, Value};
use super::{
    CALLS_MAX, CLIENTS_MAX, COMPONENTS_MAX, Client, Component, Design, Edge, Helped, PROBLEMS_MAX,
};
use crate::beside;
use crate::kind::{self, Calls, Inner, Kind};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_text::suggestion;
use std::collections::BTreeMap;

/// The longest name, in bytes.
const NAME_MAX: usize = 40;
/// The longest title, in bytes.
const TITLE_MAX: usize = 200;

/// An edge whose callee is still a name.
struct Call<'a> {
    to: &'a str,
    at: Mark,
    edge: Edge,
}

/// The design of a tree; none when there is no telling what it is.
pub fn design(tree: Option<&Node>, text: &str, problems: &mut Vec<Problem>) -> Option<Design> {
    let Some(tree) = tree else {
        let cure = "write `design: NAME`, `clients:` and `components:`";
        problems.push(Problem::error(
            Mark::START,
            "there is nothing in this file",
            cure,
        ));
        return None;
    };
    let mut fields = Fields::of(tree, "a design", problems)?;
    let name = title(fields.take("design"), "`design`", problems);
    if name.is_none() {
        let cure = "begin with `design: ` and what it is";
        problems.push(Problem::error(tree.at, "the design has no name", cure));
    }
    let title_text = title(fields.take("title"), "`title`", problems);
    let clients = fields.take("clients");
    let components = fields.take("components");
    let (faults, require) = (fields.take("faults"), fields.take("require"));
    let (data, handlers) = (fields.take("sizes"), fields.take("lots"));
    fields.end(problems);

    let mut calls = Vec::new();
    let before = problems.len();
    let components = components_of(components, tree.at, &mut calls, problems);
    let all_read = problems.len() == before;
    let clients = clients_of(clients, tree.at, &mut calls, problems);
    let name = name?;
    let mut design = Design {
        title: title_text.unwrap_or_else(|| name.clone()),
        name,
        clients,
        components,
        faults: Vec::new(),
        require: Vec::new(),
        sizes: Vec::new(),
        lots: None,
        text: text.to_owned(),
    };
    names(&design, problems);
    if !all_read {
        // What speaks of a component that could not be read would be wrong for that reason alone.
        return Some(design);
    }
    connect(&mut design, calls, problems);
    design.sizes = sizes::read(data, &design, problems);
    design.lots = lots::read(handlers, &design, problems);
    design.faults = faults_of(faults, &design, problems);
    design.require = requirements_of(require, &design, problems);
    Some(design)
}

/// The faults of a list, in order of time.
pub fn faults_of(node: Option<&Node>, design: &Design, problems: &mut Vec<Problem>) -> Vec<Fault> {
    let mut faults = items(node, "`faults`", problems, |node, problems| {
        fault::read(node, design, problems)
    });
    faults.sort_by_key(Fault::when);
    faults
}

/// The requirements of a list.
pub fn requirements_of(
    node: Option<&Node>,
    design: &Design,
    problems: &mut Vec<Problem>,
) -> Vec<Requirement> {
    items(node, "`require`", problems, |node, problems| {
        let text = word(node, "a requirement");
        text.and_then(|text| require::read(text, node.at, design))
            .map_err(|problem| problems.push(problem))
            .ok()
    })
}

/// Clients and components share their names: figures and parameters are told apart by them.
fn names(design: &Design, problems: &mut Vec<Problem>) {
    for (place, component) in design.components.iter().enumerate() {
        if design.component(&component.name) != Some(place) {
            let what = format!("there are two components `{}`", component.name);
            problems.push(Problem::error(
                component.at,
                what,
                "give one of them another name",
            ));
        }
    }
    for client in &design.clients {
        if design.component(&client.name).is_some() {
            let what = format!("`{}` is a component, too", client.name);
            problems.push(Problem::error(
                client.at,
                what,
                "give the client another name",
            ));
        }
    }
}

/// Each item of a list, as far as it can be read.
pub fn items<'a, T>(
    node: Option<&'a Node>,
    of: &str,
    problems: &mut Vec<Problem>,
    mut read: impl FnMut(&'a Node, &mut Vec<Problem>) -> Option<T>,
) -> Vec<T> {
    let Some(node) = node else {
        return Vec::new();
    };
    match list(node, of) {
        Ok(items) => {
            let mut done = Vec::new();
            for item in items {
                if problems.len() >= PROBLEMS_MAX {
                    break;
                }
                done.extend(read(item, problems));
            }
            done
        }
        Err(problem) => {
            problems.push(problem);
            Vec::new()
        }
    }
}

fn title(node: Option<&Node>, of: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let node = node?;
    match word(node, of) {
        Ok(text) if text.len() > TITLE_MAX => {
            let what = format!("{of} has {} bytes, and at most {TITLE_MAX}", text.len());
            problems.push(Problem::error(node.at, what, "say it in a line"));
            None
        }
        Ok(text) => Some(ddlab_text::clean_line(text).into_owned()),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// The entries of a mapping of names, `clients` or `components`.
fn named<'a>(
    node: Option<&'a Node>,
    (of, least): (&str, &str),
    start: Mark,
    most: usize,
    problems: &mut Vec<Problem>,
) -> Vec<(&'a str, Mark, &'a Node)> {
    let Some(node) = node else {
        let what = format!("the design has no {of}");
        problems.push(Problem::error(
            start,
            what,
            format!("write `{of}:` and below it {least}"),
        ));
        return Vec::new();
    };
    let Some(fields) = Fields::of(node, format!("`{of}`"), problems) else {
        return Vec::new();
    };
    let rest = fields.rest();
    if rest.is_empty() {
        let what = format!("there is nothing in `{of}`");
        problems.push(Problem::error(node.at, what, format!("write {least}")));
    }
    if rest.len() > most {
        let what = format!("there are {} {of}, and at most {most}", rest.len());
        problems.push(Problem::error(node.at, what, "make it two designs"));
    }
    let named = rest.into_iter().take(most);
    named
        .filter_map(|(name, key, value)| match name_fault(name) {
            None => Some((name, key.at, value)),
            Some(why) => {
                let what = format!("`{}` can't be a name: {why}", ddlab_text::given(name));
                problems.push(Problem::error(key.at, what, "write it like `bids-db`"));
                None
            }
        })
        .collect()
}

/// Why this can't be the name of a part.
fn name_fault(name: &str) -> Option<&'static str> {
    let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.len() > NAME_MAX {
        Some("it is longer than 40 letters")
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(right) {
        Some("a name has small letters, digits and hyphens, and begins with a letter")
    } else {
        None
    }
}

fn components_of<'a>(
    node: Option<&'a Node>,
    start: Mark,
    calls: &mut Vec<(Caller, Call<'a>)>,
    problems: &mut Vec<Problem>,
) -> Vec<Component> {
    let what = ("components", "a line `NAME: {kind: service}` for each");
    let mut read = Components {
        done: Vec::new(),
        calls,
        problems,
    };
    for (name, at, node) in named(node, what, start, COMPONENTS_MAX, read.problems) {
        read.component(name, at, node, None);
    }
    read.done
}

/// The components that have been read so far.
struct Components<'a, 'b> {
    done: Vec<Component>,
    calls: &'b mut Vec<(Caller, Call<'a>)>,
    problems: &'b mut Vec<Problem>,
}

impl<'a> Components<'a, '_> {
    /// Reads a component, and what is written within it; one that is itself within another has its kind from there.
    /// Returns its place.
    fn component(
        &mut self,
        name: &str,
        at: Mark,
        node: &'a Node,
        within: Option<&'static dyn Kind>,
    ) -> Option<usize> {
        let problems = &mut *self.problems;
        let mut fields = Fields::of(node, format!("`{name}`"), problems)?;
        let kind = kind_of(&mut fields, name, within, problems)?;
        let settings = fields.settings(kind.knobs(), problems);
        let helpers = helpers_of(&mut fields, kind, name, problems);
        let place = self.done.len();
        let made = match kind.calls() {
            Calls::Nobody => Vec::new(),
            Calls::Many => calls_of(&mut fields, name, problems),
            Calls::One(field) => Vec::from_iter(call_in(field, &mut fields, name, problems)),
        };
        let made = made.into_iter();
        self.calls
            .extend(made.map(|call| (Caller::Component(place), call)));
        let inner = kind.inner().map(|inner| (inner, fields.take(inner.field)));
        fields.end(problems);
        self.done.push(Component {
            name: name.to_owned(),
            at,
            kind,
            settings,
            helpers,
            calls: Vec::new(),
            inner: None,
        });
        match inner {
            Some((inner, Some(node))) => {
                let inside = format!("{name}-{}", inner.field);
                self.done[place].inner = self.component(&inside, node.at, node, Some(inner.kind));
            }
            Some((Inner { field, .. }, None)) => {
                let what = format!("`{name}` has no `{field}`");
                let cure = format!("write `{field}: {{}}`, and in it what is not as by default");
                self.problems.push(Problem::error(at, what, cure));
            }
            None => {}
        }
        Some(place)
    }
}

/// What stands beside its machines.
fn helpers_of(
    fields: &mut Fields<'_>,
    kind: &dyn Kind,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Helped> {
    let mut helpers = Vec::new();
    for helper in beside::ALL {
        let word = helper.word();
        let Some(node) = fields.take(word) else {
            continue;
        };
        if !kind.is_called() {
            let what = format!(
                "`{name}` can't have a {word}: nobody calls a {}",
                kind.word()
            );
            let cure = format!("write the `{word}` at a component that is called");
            problems.push(Problem::error(node.at, what, cure));
            continue;
        }
        let of = format!("`{word}` of `{name}`");
        if let Some(mut fields) = Fields::of(node, of, problems) {
            let settings = fields.settings(helper.knobs(), problems);
            fields.end(problems);
            helpers.push(Helped { helper, settings });
        }
    }
    helpers
}

pub fn kind_of(
    fields: &mut Fields<'_>,
    name: &str,
    within: Option<&'static dyn Kind>,
    problems: &mut Vec<Problem>,
) -> Option<&'static dyn Kind> {
    let words = within.map_or_else(kind::words, |kind| vec![kind.word()]);
    let Some(node) = fields.take("kind") else {
        if within.is_some() {
            return within;
        }
        let what = format!("`{name}` has no kind");
        let cure = format!("write `kind: ` and one of {}", words.join(", "));
        problems.push(Problem::error(fields.at, what, cure));
        return None;
    };
    let kind = word(node, "`kind`").and_then(|text| {
        let found = kind::named(text);
        let there = found.filter(|kind| words.contains(&kind.word()));
        there.ok_or_else(|| {
            if let Some((outer, Inner { field, .. })) = found.and_then(kind::outer_of) {
                let what = format!("a {text} does not stand on its own");
                let cure = format!("write it within a {}, as its `{field}`", outer.word());
                return Problem::error(node.at, what, cure);
            }
            let what = format!("there is no kind `{}`", ddlab_text::given(text));
            Problem::error(node.at, what, suggestion(text, &words))
        })
    });
    kind.map_err(|problem| problems.push(problem)).ok()
}

fn clients_of<'a>(
    node: Option<&'a Node>,
    start: Mark,
    calls: &mut Vec<(Caller, Call<'a>)>,
    problems: &mut Vec<Problem>,
) -> Vec<Client> {
    let what = (
        "clients",
        "a line `NAME: {rps: 100, calls: [{to: COMPONENT}]}` for each",
    );
    let mut clients = Vec::new();
    for (name, at, node) in named(node, what, start, CLIENTS_MAX, problems) {
        let Some(mut fields) = Fields::of(node, format!("`{name}`"), problems) else {
            continue;
        };
        let settings = fields.settings(&kind::client::SPECS, problems);
        let made = calls_of(&mut fields, name, problems);
        if made.is_empty() {
            let what = format!("`{name}` calls nobody");
            problems.push(Problem::error(at, what, "write `calls: [{to: COMPONENT}]`"));
        }
        let place = Caller::Client(clients.len());
        calls.extend(made.into_iter().map(|call| (place, call)));
        fields.end(problems);
        clients.push(Client {
            name: name.to_owned(),
            at,
            settings,
            calls: Vec::new(),
        });
    }
    clients
}

fn calls_of<'a>(fields: &mut Fields<'a>, name: &str, problems: &mut Vec<Problem>) -> Vec<Call<'a>> {
    let of = format!("`calls` of `{name}`");
    let node = fields.take("calls");
    if let Some(node) = node
        && let Ok(items) = list(node, &of)
        && items.len() > CALLS_MAX
    {
        let what = format!(
            "`{name}` makes {} calls, and at most {CALLS_MAX}",
            items.len()
        );
        problems.push(Problem::error(node.at, what, "put a component between"));
    }
    items(node, &of, problems, call_of)
}

fn call_of<'a>(item: &'a Node, problems: &mut Vec<Problem>) -> Option<Call<'a>> {
    let mut fields = Fields::of(item, "a call", problems)?;
    let to = fields.take("to");
    let settings = fields.settings(&kind::call::SPECS, problems);
    fields.end(problems);
    let Some(to) = to else {
        let cure = "write `to: ` and the name of a component";
        problems.push(Problem::error(item.at, "this call goes to nobody", cure));
        return None;
    };
    let at = to.at;
    let named = word(to, "`to`").map_err(|problem| problems.push(problem));
    Some(Call {
        to: named.ok()?,
        at,
        edge: Edge {
            to: 0,
            at: item.at,
            settings,
        },
    })
}

/// The one call of a component: `origin: NAME`, or a call with its parameters.
fn call_in<'a>(
    field: &'static str,
    fields: &mut Fields<'a>,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Option<Call<'a>> {
    let Some(node) = fields.take(field) else {
        let what = format!("`{name}` has no `{field}`");
        let cure = format!("write `{field}: ` and the name of a component");
        problems.push(Problem::error(fields.at, what, cure));
        return None;
    };
    let Value::Scalar(to) = &node.value else {
        return call_of(node, problems);
    };
    Some(Call {
        to,
        at: node.at,
        edge: Edge {
            to: 0,
            at: node.at,
            settings: KnobSettings::defaults(&kind::call::SPECS),
        },
    })
}

/// Who makes a call.
#[derive(Debug, Clone, Copy)]
enum Caller {
    Client(usize),
    Component(usize),
}

/// Puts each call to its caller, with the place of its callee.
fn connect(design: &mut Design, calls: Vec<(Caller, Call<'_>)>, problems: &mut Vec<Problem>) {
    let names: Vec<String> = design
        .components
        .iter()
        .map(|one| one.name.clone())
        .collect();
    let places: BTreeMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    for (caller, call) in calls {
        if problems.len() >= PROBLEMS_MAX {
            return;
        }
        let Some(to) = places.get(call.to) else {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let what = format!("there is no component `{}`", ddlab_text::given(call.to));
            problems.push(Problem::error(call.at, what, suggestion(call.to, &names)));
            continue;
        };
        let edges = match caller {
            Caller::Client(place) => &mut design.clients[place].calls,
            Caller::Component(place) => &mut design.components[place].calls,
        };
        if edges.iter().any(|edge| edge.to == *to) {
            let what = format!("`{}` is called twice from here", call.to);
            problems.push(Problem::error(
                call.at,
                what,
                "a callee is called once for each request: leave one call out, and let the callee take as long as both",
            ));
            continue;
        }
        edges.push(Edge {
            to: *to,
            ..call.edge
        });
    }
}
