//! What the parts of a design must be to each other: every component is called, no cycle of calls is without an
//! end; and what everything hangs on.

use super::problem::{Mark, Problem};
use super::{BEFALLEN_MAX, CALLS_OF_A_REQUEST_MAX, Client, Design, Edge, MACHINES_MAX, number};
use ddlab_labs::workbench::knob::KnobValue;
use std::collections::BTreeMap;

/// Of a design of which every part could be read.
pub fn check(design: &Design, problems: &mut Vec<Problem>) {
    sizes(design, problems);
    callers(design, problems);
    cycles(design, problems);
    amplification(design, problems);
    if !problems.iter().any(Problem::is_error) {
        single_points(design, problems);
    }
}

fn sizes(design: &Design, problems: &mut Vec<Problem>) {
    let machines: usize = design
        .components
        .iter()
        .map(super::Component::replicas)
        .sum();
    if machines > MACHINES_MAX {
        let what = format!("the design has {machines} machines, and at most {MACHINES_MAX}");
        problems.push(Problem::error(Mark::START, what, "take fewer `replicas`"));
    }
    let faults = design.faults.iter();
    let befallen: usize = faults.map(|fault| fault.act.machines(design)).sum();
    if befallen > BEFALLEN_MAX {
        let what = format!("the faults befall {befallen} machines, and at most {BEFALLEN_MAX}");
        let cure = "take fewer faults, or name one machine in each";
        problems.push(Problem::error(Mark::START, what, cure));
    }
}

fn callers(design: &Design, problems: &mut Vec<Problem>) {
    let from_clients = design.clients.iter().flat_map(|client| &client.calls);
    let mut reached = vec![false; design.components.len()];
    let by_themselves =
        (0..reached.len()).filter(|place| !design.components[*place].kind.is_called());
    let mut next: Vec<usize> = from_clients
        .map(|edge| edge.to)
        .chain(by_themselves)
        .collect();
    while let Some(place) = next.pop() {
        if !std::mem::replace(&mut reached[place], true) {
            let component = &design.components[place];
            next.extend(component.calls.iter().map(|edge| edge.to));
            next.extend(component.inner);
        }
    }
    for (component, _) in design.components.iter().zip(reached).filter(|(_, is)| !is) {
        let name = &component.name;
        let what = format!("nobody calls `{name}`");
        let cure = format!("write `{{to: {name}}}` at whoever does, or take it out");
        problems.push(Problem::error(component.at, what, cure));
    }
    let from_components = design.components.iter().flat_map(|one| &one.calls);
    let from_clients = design.clients.iter().flat_map(|client| &client.calls);
    for edge in from_clients.chain(from_components) {
        let component = &design.components[edge.to];
        if !component.kind.is_called() {
            let (name, kind) = (&component.name, component.kind.word());
            let what = format!("`{name}` can't be called: a {kind} works by itself");
            problems.push(Problem::error(edge.at, what, "take this call out"));
        }
        let mut outer = design.components.iter();
        if let Some(outer) = outer.find(|outer| outer.inner == Some(edge.to)) {
            let (name, outer) = (&component.name, &outer.name);
            let what = format!("`{name}` can't be called: it takes its work from `{outer}`");
            problems.push(Problem::error(edge.at, what, format!("call `{outer}`")));
        }
    }
}

