//! The knobs of the group *policy*, as the pattern's own types.

use super::pattern::{Copies, HedgeAfter, Hedging, Policy};
use super::table::Knobs;
use crate::choices;
use crate::workbench::knob::Or;
use std::time::Duration;

choices! {
    pub enum PolicyName { WaitAll, Hedge, Redundant, Tied }

    /// The replicas of a leaf that a fault hits.
    pub enum FaultsHit { One, All }

    /// Of what leaves took of late.
    pub enum Quantile { P50, P75, P90, P95, P99 }
}

impl Quantile {
    const fn share(self) -> f64 {
        [0.5, 0.75, 0.9, 0.95, 0.99][self as usize]
    }
}

impl Knobs {
    /// The pattern's policy, but with so many times the budget of hedges.
    pub fn pattern_policy(&self, overspend: f64) -> Policy {
        Policy {
            copies: self.pattern_copies(overspend),
            deadline: self.deadline.get(),
            enough: self.quorum.get(),
        }
    }

    fn pattern_copies(&self, overspend: f64) -> Copies {
        match self.policy.get() {
            PolicyName::WaitAll => Copies::One,
            PolicyName::Hedge => Copies::Hedged(Hedging::new(
                match self.hedge_after.get() {
                    Or::Value(delay) => HedgeAfter::Delay(delay),
                    Or::Word(quantile) => HedgeAfter::Quantile(quantile.share()),
                },
                overspend * self.hedge_budget.get(),
            )),
            PolicyName::Redundant => Copies::Redundant(self.copies.get()),
            PolicyName::Tied => {
                // Twice the way to the twin: sooner, and both may start before either has heard of the other.
                let way = self.network.borrow().mean();
                Copies::Tied(2 * way.unwrap_or(Duration::from_millis(1)))
            }
        }
    }

    /// The share of extra calls that a request may add; none unless it is hedged.
    pub fn budget_of_hedges(&self) -> Option<f64> {
        (self.policy.get() == PolicyName::Hedge).then(|| self.hedge_budget.get())
    }
}
