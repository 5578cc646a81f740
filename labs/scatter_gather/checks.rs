//! What must hold, held against the truth by ways that share no code with the pattern.

use super::index::Index;
use super::pattern::{Completeness, Gathered};
use super::request::Request;
use super::table::Invariants;
use crate::workbench::instruments::Instruments;
use std::cell::Cell;

/// The invariants of the lab, and what they go by.
pub struct Checks {
    invariants: Invariants,
    hedges: Cell<u64>,
    /// Hedges that the budget has allowed so far.
    hedges_allowed: Cell<f64>,
}

impl Checks {
    pub fn new(instruments: &Instruments) -> Self {
        Self {
            invariants: Invariants::of(instruments),
            hedges: Cell::new(0),
            hedges_allowed: Cell::new(0.0),
        }
    }

    /// An answer, just before it is given.
    pub fn answer(&self, request: &Request, gathered: &Gathered, index: &Index) {
        let mut missing = vec![false; index.leaves()];
        for one in &gathered.missing {
            missing[one.leaf] = true;
        }
        let is_true = gathered.top == index.truth(request.query, |leaf| !missing[leaf]);
        if gathered.completeness() == Completeness::Complete {
            self.invariants.complete_is_true.check(is_true, || {
                culprit(request, "its top ten is not that of one index")
            });
        } else {
            // A leaf is missing exactly when none of its answers has come back.
            let named = (0..missing.len()).all(|leaf| missing[leaf] != request.has_answered(leaf));
            self.invariants
                .partial_names_missing
                .check(named && is_true, || {
                    culprit(request, "what it lacks is not what it says")
                });
        }
    }

    /// A first copy goes out under the policy hedge: it earns a share of one hedge.
    pub fn first_copy(&self, budget: f64) {
        self.hedges_allowed.set(self.hedges_allowed.get() + budget);
    }

    /// A second copy goes out under the policy hedge.
    pub fn hedge(&self, request: &Request) {
        self.hedges.set(self.hedges.get() + 1);
        let (hedges, allowed) = (self.hedges.get(), self.hedges_allowed.get());
        // Sums of shares such as 0.05 gather dust far behind the point.
        let holds = hedges as f64 <= allowed + 1e-6;
        self.invariants.hedges_in_budget.check(holds, || {
            let what = format!("it sent hedge {hedges}, the budget allowed {allowed:.1}");
            culprit(request, &what)
        });
    }
}

fn culprit(request: &Request, what: &str) -> String {
    let (number, query) = (request.number, request.query.text());
    format!("request {number} ({query}): {what}")
}