/// A cycle of calls that wait for each other ends only by a limit of depth.
fn cycles(design: &Design, problems: &mut Vec<Problem>) {
    let mut state = vec![State::New; design.components.len()];
    for start in 0..design.components.len() {
        let mut path: Vec<(usize, usize)> = Vec::new();
        if state[start] == State::New {
            state[start] = State::OnPath;
            path.push((start, 0));
        }
        // Without recursion: a chain may be as long as the design.
        while let Some((place, nth)) = path.last_mut() {
            let calls = &design.components[*place].calls;
            let Some(edge) = calls.get(*nth) else {
                state[*place] = State::Done;
                path.pop();
                continue;
            };
            *nth += 1;
            match state[edge.to] {
                State::Done => {}
                _ if edge.has_depth() => {}
                State::New => {
                    state[edge.to] = State::OnPath;
                    path.push((edge.to, 0));
                }
                State::OnPath => problems.push(cycle(design, &path, edge)),
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    OnPath,
    Done,
}

fn cycle(design: &Design, path: &[(usize, usize)], edge: &Edge) -> Problem {
    let from = path
        .iter()
        .position(|(place, _)| *place == edge.to)
        .unwrap_or(0);
    let names = path[from..]
        .iter()
        .map(|(place, _)| *place)
        .chain([edge.to]);
    let names: Vec<&str> = names
        .map(|place| design.components[place].name.as_str())
        .collect();
    let what = format!("these calls go round for ever: {}", names.join(" calls "));
    Problem::error(
        edge.at,
        what,
        "give one of them a `depth`, such as `depth: 3`, or take it out",
    )
}

/// Calls multiply from component to component: ten that each call the next ten come to a hundred.
fn amplification(design: &Design, problems: &mut Vec<Problem>) {
    if problems.iter().any(Problem::is_error) {
        return;
    }
    for client in &design.clients {
        let calls = calls_of_a_request(design, client);
        if calls > CALLS_OF_A_REQUEST_MAX {
            let (name, calls) = (&client.name, ddlab_text::figure(calls));
            let what = format!(
                "a request of `{name}` comes to {calls} calls or more, and at most {CALLS_OF_A_REQUEST_MAX}"
            );
            let cure = "take calls out, or give them a smaller `share` or `depth`";
            problems.push(Problem::error(client.at, what, cure));
        }
    }
}

/// The mean number of calls that a request leads to when nothing is tried again, added up by their depth, as far as
/// they are not too many already.
fn calls_of_a_request(design: &Design, client: &Client) -> f64 {
    let add = |next: &mut [f64], edge: &Edge, depth: u32, calls: f64| {
        let most = number(&edge.settings, "depth");
        if most.is_none_or(|most| f64::from(depth) < most) {
            next[edge.to] += calls * number(&edge.settings, "share").unwrap_or(1.0);
        }
    };
    let mut calls = vec![0.0; design.components.len()];
    for edge in &client.calls {
        add(&mut calls, edge, 0, 1.0);
    }
    let mut sum = 0.0;
    for depth in 1.. {
        let here: f64 = calls.iter().sum();
        sum += here;
        if here <= 0.0 || sum > CALLS_OF_A_REQUEST_MAX {
            break;
        }
        let mut next = vec![0.0; calls.len()];
        for (component, calls) in design.components.iter().zip(&calls) {
            for edge in component.calls.iter().filter(|_| *calls > 0.0) {
                add(&mut next, edge, depth, *calls);
            }
        }
        calls = next;
    }
    sum
}

/// What has one machine, and must answer for a request to be answered.
fn single_points(design: &Design, problems: &mut Vec<Problem>) {
    let mut needed: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for client in &design.clients {
        let mut next: Vec<usize> = must(&client.calls).collect();
        let mut seen = vec![false; design.components.len()];
        while let Some(place) = next.pop() {
            if !std::mem::replace(&mut seen[place], true) {
                needed.entry(place).or_default().push(&client.name);
                next.extend(must(&design.components[place].calls));
            }
        }
    }
    for (place, clients) in needed {
        let component = &design.components[place];
        let alone = component.replicas() == 1 && !component.kind.is_foreign();
        if alone {
            let what = format!(
                "`{}` is a single point of failure: it has one machine, and {} need{} it",
                component.name,
                clients.join(" and "),
                if clients.len() == 1 { "s" } else { "" }
            );
            let cure = "give it more `replicas`, or make the call to it `optional: on`";
            problems.push(Problem::note(component.at, what, cure));
        }
    }
}

/// The callees without which a request fails.
fn must(calls: &[Edge]) -> impl Iterator<Item = usize> {
    let always = |edge: &&Edge| {
        let share = edge.settings.value("share");
        !edge.is_optional() && *share != KnobValue::Number(0.0)
    };
    calls.iter().filter(always).map(|edge| edge.to)
}
