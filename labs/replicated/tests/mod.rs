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

use crate::trial::plan_of;
use crate::workbench::plan::RunPlan;

fn plan(seed: u64, seconds: u64, words: &str) -> RunPlan {
    plan_of(&super::LAB, seed, seconds, words)
}
