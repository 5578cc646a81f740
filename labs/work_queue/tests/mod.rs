//! - `pattern`: the worker's loop alone, against queues and jobs made up for the test;
//! - `queue`: the queue's side alone; `sizing`: the autoscalers' rules;
//! - `must_show`: what the lab is there to show, against closed forms, over many seeds;
//! - `lab`: metrics, actions, knobs, invariants, bounds;
//! - `outside`: what somebody with a real client asks;
//! - `picture`: what a screen draws it from;
//! - `determinism`: the same run again, however it is sliced.

mod determinism;
mod lab;
mod must_show;
mod outside;
mod pattern;
mod picture;
mod queue;
mod sizing;

use crate::trial::plan_of;
use crate::workbench::plan::RunPlan;

fn plan(seed: u64, seconds: u64, words: &str) -> RunPlan {
    plan_of(&super::LAB, seed, seconds, words)
}
