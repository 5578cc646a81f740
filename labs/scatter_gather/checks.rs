//! What must hold, held against the truth by ways that share no code with the pattern.

use super::index::Index;
use super::pattern::{Completeness, Gathered};
use super::request::Request;
use crate::workbench::invariant::{Invariant, Log};
use std::cell::Cell;
use std::rc::Rc;

/// The invariants of the lab.
pub struct Checks {
    complete_is_true: Rc<Invariant>,
    partial_names_missing: Rc<Invariant>,
    hedges_in_budget: Rc<Invariant>,
    hedges: Cell<u64>,
    /// Hedges that the budget has allowed so far.
    hedges_allowed: Cell<f64>,
}

impl Checks {
    pub fn new() -> Self {
        let invariant = |name| Rc::new(Invariant::new(name));
        Self {
            complete_is_true: invariant(
                "a complete answer equals that of one index over all documents",
            ),
            partial_names_missing: invariant("a partial answer says which leaves are missing"),
            hedges_in_budget: invariant("hedges stay within the budget"),
            hedges: Cell::new(0),
            hedges_allowed: Cell::new(0.0),
        }
    }

    pub fn all(&self) -> Vec<Rc<Invariant>> {
        let all = [
            &self.complete_is_true,
            &self.partial_names_missing,
            &self.hedges_in_budget,
        ];
        all.map(Rc::clone).to_vec()
    }

    /// An answer, just before it is given.
    pub fn answer(&self, request: &Request, gathered: &Gathered, index: &Index, log: Log<'_>) {
        let mut missing = vec![false; index.leaves()];
        for one in &gathered.missing {
            missing[one.leaf] = true;
        }
        let is_true = gathered.top == index.truth(request.query, |leaf| !missing[leaf]);
        if gathered.completeness() == Completeness::Complete {
            log.check(&self.complete_is_true, is_true, || {
                culprit(request, "its top ten is not that of one index")
            });
        } else {
            // A leaf is missing exactly when none of its answers has come back.
            let named = (0..missing.len()).all(|leaf| missing[leaf] != request.has_answered(leaf));
            log.check(&self.partial_names_missing, named && is_true, || {
                culprit(request, "what it lacks is not what it says")
            });
        }
    }

    /// A first copy goes out under the policy hedge: it earns a share of one hedge.
    pub fn first_copy(&self, budget: f64) {
        self.hedges_allowed.set(self.hedges_allowed.get() + budget);
    }

    /// A second copy goes out under the policy hedge.
    pub fn hedge(&self, request: &Request, log: Log<'_>) {
        self.hedges.set(self.hedges.get() + 1);
        let (hedges, allowed) = (self.hedges.get(), self.hedges_allowed.get());
        // Sums of shares such as 0.05 gather dust far behind the point.
        log.check(
            &self.hedges_in_budget,
            hedges as f64 <= allowed + 1e-6,
            || {
                culprit(
                    request,
                    &format!("it sent hedge {hedges}, the budget allowed {allowed:.1}"),
                )
            },
        );
    }
}

fn culprit(request: &Request, what: &str) -> String {
    format!(
        "request {} ({}): {what}",
        request.number,
        request.query.text()
    )
}
