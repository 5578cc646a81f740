//! What must hold, and where it is checked.

use super::table::Invariants;
use crate::workbench::instruments::Instruments;
use crate::workbench::ledger::Ledger;
use std::time::Duration;

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

    pub fn lines(&self, written: u64, shipped: u64, waiting: u64, lost: u64) {
        let holds = written == shipped + waiting + lost;
        self.invariants.lines_add_up.check(holds, || {
            format!("{written} written, {shipped} shipped, {waiting} waiting, {lost} lost")
        });
    }

    /// The application has written a line, after a wait.
    pub fn wrote(&self, waited: Duration, was_full: bool) {
        let holds = waited.is_zero() || was_full;
        self.invariants.never_slowed.check(holds, || {
            format!("a line waited for {waited:?}, and there was room")
        });
    }

    pub fn request_came(&self, encrypted: bool, must_be: bool) {
        self.invariants
            .nothing_in_plain
            .check(encrypted || !must_be, || {
                "a request reached the application in plain text".to_owned()
            });
    }

    /// A pod has ended that was told to, with all of its sidecars and within its grace period.
    pub fn ended_clean(&self, lost: u64) {
        self.invariants.clean_stop.check(lost == 0, || {
            format!("{lost} lines were lost in a clean stop")
        });
    }
}
