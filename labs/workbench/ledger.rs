//! The books of a load: every request that has come is in progress or has ended, and only so many may be in
//! progress, so that an overload of hours takes no more than that.

use super::invariant::Invariant;
use super::journal::{Journal, Overload};
use super::outside::NUMBERS_FROM;
use super::workload::ALIVE_MAX;
use crate::engine::{Handle, SimTime};
use std::cell::Cell;
use std::rc::Rc;

#[derive(Debug)]
pub struct Ledger {
    adds_up: Rc<Invariant>,
    in_progress_max: usize,
    came: Cell<u64>,
    came_from_outside: Cell<u64>,
    ended: Cell<u64>,
    in_progress: Cell<usize>,
    overload: Overload,
}

impl Ledger {
    /// `adds_up` is checked whenever a request ends.
    pub fn new(adds_up: &Rc<Invariant>, in_progress_max: usize) -> Self {
        Self {
            adds_up: Rc::clone(adds_up),
            in_progress_max,
            came: Cell::new(0),
            came_from_outside: Cell::new(0),
            ended: Cell::new(0),
            in_progress: Cell::new(0),
            overload: Overload::default(),
        }
    }

    /// Another request of the workload. Returns its number, counted from 1.
    pub fn comes(&self) -> u64 {
        self.came.set(self.came.get() + 1);
        self.came.get()
    }

    /// The number of another request from outside, which these books do not count: see [`NUMBERS_FROM`].
    pub fn number_from_outside(&self) -> u64 {
        self.came_from_outside.set(self.came_from_outside.get() + 1);
        NUMBERS_FROM + self.came_from_outside.get()
    }

    /// Requests of the workload so far.
    pub fn came(&self) -> u64 {
        self.came.get()
    }

    pub fn in_progress(&self) -> usize {
        self.in_progress.get()
    }

    /// Whether the request that has come can be begun.
    pub fn has_room(&self, sim: &Handle) -> bool {
        self.in_progress.get() < self.in_progress_max && sim.alive() < ALIVE_MAX
    }

    pub fn begins(&self) {
        self.in_progress.set(self.in_progress.get() + 1);
    }

    /// One that had begun has ended.
    pub fn ends(&self) {
        self.in_progress.set(self.in_progress.get() - 1);
        self.close_one();
    }

    /// One has ended before it began. `overload` says for the journal how it stands.
    pub fn turns_away(&self, now: SimTime, journal: &Journal, overload: impl FnOnce() -> String) {
        self.close_one();
        self.overload.say(now, journal, overload);
    }

    fn close_one(&self) {
        self.ended.set(self.ended.get() + 1);
        let (came, ended, in_progress) = (
            self.came.get(),
            self.ended.get(),
            self.in_progress.get() as u64,
        );
        self.adds_up.check(came == ended + in_progress, || {
            format!("{came} came, {ended} ended, {in_progress} are in progress")
        });
    }
}
