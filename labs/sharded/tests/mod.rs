//! - `pattern`: the strategies alone, against published vectors and closed forms;
//! - `must_show`: what the lab is there to show, over many seeds;
//! - `lab`: metrics, actions, knobs, invariants, bounds;
//! - `picture`: what a screen draws it from;
//! - `determinism`: the same run again, however it is sliced.

mod determinism;
mod lab;
mod must_show;
mod pattern;
mod picture;

use crate::workbench::frame::Statistic;
use crate::workbench::headless::{self, Report};
use crate::workbench::lab::Lab;
use crate::workbench::plan::RunPlan;

/// A plan with these settings, `key=value`, and these interventions, `20s:add_shard`.
fn plan_of(lab: &'static dyn Lab, seed: u64, seconds: u64, set: &[&str], at: &[&str]) -> RunPlan {
    let mut plan = RunPlan::new(lab, seed);
    plan.length = crate::engine::SimTime::from_secs(seconds);
    for setting in set {
        plan.knobs
            .set_text(setting)
            .unwrap_or_else(|error| panic!("{error}"));
    }
    for intervention in at {
        plan.script_text(intervention)
            .unwrap_or_else(|error| panic!("{error}"));
    }
    plan
}

fn plan(seed: u64, seconds: u64, set: &[&str], at: &[&str]) -> RunPlan {
    plan_of(&super::LAB, seed, seconds, set, at)
}

/// Runs it, and holds that nothing was broken.
fn run(plan: RunPlan) -> Report {
    let report = headless::run(plan).unwrap_or_else(|error| panic!("{error}"));
    for invariant in &report.invariants {
        assert!(invariant.held, "{}: {}", invariant.name, invariant.detail);
    }
    report
}

fn value(report: &Report, metric: &str) -> f64 {
    get(report, metric, Statistic::Value)
}

fn get(report: &Report, metric: &str, statistic: Statistic) -> f64 {
    let found = report.metric(metric).and_then(|value| value.get(statistic));
    found.unwrap_or_else(|| panic!("`{metric}` has no {statistic:?}"))
}
