//! - `pattern`: the balancer alone; `scaling`: the autoscaler's rule, against published vectors;
//! - `must_show`: what the lab is there to show, against closed forms, over many seeds;
//! - `lab`: metrics, actions, knobs, invariants, bounds;
//! - `outside`: what somebody with a real client asks;
//! - `determinism`: the same run again, however it is sliced.

mod determinism;
mod lab;
mod must_show;
mod outside;
mod pattern;
mod scaling;

use crate::engine::SimTime;
use crate::trial::{get, last, plan_of, run_unbroken as run, value};
use crate::workbench::headless::Report;
use crate::workbench::plan::RunPlan;

fn plan(seed: u64, seconds: u64, set: &[&str], at: &[&str]) -> RunPlan {
    plan_of(&super::LAB, seed, seconds, set, at)
}

/// Runs it without a warm-up, so that all totals are of the whole run.
fn run_whole(seed: u64, seconds: u64, set: &[&str], at: &[&str]) -> Report {
    let mut plan = plan(seed, seconds, set, at);
    plan.warmup = SimTime::ZERO;
    run(plan)
}
