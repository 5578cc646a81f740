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

use crate::trial::plan_of;
use crate::workbench::plan::RunPlan;

fn plan(seed: u64, seconds: u64, words: &str) -> RunPlan {
    plan_of(&super::LAB, seed, seconds, words)
}
