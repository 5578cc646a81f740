//! What all rooms of a running design share: the simulator, the parts, the instruments.

use super::checks::Checks;
use super::client::Client;
use super::component::{Component, Edge};
use super::lots::Lots;
use super::machine::Machine;
use super::spec::{Knobs, Owner, Table};
use super::work::Start;
use crate::format::{self, Design};
use crate::kind::call;
use ddlab_labs::engine::{Handle, Link, SimTime, Stream};
use ddlab_labs::workbench::instruments::Instruments;
use ddlab_labs::workbench::knob::{KnobSettings, Settings};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is done wrong on purpose, for the tests of the invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    Nothing,
    /// Some requests are never heard of again.
    LoseRequests,
    /// Some calls are not written down when they end.
    ForgetCalls,
    /// Requests that die with their machine are not counted.
    ForgetTheDead,
    /// Some slots are never given back.
    LeakSlots,
    /// Some items of queues are never handed out, and not written down.
    LoseItems,
    /// Roots send three times as many hedges as their budget allows.
    OverspendHedges,
    /// Callers know of no budget.
    IgnoreBudget,
    /// Functions may have twice as many busy instances as they should.
    IgnoreLimit,
    /// Fences let everybody in.
    LeakyFence,
    /// Pipelines lose some events and tell nobody.
    LoseEvents,
    /// The coordinator of a batch forgets a task of each stage.
    ForgetTasks,
    /// Some lines of a log are nowhere.
    LoseLines,
    /// Monitors count a counter on from where it was.
    AddOn,
    /// The store of some lots keeps their first bid, and no higher one.
    ForgetBids,
    /// Some lots are closed twice.
    CloseTwice,
    /// Sellers are paid a cent less than they should be.
    LoseCents,
}

/// What the parts are made with.
pub struct Base {
    pub sim: Handle,
    pub instruments: Rc<Instruments>,
    pub checks: Checks,
    pub tamper: Tamper,
    /// The lots of an auction.
    pub lots: Option<Rc<Lots>>,
}

pub struct World {
    pub sim: Handle,
    pub clients: Vec<Rc<Client>>,
    pub components: Vec<Component>,
    pub instruments: Rc<Instruments>,
    pub checks: Checks,
    pub knobs: Rc<Knobs>,
    pub tamper: Tamper,
    pub dice: RefCell<Stream>,
    /// So many times the load, by an action.
    pub crowd: Cell<f64>,
    zones_down: Cell<[bool; format::fault::ZONES.len()]>,
    next_target: Cell<u32>,
}

/// The settings of each owner, with the values that the run has.
pub struct Own(BTreeMap<Owner, Rc<Settings>>);

impl Own {
    pub fn of(design: &Design, table: &Table, all: &Settings) -> Self {
        let mut own = Self(BTreeMap::new());
        let mut add = |owner, settings: &KnobSettings| {
            own.0.insert(owner, Settings::new(settings.clone()));
        };
        add(
            Owner::System,
            &KnobSettings::defaults(super::system_knobs()),
        );
        for (place, client) in design.clients.iter().enumerate() {
            add(Owner::Client(place), &client.settings);
            for (nth, edge) in client.calls.iter().enumerate() {
                add(Owner::ClientCall(place, nth), &edge.settings);
            }
        }
        for (place, component) in design.components.iter().enumerate() {
            add(Owner::Component(place), &component.settings);
            for (nth, helped) in component.helpers.iter().enumerate() {
                add(Owner::Helper(place, nth), &helped.settings);
            }
            for (nth, edge) in component.calls.iter().enumerate() {
                add(Owner::ComponentCall(place, nth), &edge.settings);
            }
        }
        let values = all.values();
        for ((owner, name), value) in table.owners.iter().zip(values.values()) {
            own.turn(*owner, name, value);
        }
        own
    }

    pub fn turn(&self, owner: Owner, name: &str, value: &ddlab_labs::workbench::knob::KnobValue) {
        let turned = self.0[&owner].turn(name, value);
        debug_assert!(turned.is_ok(), "it has passed the check of the same knob");
    }
}

