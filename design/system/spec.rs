//! The table of a design's lab: parameters, actions, metrics, invariants, made when the design is read.

use super::lots::{LotInvariants, Lots};
use super::meters::{ClientMeters, ComponentMeters};
use super::work::Mishap;
use crate::format::Design;
use ddlab_labs::workbench::action::ActionSpec;
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec};
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_labs::{actions, invariants, knobs};

knobs! {
    pub struct Knobs;
    pub enum Turned { Load, Network }

    "system" {
        /// how many times their rate all clients send
        load: f64 = quantity("x", 1.0, 0.001, 1_000.0).essential() => Load;
        /// how long a message between two machines takes
        network: Distribution = distribution("const:0.25ms") => Network;
    }
}

pub static CLIENT: Role = Role::new("client", "clients", Rank::Head).that_asks();
pub static MACHINE: Role = Role::new("machine", "machines", Rank::Member).shown_by_name();

actions! {
    pub enum Act {
        /// the process dies with what it has, and is started again
        'K' Crash(u32) = on(&MACHINE);
        /// the machine goes down, and stays so until it is brought up
        'D' Down(u32) = on(&MACHINE);
        /// the machine is started
        'U' Up(u32) = on(&MACHINE);
        /// the machine takes so many times as long; 1 is as before
        'S' Slow(NodeBy) = on_by(&MACHINE, "10");
        /// the machine stands still for so long
        'P' Pause(NodeFor) = on_for(&MACHINE, "10s");
        /// nothing passes to or from the machine
        'C' Cut(u32) = on(&MACHINE);
        /// messages pass again
        'R' Heal(u32) = on(&MACHINE);
        /// the machine's clock runs so many times as fast; 1 is right
        'T' Clock(NodeBy) = on_by(&MACHINE, "2");
        /// the zone of this number goes down with its machines
        'Z' ZoneDown(f64) = number("zone", 1, 3);
        /// the zone is back, and its machines start
        'B' ZoneUp(f64) = number("zone", 1, 3);
        /// all clients send so many times as much; 1 is as before
        'X' Crowd(f64) = number("times", 10, 1_000);
    }
}

invariants! {
    pub struct Invariants {
        requests: "every request of a client is answered, failed, turned away or in progress";
        calls: "every call is answered, failed, given up or out";
        visits: "every request at a component is answered, failed, refused, dead with its machine or in it";
        slots: "a machine has no slot in use without a request";
        items: "every item of a queue waits, is handed out, done, put aside or lost";
        hedges: "hedges stay within their budget";
        budget: "retries stay within their budget";
        instances: "no more instances of a function are busy than may be";
        fence: "a storage with a fence lets in no token lower than one it has seen";
        windows: "a window of a pipeline counts all of its events but the late and the dropped";
        barrier: "a stage of a batch ends when each of its tasks is done";
        lines: "lines written = shipped + waiting + lost";
        rates: "no rate of a monitor counts more than there was";
    }
}

/// Whose parameter it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    System,
    Client(usize),
    ClientCall(usize, usize),
    Component(usize),
    ComponentCall(usize, usize),
    Helper(usize, usize),
}

