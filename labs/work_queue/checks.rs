//! What must hold: the books of the lab, kept beside the queue and held against it.

use super::item::Item;
use super::world::World;
use crate::workbench::invariant::{Invariant, Log};
use std::cell::Cell;
use std::rc::Rc;

/// The lab's invariants and its books.
pub struct Checks {
    adds_up: Rc<Invariant>,
    nothing_lost: Rc<Invariant>,
    one_effect: Rc<Invariant>,
    submitted: Cell<u64>,
    done: Cell<u64>,
    lost: Cell<u64>,
}

/// What there is at one moment, counted where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    pub queued: usize,
    pub leased: usize,
    /// In the hands of workers, and forgotten by the queue.
    pub acknowledged_early: usize,
    pub dead: usize,
}

impl Stock {
    pub fn in_flight(self) -> usize {
        self.leased + self.acknowledged_early
    }
}

impl Checks {
    pub fn new() -> Self {
        let invariant = |name| Rc::new(Invariant::new(name));
        Self {
            adds_up: invariant("submitted = done + queued + in flight + dead-lettered + lost"),
            nothing_lost: invariant("with late ack and a dead-letter queue nothing is lost"),
            one_effect: invariant("with an idempotency key each item has one effect"),
            submitted: Cell::new(0),
            done: Cell::new(0),
            lost: Cell::new(0),
        }
    }

    pub fn all(&self) -> Vec<Rc<Invariant>> {
        [&self.adds_up, &self.nothing_lost, &self.one_effect]
            .map(Rc::clone)
            .to_vec()
    }

    pub fn is_submitted(&self) -> u64 {
        bump(&self.submitted)
    }

    pub fn is_done(&self) {
        bump(&self.done);
    }

    pub fn is_lost(&self) {
        bump(&self.lost);
    }

    /// Holds the books against what lies in the lab.
    pub fn adds_up(&self, world: &World, stock: Stock) {
        let (submitted, done, lost) = (self.submitted.get(), self.done.get(), self.lost.get());
        let found = done + lost + (stock.queued + stock.in_flight() + stock.dead) as u64;
        tell(world, &self.adds_up, submitted == found, || {
            format!(
                "{submitted} submitted, but {done} done, {} queued, {} in flight, {} dead, {lost} lost",
                stock.queued,
                stock.in_flight(),
                stock.dead
            )
        });
    }

    /// The queue accepts an acknowledgement that came after the work.
    pub fn late_ack(&self, world: &World, item: &Item) {
        tell(world, &self.nothing_lost, item.effects() > 0, || {
            format!("item {} was acknowledged without its effect", item.number)
        });
    }

    /// An effect happens under a key, the `nth` under that key.
    pub fn keyed_effect(&self, world: &World, item: &Item, nth: u32) {
        tell(world, &self.one_effect, nth == 1, || {
            format!("item {} has had {nth} effects", item.number)
        });
    }
}

fn bump(count: &Cell<u64>) -> u64 {
    count.set(count.get() + 1);
    count.get()
}

fn tell(world: &World, invariant: &Invariant, holds: bool, culprit: impl FnOnce() -> String) {
    let log = Log {
        journal: &world.instruments.journal,
        now: world.now(),
    };
    log.check(invariant, holds, culprit);
}
