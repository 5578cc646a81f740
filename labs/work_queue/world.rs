//! What all rooms of the lab share: the simulator, the nodes, the settings, the instruments.

use super::checks::Checks;
use super::table::{Knobs, QueueMeters, SPEC};
use crate::engine::{Handle, Link, NodeId, SimTime};
use crate::workbench::instruments::Instruments;
use crate::workbench::workload::Rate;
use std::rc::Rc;
use std::time::Duration;

/// What the lab does wrong on purpose, for the tests of its invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    Nothing,
    /// The queue loses some items that it has taken in.
    DropItems,
    /// The store lets the effect of a key happen again.
    ForgetKeys,
    /// Workers acknowledge some items whose effect they left out.
    SkipEffects,
}

pub struct World {
    pub sim: Handle,
    pub source: NodeId,
    pub queue: NodeId,
    pub store: NodeId,
    pub meters: Rc<QueueMeters>,
    pub checks: Checks,
    pub instruments: Rc<Instruments>,
    pub rate: Rate,
    pub knobs: Rc<Knobs>,
    pub tamper: Tamper,
}

impl World {
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        let world = Self {
            source: sim.add_server("source"),
            queue: sim.add_server("queue"),
            store: sim.add_server("store"),
            sim: sim.clone(),
            meters: QueueMeters::of(&instruments.meters),
            checks: Checks::new(&instruments),
            instruments,
            rate: Rate::new(&knobs.arrival_rps, &knobs.arrivals),
            knobs: Rc::clone(knobs),
            tamper,
        };
        world.apply_network();
        Rc::new(world)
    }

    pub fn apply_network(&self) {
        let link = Link::new(self.knobs.network.borrow().clone());
        self.sim.net().set_default_link(link);
    }

    /// By the handle: some rooms are left while their simulation is taken down.
    pub fn now(&self) -> SimTime {
        self.sim.now()
    }

    /// The same as the pattern counts it.
    pub fn clock(&self) -> Duration {
        self.now().into()
    }
}
