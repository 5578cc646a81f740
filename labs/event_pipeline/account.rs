//! What a stage has done: its workers, and the account of what it got and what became of that.

use super::group::{Rebalance, assign};
use crate::engine::{self, Distribution, Purpose};
use crate::workbench::occupancy::Occupancy;
use std::cell::{Cell, RefCell};

/// A slow stage takes so many times as long.
pub const SLOWNESS: f64 = 10.0;

#[derive(Debug)]
pub struct Account {
    pub workers: Cell<usize>,
    readers: RefCell<Vec<usize>>,
    pub slow: Cell<bool>,
    /// Its process has died, and the job is not back yet.
    pub down: Cell<bool>,
    pub busy: Occupancy,
    /// Events that were brought to its buffer.
    pub brought: Cell<u64>,
    /// Events that its buffer dropped.
    pub dropped: Cell<u64>,
    /// Events that were lost with its buffer in a crash.
    lost: Cell<u64>,
    /// Events that a worker has taken.
    pub taken: Cell<u64>,
    pub handed_on: Cell<u64>,
    pub filtered: Cell<u64>,
    /// Events that were lost with its workers in a crash.
    lost_in_hand: Cell<u64>,
}

/// One more.
pub fn count(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

impl Account {
    pub fn new(lanes: usize, workers: usize) -> Self {
        Self {
            workers: Cell::new(workers),
            readers: RefCell::new(assign(lanes, workers, &[], Rebalance::Eager)),
            slow: Cell::new(false),
            down: Cell::new(false),
            busy: Occupancy::default(),
            brought: Cell::new(0),
            dropped: Cell::new(0),
            lost: Cell::new(0),
            taken: Cell::new(0),
            handed_on: Cell::new(0),
            filtered: Cell::new(0),
            lost_in_hand: Cell::new(0),
        }
    }

    /// The reader of each lane.
    pub fn readers(&self) -> Vec<usize> {
        self.readers.borrow().clone()
    }

    /// One worker more. Returns the readers from then on.
    pub fn add_worker(&self, rule: Rebalance) -> Vec<usize> {
        self.workers.set(self.workers.get() + 1);
        let before = self.readers();
        let after = assign(before.len(), self.workers.get(), &before, rule);
        after.clone_into(&mut self.readers.borrow_mut());
        after
    }

    /// Works on an event, with the luck of its number at this stage.
    pub async fn work(&self, takes: &Distribution, luck: Purpose, number: u64, stage: usize) {
        count(&self.taken);
        let _busy = self.busy.enter();
        let mut span = takes.sample(&mut luck.draw(&[number, stage as u64]));
        if self.slow.get() {
            span = span.mul_f64(SLOWNESS);
        }
        engine::sleep(span).await;
    }

    /// Whether all that it got is accounted for: `queued` in its buffer, `waiting` before it.
    pub fn adds_up(&self, queued: usize, waiting: usize) -> bool {
        let got = self.taken.get() + self.dropped.get() + self.lost.get();
        let before = self.brought.get() == got + (queued + waiting) as u64;
        let done = self.handed_on.get() + self.filtered.get() + self.lost_in_hand.get();
        before && self.taken.get() == done + self.busy.get() as u64
    }

    /// Its workers and its buffer have gone: what they had is lost.
    pub fn crashed(&self) {
        let got = self.taken.get() + self.dropped.get();
        self.lost.set(self.brought.get() - got);
        let done = self.handed_on.get() + self.filtered.get();
        self.lost_in_hand.set(self.taken.get() - done);
    }
}
