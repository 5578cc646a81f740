//! What the runs of one point came to: totals, computed row by row in the order of the seeds.

use super::Row;
use super::total::MetricTotal;
use crate::engine::SimTime;
use crate::workbench::lab::LabSpec;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// Runs in which something happened that are named: enough to look into, few enough to print.
pub const NAMED: usize = 5;

/// One point of a sweep, over the seeds that are in. Of constant size, however many.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The first seed that is in, and the one after the last.
    pub seeds: Range<u64>,
    /// Runs that did not come to their end, with the reason: a panic of the lab, an intervention
    /// that it refused. They count for no metric.
    pub failed: Firsts<String>,
    pub digest: u64,
    pub metrics: Vec<MetricTotal>,
    /// In the lab's order; empty while no run has come to its end.
    pub invariants: Vec<InvariantTotal>,
}

/// Seeds at which something happened: all counted, the first few kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Firsts<T> {
    pub count: u64,
    pub first: Vec<(u64, T)>,
}

/// One invariant over the seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct InvariantTotal {
    pub name: String,
    pub broken: Firsts<Breach>,
}

/// The first time that an invariant broke in a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Breach {
    pub at: SimTime,
    pub detail: String,
}

impl<T> Default for Firsts<T> {
    fn default() -> Self {
        let (count, first) = (0, Vec::new());
        Self { count, first }
    }
}

impl<T> Firsts<T> {
    fn add(&mut self, seed: u64, what: T) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push((seed, what));
        }
    }
}

/// The digest of two things in this order.
pub(super) fn chain(digest: u64, next: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&digest.to_le_bytes());
    bytes[8..].copy_from_slice(&next.to_le_bytes());
    xxh3_64(&bytes)
}

impl Outcome {
    /// Of no run yet.
    pub fn new(spec: &'static LabSpec) -> Self {
        Self {
            seeds: 0..0,
            failed: Firsts::default(),
            digest: 0,
            metrics: spec.metrics.iter().map(MetricTotal::new).collect(),
            invariants: Vec::new(),
        }
    }

    /// Takes in the run with the next seed.
    pub fn take(&mut self, row: &Row) {
        if self.seeds.is_empty() {
            self.seeds.start = row.seed;
        }
        self.seeds.end = row.seed + 1;
        if let Some(why) = &row.failed {
            self.failed.add(row.seed, why.clone());
            return;
        }
        let digest = row.digest.as_deref().unwrap_or_default();
        self.digest = chain(chain(self.digest, row.seed), xxh3_64(digest.as_bytes()));
        for total in &mut self.metrics {
            if let Some(figures) = row.metrics.get(total.spec.name) {
                total.add(figures, row.tallies.get(total.spec.name));
            }
        }
        if self.invariants.is_empty() {
            let none = row.invariants.iter().map(|invariant| InvariantTotal {
                name: invariant.name.clone(),
                broken: Firsts::default(),
            });
            self.invariants = none.collect();
        }
        for (total, invariant) in self.invariants.iter_mut().zip(&row.invariants) {
            if let Some(at) = invariant.first_broken_at_s {
                let (at, detail) = (SimTime::from_secs_f64(at), invariant.detail.clone());
                total.broken.add(row.seed, Breach { at, detail });
            }
        }
    }

    /// Runs that are in, failed ones too.
    pub fn runs(&self) -> u64 {
        self.seeds.end - self.seeds.start
    }

    /// Runs that came to their end.
    pub fn finished(&self) -> u64 {
        self.runs() - self.failed.count
    }
}
