//! What must hold, and where it is checked.

use super::table::Invariants;
use crate::workbench::instruments::Instruments;
use crate::workbench::ledger::Ledger;

/// Requests in progress, at most: it bounds the memory of an overload.
const REQUESTS_MAX: usize = 50_000;

pub struct Checks {
    invariants: Invariants,
    pub requests: Ledger,
}

impl Checks {
    pub fn new(instruments: &Instruments) -> Self {
        let invariants = Invariants::of(instruments);
        Self {
            requests: Ledger::new(&invariants.ends_once, REQUESTS_MAX),
            invariants,
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
}
