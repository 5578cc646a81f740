//! Sweeps: many seeds of one plan, with some knobs varied, added up.
//!
//! One run is one throw of the dice. A sweep says what all throws together come to, how far they lie
//! apart, and which of them broke what. What a run came to is a [`Row`]; rows can be kept, and totals are
//! computed from rows alone, always in the order of the runs. So shards that know nothing of each other,
//! on threads or on machines, are merged by joining their rows, to the very result of one sweep of all.
//!
//! No thread is here and no file: whoever has threads does run after run of the [`SweepPlan`] and gives
//! the row of each to [`Sweep::take`].
//!
//! - [`plan`]: what is to be run, as numbered runs; [`shard`]: parts of it; [`seeds`]: ranges of seeds;
//! - [`row`]: one run; [`outcome`]: what a point (a combination of varied knobs) came to; of a metric
//!   [`total`], of one figure of it [`spread`].

pub mod outcome;
pub mod plan;
pub mod row;
pub mod seeds;
pub mod shard;
pub mod spread;
#[cfg(test)]
mod tests;
pub mod total;

pub use outcome::Outcome;
pub use plan::{PlanError, SweepPlan};
pub use row::Row;
pub use shard::{Shard, ShardError};

/// A sweep as far as it has come. Its size does not grow with the seeds.
#[derive(Debug, Clone)]
pub struct Sweep {
    plan: SweepPlan,
    /// One a point, in their order.
    outcomes: Vec<Outcome>,
}

impl Sweep {
    /// Nothing of it done yet.
    pub fn new(plan: SweepPlan) -> Self {
        let outcome = Outcome::new(plan.base().lab.spec());
        Self {
            outcomes: vec![outcome; plan.points()],
            plan,
        }
    }

    pub fn plan(&self) -> &SweepPlan {
        &self.plan
    }

    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Takes in the next run. Rows come in the order of the runs, without a gap: sums of floats depend on
    /// their order.
    pub fn take(&mut self, row: &Row) {
        self.outcomes[row.point].take(row);
    }

    /// Runs that are in, failed ones too.
    pub fn done(&self) -> u64 {
        self.outcomes.iter().map(Outcome::runs).sum()
    }

    /// Runs that did not come to their end.
    pub fn failed(&self) -> u64 {
        let failed = self.outcomes.iter().map(|outcome| outcome.failed.count);
        failed.sum()
    }

    pub fn is_complete(&self) -> bool {
        self.done() == self.plan.runs()
    }

    /// Of all runs that are in.
    pub fn digest(&self) -> u64 {
        let points = self.outcomes.iter().map(|outcome| outcome.digest);
        points.fold(0, outcome::chain)
    }
}