/// The table of a design, and whose each of its parameters is, with the name that it has there.
pub struct Table {
    pub spec: LabSpec,
    pub owners: Vec<(Owner, &'static str)>,
    mishaps: Vec<Mishap>,
}

impl Table {
    /// Leaks its names: the lab of a design lives as long as the program.
    pub fn of(design: &Design, id: &str) -> Self {
        let (mut knobs, mut owners) = (Vec::new(), Vec::new());
        let mut add = |owner, prefix: String, group: &str, settings: &KnobSettings| {
            let group: &'static str = group.to_owned().leak();
            for (knob, value) in settings.iter() {
                owners.push((owner, knob.name));
                knobs.push(KnobSpec {
                    name: format!("{prefix}{}", knob.name).leak(),
                    default: value.clone(),
                    group,
                    ..knob.clone()
                });
            }
        };
        let system = KnobSettings::defaults(Knobs::specs().leak());
        add(Owner::System, String::new(), "system", &system);
        for (place, client) in design.clients.iter().enumerate() {
            let name = &client.name;
            add(
                Owner::Client(place),
                format!("{name}_"),
                name,
                &client.settings,
            );
            for (nth, edge) in client.calls.iter().enumerate() {
                let to = &design.components[edge.to].name;
                let prefix = format!("{name}_{to}_");
                add(Owner::ClientCall(place, nth), prefix, name, &edge.settings);
            }
        }
        for (place, component) in design.components.iter().enumerate() {
            let name = &component.name;
            add(
                Owner::Component(place),
                format!("{name}_"),
                name,
                &component.settings,
            );
            for (nth, helped) in component.helpers.iter().enumerate() {
                let prefix = format!("{name}_{}_", helped.helper.word());
                add(Owner::Helper(place, nth), prefix, name, &helped.settings);
            }
            for (nth, edge) in component.calls.iter().enumerate() {
                let to = &design.components[edge.to].name;
                let prefix = format!("{name}_{to}_");
                add(
                    Owner::ComponentCall(place, nth),
                    prefix,
                    name,
                    &edge.settings,
                );
            }
        }
        let mishaps = mishaps(design);
        let role = Box::leak(Box::new(Role {
            names: machines(design).leak(),
            ..MACHINE
        }));
        let mut invariants = Invariants::specs();
        if design.lots.is_some() {
            invariants.extend(LotInvariants::specs());
        }
        let spec = LabSpec {
            id: id.to_owned().leak(),
            title: design.title.clone().leak(),
            chapter: 13,
            promise: "see whether a system stands",
            scene: SceneKind::Network,
            knobs,
            actions: actions(&mishaps, role),
            metrics: metrics(design),
            invariants,
            endpoints: Vec::new(),
            experiments: "",
            source: design.text.clone().leak(),
        };
        Self {
            spec,
            owners,
            mishaps,
        }
    }

    /// The mishap that an action of this name is, and whether it begins by it.
    pub fn mishap(&self, action: &str) -> Option<(&Mishap, bool)> {
        let mut mishaps = self.mishaps.iter();
        let found = mishaps.find(|it| it.word == action || it.ends == Some(action))?;
        Some((found, found.word == action))
    }
}

/// What may befall the components of a design, each once.
fn mishaps(design: &Design) -> Vec<Mishap> {
    let mut mishaps: Vec<Mishap> = Vec::new();
    for component in &design.components {
        for mishap in component.mishaps() {
            if !mishaps.contains(mishap) {
                mishaps.push(*mishap);
            }
        }
    }
    mishaps
}

/// Letters that are keys of whatever shows a run.
const KEYS: &str = "GHWY";

/// What can be done to every design, and what befalls its kinds. Those have the letters that are left.
fn actions(mishaps: &[Mishap], machine: &'static Role) -> Vec<ActionSpec> {
    let mut specs = Act::specs();
    let mut letters = ('A'..='Z').filter({
        let taken: Vec<char> = specs.iter().map(|spec| spec.key).collect();
        move |letter| !taken.contains(letter) && !KEYS.contains(*letter)
    });
    let mut add = |name, help| {
        // More than there are letters for are done by their names alone.
        let key = letters.next().unwrap_or('\u{b7}');
        specs.push(ActionSpec::new(name, key, help).aimed(&on(&MACHINE)));
    };
    for mishap in mishaps {
        add(mishap.word, mishap.help);
        if let Some(ends) = mishap.ends {
            let help: &'static str = format!("the end of `{}`", mishap.word).leak();
            add(ends, help);
        }
    }
    let aimed = specs.iter_mut().filter(|spec| spec.target.is_some());
    aimed.for_each(|spec| spec.target = Some(machine));
    specs
}

/// The names of the machines that there are at the start, by their numbers among all.
fn machines(design: &Design) -> Vec<&'static str> {
    let components = design.components.iter();
    let names = components.flat_map(|component| {
        let count = component.replicas();
        (1..=count).map(move |number| match count {
            1 => component.name.clone(),
            _ => format!("{} {number}", component.name),
        })
    });
    names.map(|name| &*name.leak()).collect()
}

/// Charts are drawn of every client, and of as many components as there is room for.
fn metrics(design: &Design) -> Vec<MetricSpec> {
    let mut metrics = Vec::new();
    let mut chart = 1_u8;
    for client in &design.clients {
        metrics.extend(ClientMeters::specs(&client.name, chart));
        chart += 2;
    }
    for component in &design.components {
        metrics.extend(ComponentMeters::specs(&component.name, chart));
        chart = chart.saturating_add(1);
        metrics.extend(component.kind.metrics(&component.name, chart));
        for helped in &component.helpers {
            metrics.extend(helped.helper.metrics(&component.name, chart));
        }
    }
    if design.lots.is_some() {
        metrics.extend(Lots::metrics(chart));
    }
    metrics
}
