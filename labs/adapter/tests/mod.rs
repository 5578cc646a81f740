//! - `pattern`: dialects, pages, rates and the adapter alone;
//! - `must_show`: what the lab is there to show, against closed forms;
//! - `lab`: names, actions, invariants;
//! - `outside`: what somebody with a real client asks;
//! - `determinism`: the same run again, however it is sliced.

mod determinism;
mod lab;
mod must_show;
mod outside;
mod pattern;

use crate::engine::SimTime;
use crate::trial::{plan_of, run_unbroken as run};
use crate::workbench::headless::Report;
use crate::workbench::plan::RunPlan;

fn plan(seed: u64, seconds: u64, set: &[&str], at: &[&str]) -> RunPlan {
    plan_of(&super::LAB, seed, seconds, set, at)
}

/// Runs it, and leaves out of the figures what was before this second.
fn run_from(from: u64, seed: u64, seconds: u64, set: &[&str], at: &[&str]) -> Report {
    let mut plan = plan(seed, seconds, set, at);
    plan.warmup = SimTime::from_secs(from);
    run(plan)
}
