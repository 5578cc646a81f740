//! A design that runs: a lab like any other, whose table is made from the file.
//!
//! - [`spec`]: its parameters, actions, metrics and invariants; `world`: what all rooms share;
//! - `client`, `call`, `component`, `machine`: the parts; `work`: what is the same in the work of all kinds; `visit`:
//!   a request in a component; `trail`: the way of a request, for the waterfall;
//! - `meters`, `checks`, `levels`: what is measured, what must hold, what goes by the clock; `lots`: what must hold of the
//!   lots of an auction, from the bid to the payment;
//! - [`plan`](plan()): its faults as the script of a run; `picture`: what a screen draws.
//!
//! What a part does is the pattern of its lab: calls are made by the ambassador's, machines are picked by the
//! balancer of the replicated service.

pub(crate) mod call;
mod checks;
mod client;
pub(crate) mod component;
mod levels;
pub(crate) mod lots;
pub(crate) mod machine;
pub(crate) mod meters;
mod picture;
mod plan;
pub mod spec;
#[cfg(test)]
mod tests;
pub(crate) mod trail;
pub(crate) mod visit;
pub(crate) mod work;
pub(crate) mod world;

use crate::format::Design;
use component::Component;
use ddlab_labs::workbench::action::Payload as _;
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec};
use ddlab_labs::workbench::prelude::*;
use machine::Machine;
pub use plan::{LOAD, LOAD_SEARCHED, objectives, plan, spoken};
use spec::{Act, Owner, Table, Turned};
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use world::{Own, Tamper, World};

/// Designs of a process, at most: the lab of each lives as long as the process.
pub const DESIGNS_MAX: usize = 5_000;

/// The lab of a design.
pub struct DesignLab {
    design: Design,
    table: &'static Table,
    tamper: Tamper,
}

/// There were too many designs already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{DESIGNS_MAX} designs have been run since the start; start the program again for more")]
pub struct TooMany;

/// The lab of this design; the same for the same text.
///
/// # Errors
/// When there were too many designs already.
pub fn lab(design: &Design) -> Result<&'static DesignLab, TooMany> {
    lab_called(design, "design")
}

/// The same with this id, by which runs of it name their lab.
///
/// # Errors
/// When there were too many designs already.
pub fn lab_called(design: &Design, id: &str) -> Result<&'static DesignLab, TooMany> {
    static LABS: LazyLock<Mutex<BTreeMap<(String, String), &'static DesignLab>>> =
        LazyLock::new(Mutex::default);
    let mut labs = LABS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (id.to_owned(), design.text.clone());
    if let Some(lab) = labs.get(&key) {
        return Ok(lab);
    }
    if labs.len() == DESIGNS_MAX {
        return Err(TooMany);
    }
    let lab = DesignLab::leak(design, id, Tamper::Nothing);
    labs.insert(key, lab);
    Ok(lab)
}

fn system_knobs() -> &'static [KnobSpec] {
    static SPECS: LazyLock<Vec<KnobSpec>> = LazyLock::new(spec::Knobs::specs);
    &SPECS
}

impl DesignLab {
    fn leak(design: &Design, id: &str, tamper: Tamper) -> &'static Self {
        Box::leak(Box::new(Self {
            design: design.clone(),
            table: Box::leak(Box::new(Table::of(design, id))),
            tamper,
        }))
    }

    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The design with its parameters as a run has them.
    pub fn with(&self, knobs: &KnobSettings) -> Design {
        let mut design = self.design.clone();
        for (value, (owner, name)) in knobs.values().iter().zip(&self.table.owners) {
            let settings = match *owner {
                Owner::System => continue,
                Owner::Client(place) => &mut design.clients[place].settings,
                Owner::ClientCall(place, nth) => &mut design.clients[place].calls[nth].settings,
                Owner::Component(place) => &mut design.components[place].settings,
                Owner::ComponentCall(place, nth) => {
                    &mut design.components[place].calls[nth].settings
                }
                Owner::Helper(place, nth) => &mut design.components[place].helpers[nth].settings,
            };
            let set = settings.set(name, value.clone());
            debug_assert!(
                set.is_ok(),
                "a run's parameter is in the range of the design's"
            );
        }
        design
    }

    fn table(&self) -> &'static Table {
        self.table
    }
}

impl Lab for DesignLab {
    fn spec(&self) -> &'static LabSpec {
        &self.table.spec
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let own = Own::of(&self.design, self.table, settings);
        let world = World::build(&sim.handle(), &self.design, self.table, &own, self.tamper);
        sim.spawn(levels::keep(Rc::clone(&world)));
        Box::new(Running {
            world,
            own,
            settings: Rc::clone(settings),
            table: self.table,
        })
    }
}

