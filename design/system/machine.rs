//! A machine of a component: its line and its slots, and how it fares.

use super::call::Caller;
use ddlab_labs::engine::{Handle, NodeId, Server};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Up,
    /// Its process died and is on its way back.
    Starting,
    /// It stays down until somebody brings it up.
    Down,
    /// It is not needed any more: it finishes what it has.
    Leaving,
    /// It is not there, and may be started when it is needed again.
    Out,
}

pub struct Machine {
    /// Within its component, from 1.
    pub number: u32,
    /// Among all machines of the design, from 1: what actions are aimed at.
    pub target: u32,
    /// From 0. None belongs to somebody who runs it in all zones.
    pub zone: Option<usize>,
    pub node: NodeId,
    pub server: Server,
    pub standing: Cell<Standing>,
    /// Raised whenever it falls or rises: what was planned for it before is void.
    pub life: Cell<u64>,
    /// One for each call that it makes; new ones after a restart, which remember nothing.
    pub callers: RefCell<Rc<[Caller]>>,
    /// Slot seconds in use at the last look, and at the last whole second.
    pub busy_at_look: Cell<f64>,
    pub busy_at_second: Cell<f64>,
    /// Share of its slots at work in the last whole second; 0 without slots.
    pub load: Cell<f64>,
}

/// The zone of the machine of this number, from 1: they are spread over all in turn.
pub fn zone_of(number: u32) -> usize {
    (number as usize - 1) % crate::format::fault::ZONES.len()
}

impl Machine {
    pub fn new(
        sim: &Handle,
        name: &str,
        number: u32,
        target: u32,
        zone: Option<usize>,
        slots: Option<usize>,
    ) -> Rc<Self> {
        Rc::new(Self {
            number,
            target,
            zone,
            node: sim.add_server(&format!("{name} {number}")),
            server: Server::new(slots),
            standing: Cell::new(Standing::Up),
            life: Cell::new(0),
            callers: RefCell::new(Rc::new([])),
            busy_at_look: Cell::new(0.0),
            busy_at_second: Cell::new(0.0),
            load: Cell::new(0.0),
        })
    }

    /// It was not needed any more, and has finished.
    pub fn has_left(&self) {
        if self.standing.get() == Standing::Leaving {
            self.turn(Standing::Out);
        }
    }

    /// It is there, or will be by itself or by somebody: it has not left, and is not about to.
    pub fn stays(&self) -> bool {
        !matches!(self.standing.get(), Standing::Leaving | Standing::Out)
    }

    pub fn is_up(&self) -> bool {
        self.standing.get() == Standing::Up
    }

    /// What it stands as from now on; returns the number of this life.
    pub fn turn(&self, standing: Standing) -> u64 {
        self.standing.set(standing);
        self.life.set(self.life.get() + 1);
        self.life.get()
    }

    pub fn is_slow(&self) -> bool {
        (self.server.factor() - 1.0).abs() > 1e-9
    }
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "machine {}", self.target)
    }
}
