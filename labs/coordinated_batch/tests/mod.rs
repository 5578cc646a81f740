//! - `pattern`: coordinator, joins and protocols alone;
//! - `must_show`: what the lab is there to show, against closed forms and published figures;
//! - `lab`: metrics, actions, knobs, invariants;
//! - `outside`: what somebody with a real client asks;
//! - `determinism`: the same run again, however it is sliced.

mod determinism;
mod lab;
mod must_show;
mod outside;
mod pattern;

use crate::engine::SimTime;
use crate::trial::{broken_in, get, plan_of};
use crate::workbench::frame::Statistic;
use crate::workbench::headless::{self, Report};
use crate::workbench::plan::RunPlan;

fn plan(seed: u64, seconds: u64, words: &str) -> RunPlan {
    plan_of(&super::LAB, seed, seconds, words)
}

/// Runs it without a warm-up, so that all totals are of the whole run. Invariants may break in it.
fn run(seed: u64, seconds: u64, words: &str) -> Report {
    let mut plan = plan(seed, seconds, words);
    plan.warmup = SimTime::ZERO;
    headless::run(plan).unwrap_or_else(|error| panic!("{error}"))
}

/// A figure of a metric in milliseconds, in seconds.
#[track_caller]
fn seconds(report: &Report, metric: &str, statistic: Statistic) -> f64 {
    get(report, metric, statistic) / 1e3
}

#[track_caller]
fn holds(report: &Report) {
    let broken = broken_in(report);
    assert!(broken.is_empty(), "{broken:?}");
}
