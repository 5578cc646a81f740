//! The books that what must hold is held against.

use super::table::Invariants;
use crate::workbench::instruments::Instruments;
use std::cell::Cell;

/// The lab's invariants and its books.
pub struct Checks {
    invariants: Invariants,
    came: Cell<u64>,
    ended: Cell<u64>,
}

impl Checks {
    pub fn new(instruments: &Instruments) -> Self {
        Self {
            invariants: Invariants::of(instruments),
            came: Cell::new(0),
            ended: Cell::new(0),
        }
    }

    pub fn sent(&self, replica: u32, can_serve: bool) {
        self.invariants.only_to_the_ready.check(can_serve, || {
            format!("replica {replica} was sent a request while it was starting")
        });
    }

    /// A request was dropped by a stop with `drain` on.
    pub fn dropped(&self, replica: u32, could_end: bool) {
        self.invariants.nothing_dropped.check(!could_end, || {
            format!("replica {replica} dropped a request that had time enough")
        });
    }

    pub fn evicted(&self, ready: usize, least: usize) {
        self.invariants.budget.check(ready >= least, || {
            format!("an eviction left {ready} ready, and {least} must be")
        });
    }

    pub fn came(&self) {
        self.came.set(self.came.get() + 1);
    }

    /// A request has ended, so many are still in progress.
    pub fn ended(&self, in_progress: usize) {
        self.ended.set(self.ended.get() + 1);
        let (came, ended) = (self.came.get(), self.ended.get());
        let holds = came == ended + in_progress as u64;
        self.invariants.ends_once.check(holds, || {
            format!("{came} came, {ended} ended, {in_progress} are in progress")
        });
    }
}
