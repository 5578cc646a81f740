//! What all rooms of the lab share: the simulator, the settings, the instruments.

use super::checks::Checks;
use super::table::{Knobs, ReplicatedMeters, SPEC};
use crate::engine::{Handle, SimTime};
use crate::workbench::instruments::Instruments;
use std::cell::Cell;
use std::rc::Rc;

/// What the lab does wrong on purpose, for the tests of its invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    Nothing,
    /// Replicas are announced to the balancer before they can serve.
    AnnounceEarly,
    /// A replica that drains is killed as soon as it takes no more.
    CutTheDrain,
    /// Evictions ask nobody.
    IgnoreBudget,
    /// Some requests are never heard of again.
    LoseRequests,
}

pub struct World {
    pub sim: Handle,
    pub meters: Rc<ReplicatedMeters>,
    pub checks: Checks,
    pub instruments: Rc<Instruments>,
    pub knobs: Rc<Knobs>,
    pub tamper: Tamper,
    pub database_up: Cell<bool>,
}

impl World {
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        Rc::new(Self {
            sim: sim.clone(),
            meters: ReplicatedMeters::of(&instruments.meters),
            checks: Checks::new(&instruments),
            instruments,
            knobs: Rc::clone(knobs),
            tamper,
            database_up: Cell::new(true),
        })
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
