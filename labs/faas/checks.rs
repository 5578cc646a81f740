//! The books that what must hold is held against: kept by the lab, apart from the platform's own.

use super::table::Invariants;
use crate::workbench::instruments::Instruments;
use crate::workbench::ledger::Ledger;
use std::cell::Cell;
use std::time::Duration;

/// Calls in progress and events kept, at most: it bounds the memory of an overload.
const CALLS_MAX: usize = 100_000;

/// The lab's invariants and its books.
pub struct Checks {
    invariants: Invariants,
    /// Instances with a call, of all functions.
    in_use: Cell<usize>,
    /// How many there may be: the limit, or what was in use already when it was lowered.
    allowed: Cell<usize>,
    pub calls: Ledger,
}

impl Checks {
    pub fn new(instruments: &Instruments) -> Self {
        let invariants = Invariants::of(instruments);
        Self {
            in_use: Cell::new(0),
            allowed: Cell::new(0),
            calls: Ledger::new(&invariants.ends_once, CALLS_MAX),
            invariants,
        }
    }

    /// The limit of the account from now on. What runs may end.
    pub fn limit_is(&self, limit: usize) {
        self.allowed.set(limit.max(self.in_use.get()));
    }

    /// An instance gets its first call.
    pub fn in_use(&self) {
        let (in_use, allowed) = (self.in_use.get() + 1, self.allowed.get());
        self.in_use.set(in_use);
        let within = &self.invariants.within_the_limit;
        within.check(in_use <= allowed, || {
            format!("{in_use} instances are busy, and {allowed} may be")
        });
    }

    /// It has lost its last call.
    pub fn out_of_use(&self, limit: usize) {
        self.in_use.set(self.in_use.get() - 1);
        let allowed = self.allowed.get().min(self.in_use.get());
        self.allowed.set(limit.max(allowed));
    }

    pub fn is_billed(&self, ran: Duration, billed: Duration) {
        self.invariants.billed.check(ran <= billed, || {
            format!("an instance ran for {ran:?}, and {billed:?} are billed")
        });
    }
}