impl World {
    pub fn build(
        sim: &Handle,
        design: &Design,
        table: &'static Table,
        own: &Own,
        tamper: Tamper,
    ) -> Rc<Self> {
        let instruments = Instruments::new(sim, &table.spec);
        let checks = Checks::new(&instruments);
        let base = Base {
            sim: sim.clone(),
            lots: Lots::of(design, sim, &instruments, tamper),
            instruments,
            checks,
            tamper,
        };
        let edges = |from: &str, calls: &[format::Edge], owner: &dyn Fn(usize) -> Owner| {
            let edge = |(nth, edge): (usize, &format::Edge)| Edge {
                to: edge.to,
                name: format!("{from} calls {}", design.components[edge.to].name).into(),
                knobs: call::Knobs::of(&own.0[&owner(nth)]),
            };
            calls.iter().enumerate().map(edge).collect::<Vec<_>>()
        };
        let clients = design.clients.iter().enumerate().map(|(place, client)| {
            let calls = edges(&client.name, &client.calls, &|nth| {
                Owner::ClientCall(place, nth)
            });
            Client::new(&base, client, &own.0[&Owner::Client(place)], calls)
        });
        let clients = clients.collect();
        let mut target = 1;
        let components = design
            .components
            .iter()
            .enumerate()
            .map(|(place, component)| {
                let calls = edges(&component.name, &component.calls, &|nth| {
                    Owner::ComponentCall(place, nth)
                });
                let helpers = component.helpers.iter().enumerate();
                let helpers = helpers.map(|(nth, helped)| {
                    let own = &own.0[&Owner::Helper(place, nth)];
                    let runs = helped.helper.start(&base, &component.name, own);
                    (helped.helper, runs)
                });
                let start = Start {
                    base: &base,
                    component,
                    own: &own.0[&Owner::Component(place)],
                    helpers: helpers.collect(),
                };
                let built = Component::new(start, place, calls, target);
                target += built.machines().len() as u32;
                built
            });
        let components: Vec<Component> = components.collect();
        let world = Rc::new(Self {
            sim: sim.clone(),
            clients,
            components,
            instruments: base.instruments,
            checks: base.checks,
            knobs: Knobs::of(&own.0[&Owner::System]),
            tamper,
            dice: RefCell::new(sim.stream("dice")),
            crowd: Cell::new(1.0),
            zones_down: Cell::default(),
            next_target: Cell::new(target),
        });
        world.apply_network();
        world
            .components
            .iter()
            .for_each(|component| component.open(&world));
        world
            .components
            .iter()
            .for_each(|component| component.opened(&world));
        world.clients.iter().for_each(|client| client.open(&world));
        world
    }

    pub fn apply_network(&self) {
        let network = self.knobs.network.borrow().clone();
        self.sim.net().set_default_link(Link::new(network));
    }

    /// How many times their rate the clients send.
    pub fn load(&self) -> f64 {
        self.knobs.load.get() * self.crowd.get()
    }

    pub fn follow_load(&self) {
        self.clients
            .iter()
            .for_each(|client| client.rate_was_turned(self));
    }

    /// All machines with their components.
    pub fn machines(&self) -> impl Iterator<Item = (&Component, Rc<Machine>)> {
        self.components.iter().flat_map(|component| {
            let machines = component.machines().clone().into_iter();
            machines.map(move |machine| (component, machine))
        })
    }

    /// The number of a machine that comes to those that there are.
    pub fn next_target(&self) -> u32 {
        let target = self.next_target.get();
        self.next_target.set(target + 1);
        target
    }

    pub fn is_zone_down(&self, zone: usize) -> bool {
        self.zones_down.get()[zone]
    }

    pub fn zone_is_down(&self, zone: usize, down: bool) {
        let mut zones = self.zones_down.get();
        zones[zone] = down;
        self.zones_down.set(zones);
    }

    /// By the handle: some rooms are left while their simulation is taken down.
    pub fn now(&self) -> SimTime {
        self.sim.now()
    }

    pub fn info(&self, text: impl Into<String>) {
        self.instruments.journal.info(self.now(), text);
    }

    pub fn warn(&self, text: impl Into<String>) {
        self.instruments.journal.warn(self.now(), text);
    }
}
