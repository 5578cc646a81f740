//! Sweeps: many seeds of one plan, with some knobs varied, added up.
//!
//! One run is one throw of the dice. A sweep says what all throws together come to, how far they lie
//! apart, and which of them broke what. It can be cut into shards that know nothing of each other, on
//! threads or on machines, and what they come to is merged, in any order, to the very result of one
//! sweep of all: no figure is rounded on the way, and nothing is kept that grows with the seeds.
//!
//! No thread is here and no file: whoever has threads takes run after run of the [`SweepPlan`] and
//! gives each to [`Sweep::take`].
//!
//! - [`plan`]: what is to be run, as numbered runs; [`shard`]: parts of it; [`seeds`]: ranges of seeds;
//! - [`outcome`]: what a point (a combination of varied knobs) came to; of a metric [`total`], of one
//!   figure of it [`spread`], of what went wrong [`firsts`];
//! - [`exact`]: sums that no order of adding changes.

pub mod exact;
pub mod firsts;
pub mod outcome;
pub mod plan;
pub mod seeds;
pub mod shard;
pub mod spread;
#[cfg(test)]
mod tests;
pub mod total;

pub use outcome::Outcome;
pub use plan::{PlanError, SweepPlan};
pub use shard::{Shard, ShardError};

use super::headless::Report;
use outcome::{Mismatch, SweepDigest};
use seeds::Twice;
use std::ops::Range;

/// A sweep as far as it has come.
#[derive(Debug, Clone)]
pub struct Sweep {
    plan: SweepPlan,
    /// One a point, in their order.
    outcomes: Vec<Outcome>,
}

/// Why two parts of a sweep can't be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("it is of another sweep: {theirs}, where the others have {ours}")]
    Differs { ours: String, theirs: String },
    #[error("seed {seed}{point} is in it and in another one too")]
    Twice { seed: u64, point: String },
    #[error("it checked other invariants than the others; was it made by another version?")]
    Invariants,
    #[error("it has {found} combinations of varied knobs where there are {expected}")]
    Points { found: usize, expected: usize },
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

    /// As it was told to be: one outcome a point, in their order.
    pub fn from_parts(plan: SweepPlan, outcomes: Vec<Outcome>) -> Result<Self, MergeError> {
        let (found, expected) = (outcomes.len(), plan.points());
        if found == expected {
            Ok(Self { plan, outcomes })
        } else {
            Err(MergeError::Points { found, expected })
        }
    }

    pub fn plan(&self) -> &SweepPlan {
        &self.plan
    }

    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Takes in what a run came to, by the number that it has in the plan; in any order, each once.
    pub fn take(&mut self, run: u64, came_to: Result<&Report, String>) -> Result<(), Twice> {
        let (point, seed) = self.plan.run(run);
        self.outcomes[point].take(seed, came_to)
    }

    /// Runs that are in, failed ones too.
    pub fn done(&self) -> u64 {
        self.outcomes
            .iter()
            .map(|outcome| outcome.seeds.len())
            .sum()
    }

    /// Runs that did not come to their end.
    pub fn failed(&self) -> u64 {
        let failed = self.outcomes.iter().map(|outcome| outcome.failed.count());
        failed.sum()
    }

    pub fn is_complete(&self) -> bool {
        self.first_gap().is_none()
    }

    /// The first point of which seeds are not in, and the first stretch of them.
    pub fn first_gap(&self) -> Option<(usize, Range<u64>)> {
        let seeds = self.plan.seeds();
        let gaps = self.outcomes.iter().enumerate();
        gaps.filter_map(|(point, outcome)| Some((point, outcome.seeds.first_gap(&seeds)?)))
            .min_by_key(|(point, gap)| (gap.start, *point))
    }

    /// Of all runs that are in.
    pub fn digest(&self) -> SweepDigest {
        let mut digest = SweepDigest::default();
        for (point, outcome) in self.outcomes.iter().enumerate() {
            digest.note(point as u64, outcome.digest.0);
        }
        digest
    }

    /// How a point is written: `policy=hedge fan_out=20`, or nothing when no knob is varied.
    pub fn point_text(&self, point: usize) -> String {
        let set = self.plan.point(point);
        let set: Vec<String> = set
            .iter()
            .map(|(knob, value)| format!("{}={value}", knob.name))
            .collect();
        set.join(" ")
    }

    /// Takes in another part of the same sweep, or the same sweep over other seeds: then it is one over
    /// the seeds from the first of either to the last, and [`first_gap`](Self::first_gap) tells what
    /// is missing. Nothing is changed by a part that is refused.
    pub fn merge(&mut self, other: &Self) -> Result<(), MergeError> {
        if let Some((ours, theirs)) = self.plan.difference(&other.plan) {
            return Err(MergeError::Differs { ours, theirs });
        }
        let mut outcomes = self.outcomes.clone();
        for (point, (ours, theirs)) in outcomes.iter_mut().zip(&other.outcomes).enumerate() {
            ours.merge(theirs).map_err(|mismatch| match mismatch {
                Mismatch::Invariants => MergeError::Invariants,
                Mismatch::Twice(seed) => {
                    let point = match self.point_text(point) {
                        text if text.is_empty() => text,
                        text => format!(" (with {text})"),
                    };
                    MergeError::Twice { seed, point }
                }
            })?;
        }
        let (ours, theirs) = (self.plan.seeds(), other.plan.seeds());
        let hull = ours.start.min(theirs.start)..ours.end.max(theirs.end);
        self.plan = self.plan.clone().over(hull);
        self.outcomes = outcomes;
        Ok(())
    }
}
