//! What the runs of one point came to: added up run by run, merged part by part.

use super::firsts::Firsts;
use super::seeds::{SeedSet, Twice};
use super::total::MetricTotal;
use crate::engine::SimTime;
use crate::workbench::headless::Report;
use crate::workbench::lab::LabSpec;
use xxhash_rust::xxh3::xxh3_64;

/// One point of a sweep, over the seeds that are in. Of constant size, however many.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub seeds: SeedSet,
    /// Runs that did not come to their end, with the reason: a panic of the lab, an intervention
    /// that it refused. They count for no metric.
    pub failed: Firsts<String>,
    pub digest: SweepDigest,
    pub metrics: Vec<MetricTotal>,
    /// In the lab's order; empty while no run has come to its end.
    pub invariants: Vec<InvariantTotal>,
}

/// One invariant over the seeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvariantTotal {
    pub name: String,
    pub broken: Firsts<Breach>,
}

/// The first time that an invariant broke in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub at: SimTime,
    pub detail: String,
}

/// The digest of many runs: a sum of hashes, so that the order in which they are done is of no account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepDigest(pub u64);

impl SweepDigest {
    /// Takes in a run, or a point: what it was, and its digest.
    pub fn note(&mut self, which: u64, digest: u64) {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&which.to_le_bytes());
        bytes[8..].copy_from_slice(&digest.to_le_bytes());
        self.0 = self.0.wrapping_add(xxh3_64(&bytes));
    }

    fn merge(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

/// Why two parts of a point don't go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The seed is in both.
    Twice(u64),
    /// They checked different invariants.
    Invariants,
}

impl Outcome {
    /// Of no run yet.
    pub fn new(spec: &'static LabSpec) -> Self {
        Self {
            seeds: SeedSet::default(),
            failed: Firsts::default(),
            digest: SweepDigest::default(),
            metrics: spec.metrics.iter().map(MetricTotal::new).collect(),
            invariants: Vec::new(),
        }
    }

    /// Takes in what the run with this seed came to.
    pub fn take(&mut self, seed: u64, run: Result<&Report, String>) -> Result<(), Twice> {
        self.seeds.insert(seed)?;
        let report = match run {
            Ok(report) => report,
            Err(why) => {
                self.failed.add(seed, why);
                return Ok(());
            }
        };
        self.digest.note(seed, report.digest());
        let values = report.metrics.iter().zip(&report.tallies);
        for (total, ((_, value), tally)) in self.metrics.iter_mut().zip(values) {
            total.add(value, tally);
        }
        if self.invariants.is_empty() {
            let none = |view: &crate::workbench::frame::InvariantView| InvariantTotal {
                name: view.name.to_owned(),
                broken: Firsts::default(),
            };
            self.invariants = report.invariants.iter().map(none).collect();
        }
        for (total, view) in self.invariants.iter_mut().zip(&report.invariants) {
            if let Some(at) = view.first_broken_at {
                let detail = view.detail.clone();
                total.broken.add(seed, Breach { at, detail });
            }
        }
        Ok(())
    }

    /// Runs that came to their end.
    pub fn finished(&self) -> u64 {
        self.seeds.len() - self.failed.count()
    }

    /// Takes in another part of the same point.
    pub fn merge(&mut self, other: &Self) -> Result<(), Mismatch> {
        let names = |of: &Self| -> Vec<String> {
            let names = of.invariants.iter().map(|it| it.name.clone());
            names.collect()
        };
        if self.invariants.is_empty() {
            self.invariants.clone_from(&other.invariants);
            for invariant in &mut self.invariants {
                invariant.broken = Firsts::default();
            }
        }
        if !other.invariants.is_empty() && names(self) != names(other) {
            return Err(Mismatch::Invariants);
        }
        self.seeds
            .merge(&other.seeds)
            .map_err(|Twice(seed)| Mismatch::Twice(seed))?;
        self.failed.merge(&other.failed);
        self.digest.merge(other.digest);
        for (ours, theirs) in self.metrics.iter_mut().zip(&other.metrics) {
            ours.merge(theirs);
        }
        for (ours, theirs) in self.invariants.iter_mut().zip(&other.invariants) {
            ours.broken.merge(&theirs.broken);
        }
        Ok(())
    }
}
