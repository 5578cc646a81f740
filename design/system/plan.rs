//! The run of a design: its faults as a script, its requirements as objectives.

use super::DesignLab;
use crate::format::fault::{Act, Fault, Machines};
use crate::format::require::Bound;
use crate::format::{Component, Requirement};
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::action::Argument;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::limit::Objective;
use ddlab_labs::workbench::plan::RunPlan;

/// A run of this length, with the faults of the design that begin in it.
pub fn plan(lab: &'static DesignLab, seed: u64, length: SimTime) -> RunPlan {
    let mut plan = RunPlan::new(lab, seed);
    plan.length = length;
    for fault in &lab.design().faults {
        for (at, text) in script(lab, fault) {
            if at <= length {
                let what = Intervention::parse(&text, &lab.table().spec);
                let what = what.unwrap_or_else(|error| {
                    panic!("a fault that was read is an intervention: {error}")
                });
                plan.insert(at, what);
            }
        }
    }
    plan
}

/// The parameter that multiplies the load of all clients.
pub const LOAD: &str = "load";

/// A search for the limit of a design goes on up to so many times its load: beyond that it would cost minutes to say what
/// nobody plans for.
pub const LOAD_SEARCHED: f64 = 16.0;

/// The requirements that more load may break, as objectives of a search for the limit. `==` bounds both sides, and is left out.
pub fn objectives(lab: &'static DesignLab) -> Vec<(String, Objective)> {
    let objective = |requirement: &Requirement| {
        let mut metrics = lab.table().spec.metrics.iter();
        let metric = metrics.find(|metric| metric.name == requirement.metric)?;
        let objective = Objective {
            metric,
            statistic: requirement.figure.statistic,
            bound: requirement.value,
            above: match requirement.bound {
                Bound::AtMost | Bound::Below => false,
                Bound::AtLeast | Bound::Above => true,
                Bound::Equal => return None,
            },
        };
        Some((requirement.text.clone(), objective))
    };
    lab.design().require.iter().filter_map(objective).collect()
}

/// What a fault comes to, and what undoes it.
fn script(lab: &DesignLab, fault: &Fault) -> Vec<(SimTime, String)> {
    let begins = fault.when();
    let ends = fault.lasts.map(|span| begins + span);
    let mut script = Vec::new();
    let mut both = |begin: String, end: Option<String>| {
        script.push((begins, begin));
        if let (Some(ends), Some(end)) = (ends, end) {
            script.push((ends, end));
        }
    };
    match &fault.act {
        Act::Crash(machines) => {
            for target in targets(lab, *machines) {
                match ends {
                    Some(_) => both(format!("down={target}"), Some(format!("up={target}"))),
                    None => both(format!("crash={target}"), None),
                }
            }
        }
        Act::Slow(machines, by) => {
            for target in targets(lab, *machines) {
                both(
                    format!("slow={target}:{by}"),
                    Some(format!("slow={target}:1")),
                );
            }
        }
        Act::Pause(machines, span) => {
            for target in targets(lab, *machines) {
                both(format!("pause={target}:{}", format_span(*span)), None);
            }
        }
        Act::Cut(machines) => {
            for target in targets(lab, *machines) {
                both(format!("cut={target}"), Some(format!("heal={target}")));
            }
        }
        Act::Clock(machines, by) => {
            for target in targets(lab, *machines) {
                both(
                    format!("clock={target}:{by}"),
                    Some(format!("clock={target}:1")),
                );
            }
        }
        Act::Befall(machines, mishap) => {
            for target in targets(lab, *machines) {
                let ends = mishap.ends.map(|ends| format!("{ends}={target}"));
                both(format!("{}={target}", mishap.word), ends);
            }
        }
        Act::ZoneDown(zone) => both(
            format!("zone_down={}", zone + 1),
            Some(format!("zone_up={}", zone + 1)),
        ),
        Act::Turn { parameter, to, was } => both(
            format!("{parameter}={to}"),
            Some(format!("{parameter}={was}")),
        ),
        Act::Crowd(by) => both(format!("crowd={by}"), Some("crowd=1".to_owned())),
    }
    script
}

/// What is done, in a sentence with the names of machines: `search 2 takes 20 times as long` for `slow=5:20`.
pub fn spoken(lab: &DesignLab, what: &Intervention) -> String {
    let Intervention::Act(action) = what else {
        return what.to_string();
    };
    let named = |number| machine(lab, number);
    let said = match (action.name, &action.argument) {
        ("crash", Argument::Node(number)) => named(*number).map(|name| format!("{name} crashes")),
        ("down", Argument::Node(number)) => named(*number).map(|name| format!("{name} goes down")),
        ("up", Argument::Node(number)) => named(*number).map(|name| format!("{name} is back")),
        ("cut", Argument::Node(number)) => named(*number).map(|name| format!("{name} is cut off")),
        ("heal", Argument::Node(number)) => {
            named(*number).map(|name| format!("{name} is connected again"))
        }
        ("pause", Argument::NodeFor(number, span)) => {
            let span = format_span(*span);
            named(*number).map(|name| format!("{name} stands still for {span}"))
        }
        ("slow", Argument::NodeBy(number, by)) => named(*number).map(|name| {
            if is_one(*by) {
                format!("{name} is as fast as before")
            } else {
                format!("{name} takes {by} times as long")
            }
        }),
        ("clock", Argument::NodeBy(number, by)) => named(*number).map(|name| {
            if is_one(*by) {
                format!("the clock of {name} is right again")
            } else {
                format!("the clock of {name} runs {by} times as fast")
            }
        }),
        ("crowd", Argument::Number(by)) if is_one(*by) => {
            Some("all clients send as much as before".to_owned())
        }
        ("crowd", Argument::Number(by)) => Some(format!("all clients send {by} times as much")),
        ("zone_down", Argument::Number(zone)) => Some(format!("zone {zone} goes down")),
        ("zone_up", Argument::Number(zone)) => Some(format!("zone {zone} is back")),
        (name, Argument::Node(number)) => named(*number).map(|machine| format!("{name} {machine}")),
        _ => None,
    };
    said.unwrap_or_else(|| what.to_string())
}

fn is_one(by: f64) -> bool {
    (by - 1.0).abs() < f64::EPSILON
}

/// The name of a machine by its number among all.
fn machine(lab: &DesignLab, number: u32) -> Option<String> {
    let role = lab.table().spec.target()?;
    let name = role.names.get((number as usize).checked_sub(1)?)?;
    Some((*name).to_owned())
}

/// The numbers of machines among all.
fn targets(lab: &DesignLab, machines: Machines) -> Vec<u32> {
    let components = &lab.design().components;
    let before: usize = components[..machines.component]
        .iter()
        .map(Component::replicas)
        .sum();
    let count = components[machines.component].replicas();
    match machines.number {
        Some(number) => vec![before as u32 + number],
        None => (1..=count as u32)
            .map(|number| before as u32 + number)
            .collect(),
    }
}
