//! - `pattern`: the fence and the follower's rule alone;
//! - `stores`: each store's rules of expiry and tokens;
//! - `must_show`: what the lab is there to show, over many seeds;
//! - `lab`: actions, knobs, metrics, invariants, bounds;
//! - `outside`: what somebody with a real client asks;
//! - `determinism`: the same run again, however it is sliced.

mod determinism;
mod lab;
mod must_show;
mod outside;
mod pattern;
mod stores;

use crate::engine::SimTime;
use crate::trial::plan_of;
use crate::workbench::headless::{self, Report};
use crate::workbench::plan::RunPlan;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=24;
const BACKENDS: [&str; 5] = ["redis_ttl", "etcd", "zookeeper", "k8s_lease", "sql_lock"];
const NO_STALE_TOKEN: &str = "storage accepts no token lower than one it has seen";
const ONE_HOLDER: &str = "at most one holder in the store";

fn plan(seed: u64, seconds: u64, words: &str) -> RunPlan {
    let mut plan = plan_of(&super::LAB, seed, seconds, words);
    // The first election is no failover.
    plan.warmup = SimTime::from_secs(5);
    plan
}

fn run(seed: u64, seconds: u64, words: &str) -> Report {
    headless::run(plan(seed, seconds, words)).unwrap_or_else(|error| panic!("{error}"))
}

fn holds(report: &Report, invariant: &str) -> bool {
    let found = report.invariants.iter().find(|one| one.name == invariant);
    found
        .unwrap_or_else(|| panic!("no invariant {invariant}"))
        .held
}

/// A setting of the backend.
fn on(backend: &str) -> String {
    format!("backend={backend}")
}
