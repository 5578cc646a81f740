//! What must hold: the books of the lab, kept beside the queue and held against it.

use super::item::Item;
use super::table::Invariants;
use crate::workbench::instruments::Instruments;
use std::cell::Cell;

/// The lab's invariants and its books.
pub struct Checks {
    invariants: Invariants,
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
    pub fn new(instruments: &Instruments) -> Self {
        Self {
            invariants: Invariants::of(instruments),
            submitted: Cell::new(0),
            done: Cell::new(0),
            lost: Cell::new(0),
        }
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
    pub fn adds_up(&self, stock: Stock) {
        let (submitted, done, lost) = (self.submitted.get(), self.done.get(), self.lost.get());
        let found = done + lost + (stock.queued + stock.in_flight() + stock.dead) as u64;
        self.invariants.adds_up.check(submitted == found, || {
            format!(
                "{submitted} submitted, but {done} done, {} queued, {} in flight, {} dead, {lost} lost",
                stock.queued,
                stock.in_flight(),
                stock.dead
            )
        });
    }

    /// The queue accepts an acknowledgement that came after the work.
    pub fn late_ack(&self, item: &Item) {
        self.invariants.nothing_lost.check(item.effects() > 0, || {
            format!("item {} was acknowledged without its effect", item.number)
        });
    }

    /// An effect happens under a key, the `nth` under that key.
    pub fn keyed_effect(&self, item: &Item, nth: u32) {
        self.invariants.one_effect.check(nth == 1, || {
            format!("item {} has had {nth} effects", item.number)
        });
    }
}

fn bump(count: &Cell<u64>) -> u64 {
    count.set(count.get() + 1);
    count.get()
}
