//! Who takes itself to be the owner. The store can say who holds the lease; this only the candidates know.

use super::LeaseMeters;
use ddlab_labs::engine::{Handle, SimTime};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub struct Beliefs {
    sim: Handle,
    /// By candidate.
    believes: RefCell<Vec<bool>>,
    ownerships: Cell<u64>,
    /// Up to where split brain and ownerless time have been counted.
    counted: Cell<SimTime>,
    /// What did not make a whole millisecond yet: split brain, ownerless.
    rest_ns: Cell<[u64; 2]>,
    meters: Rc<LeaseMeters>,
}

impl Beliefs {
    pub fn new(sim: &Handle, candidates: usize, meters: &Rc<LeaseMeters>) -> Rc<Self> {
        Rc::new(Self {
            sim: sim.clone(),
            believes: RefCell::new(vec![false; candidates]),
            ownerships: Cell::new(0),
            counted: Cell::new(SimTime::ZERO),
            rest_ns: Cell::default(),
            meters: Rc::clone(meters),
        })
    }

    /// From now until the guard is dropped this candidate believes to be the owner. Returns which ownership of the run
    /// it is.
    pub fn begins(self: &Rc<Self>, candidate: usize) -> (u64, Believing) {
        self.turns(candidate, true);
        let ownership = self.ownerships.get() + 1;
        self.ownerships.set(ownership);
        self.meters.elections_total.increment();
        let beliefs = Rc::clone(self);
        (ownership, Believing { beliefs, candidate })
    }

    /// Whether this candidate takes itself to be the owner.
    pub fn believes(&self, candidate: usize) -> bool {
        self.believes.borrow()[candidate]
    }

    fn turns(&self, candidate: usize, believes: bool) {
        self.settle();
        self.believes.borrow_mut()[candidate] = believes;
        let believers = self.believers() as f64;
        self.meters.believers.set(believers, self.sim.now());
    }

    fn believers(&self) -> usize {
        self.believes.borrow().iter().filter(|it| **it).count()
    }

    /// Counts the time since the last look.
    pub fn settle(&self) {
        let now = self.sim.now();
        let passed = now.0 - self.counted.replace(now).0;
        let [mut split, mut none] = self.rest_ns.get();
        match self.believers() {
            0 => none += passed,
            1 => {}
            _ => split += passed,
        }
        self.meters.split_brain_ms_total.add(split / 1_000_000);
        self.meters.ownerless_ms_total.add(none / 1_000_000);
        self.rest_ns.set([split % 1_000_000, none % 1_000_000]);
    }
}

/// A candidate believes to be the owner.
pub struct Believing {
    beliefs: Rc<Beliefs>,
    candidate: usize,
}

impl Drop for Believing {
    fn drop(&mut self) {
        self.beliefs.turns(self.candidate, false);
    }
}
