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
    pub const fn share(self) -> f64 {
        [0.5, 0.75, 0.9, 0.95, 0.99][self as usize]
    }
}

impl PolicyName {
    /// The copies that it asks: a hedge `after` this time within its `budget`, so many `redundant` ones, or tied ones
    /// where a message takes its `way`.
    pub fn copies(
        self,
        after: Or<Duration, Quantile>,
        budget: f64,
        redundant: usize,
        way: Option<Duration>,
    ) -> Copies {
        match self {
            Self::WaitAll => Copies::One,
            Self::Hedge => {
                let after = match after {
                    Or::Value(delay) => HedgeAfter::Delay(delay),
                    Or::Word(quantile) => HedgeAfter::Quantile(quantile.share()),
                };
                Copies::Hedged(Hedging::new(after, budget))
            }
            Self::Redundant => Copies::Redundant(redundant),
            // Twice the way to the twin: sooner, and both may start before either has heard of the other.
            Self::Tied => Copies::Tied(2 * way.unwrap_or(Duration::from_millis(1))),
        }
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
        let budget = overspend * self.hedge_budget.get();
        let (after, copies) = (self.hedge_after.get(), self.copies.get());
        let way = self.network.borrow().mean();
        self.policy.get().copies(after, budget, copies, way)
    }

    /// The share of extra calls that a request may add; none unless it is hedged.
    pub fn budget_of_hedges(&self) -> Option<f64> {
        (self.policy.get() == PolicyName::Hedge).then(|| self.hedge_budget.get())
    }
}