struct Running {
    world: Rc<World>,
    own: Own,
    settings: Rc<Settings>,
    table: &'static Table,
}

impl RunningLab for Running {
    fn turned(&mut self, sim: &Sim, knob: KnobId) {
        let (owner, name) = self.table.owners[knob.0];
        let value = self.settings.values().values()[knob.0].clone();
        self.own.turn(owner, name, &value);
        let world = &self.world;
        match owner {
            Owner::System => {
                let place = system_knobs().iter().position(|knob| knob.name == name);
                match place.and_then(|place| Turned::of(KnobId(place))) {
                    Some(Turned::Load) => world.follow_load(),
                    Some(Turned::Network) => world.apply_network(),
                    None => {}
                }
            }
            Owner::Client(place) => world.clients[place].rate_was_turned(world),
            Owner::ClientCall(place, nth) => world.clients[place].call_turned(nth),
            Owner::Component(place) => sim.enter(|| world.components[place].turned(world)),
            Owner::ComponentCall(place, nth) => world.components[place].call_turned(nth),
            // They are looked at anew each time.
            Owner::Helper(..) => {}
        }
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let world = &self.world;
        if let Some((mishap, begins)) = self.table.mishap(action.name) {
            let (component, machine) = self.machine(u32::of(action));
            let what = sim.enter(|| component.befalls(world, &machine, mishap, begins));
            return Ok(Some(format!("{} {what}", component.name)));
        }
        let done = match Act::of(action) {
            Act::Crash(target) => {
                let (component, machine) = self.machine(target);
                component.fall(world, &machine, false);
                format!(
                    "{} {} dies with what it has",
                    component.name, machine.number
                )
            }
            Act::Down(target) => {
                let (component, machine) = self.machine(target);
                component.fall(world, &machine, true);
                format!("{} {} is down", component.name, machine.number)
            }
            Act::Up(target) => {
                let (component, machine) = self.machine(target);
                component.rise(world, &machine);
                return Ok(None);
            }
            Act::Slow((target, factor)) => {
                let (component, machine) = self.machine(target);
                machine.server.slow(factor);
                format!(
                    "{} {} takes {factor} times as long",
                    component.name, machine.number
                )
            }
            Act::Pause((target, span)) => {
                let (component, machine) = self.machine(target);
                sim.pause(machine.node, span);
                format!("{} {} stands still", component.name, machine.number)
            }
            Act::Cut(target) => {
                let (component, machine) = self.machine(target);
                sim.net().isolate(machine.node);
                format!("{} {} is cut off", component.name, machine.number)
            }
            Act::Heal(target) => {
                let (component, machine) = self.machine(target);
                sim.net().rejoin(machine.node);
                format!(
                    "{} {} is back on the network",
                    component.name, machine.number
                )
            }
            Act::Clock((target, rate)) => {
                let (component, machine) = self.machine(target);
                // It does not jump.
                let shown = i128::from(sim.node_now(machine.node).0);
                let offset = i64::try_from(shown - i128::from(sim.now().0)).unwrap_or(i64::MAX);
                sim.set_clock(machine.node, offset, rate);
                format!(
                    "the clock of {} {} runs {rate} times as fast",
                    component.name, machine.number
                )
            }
            Act::ZoneDown(number) => self.zone(number, true),
            Act::ZoneUp(number) => self.zone(number, false),
            Act::Crowd(times) => {
                world.crowd.set(times);
                world.follow_load();
                format!("all clients send {times} times as much")
            }
        };
        Ok(Some(done))
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        self.world
            .machines()
            .map(|(_, machine)| machine.target)
            .collect()
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.world, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.world.instruments
    }
}

impl Running {
    fn machine(&self, target: u32) -> (&Component, Rc<Machine>) {
        let found = self
            .world
            .machines()
            .find(|(_, machine)| machine.target == target);
        found.expect("the workbench lets through only numbers of machines that there are")
    }

    /// A zone falls or rises with its machines.
    fn zone(&self, number: f64, down: bool) -> String {
        let zones = crate::format::fault::ZONES;
        let zone = (number.round() as usize).clamp(1, zones.len()) - 1;
        let world = &self.world;
        world.zone_is_down(zone, down);
        for (component, machine) in world
            .machines()
            .filter(|(_, machine)| machine.zone == Some(zone))
        {
            if down {
                component.fall(world, &machine, true);
            } else {
                component.rise(world, &machine);
            }
        }
        format!(
            "zone {} is {}",
            zones[zone],
            if down { "down" } else { "back" }
        )
    }
}
