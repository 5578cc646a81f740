//! What a running design must be: true to the theory where there is one, the same run for the same seed, and
//! honest in its books.

mod batch;
mod beside;
mod books;
mod cache;
mod evening;
mod function;
mod large;
mod lease;
mod limiter;
mod lots;
mod memory;
mod mutations;
mod names;
mod paired;
mod pipeline;
mod queue;
mod scaling;
mod scatter_gather;
mod service;
mod storm;
mod theory;

use super::{DesignLab, Tamper, plan};
use ddlab_labs::engine::{Ran, SimTime};
use ddlab_labs::workbench::frame::{MetricValue, Statistic};
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use std::time::Duration;

/// The lab of a design that is right.
#[track_caller]
fn lab_of(text: &str) -> &'static DesignLab {
    tampered(text, Tamper::Nothing)
}

#[track_caller]
fn tampered(text: &str, tamper: Tamper) -> &'static DesignLab {
    let read = crate::read(text);
    let design = read.design.unwrap_or_else(|| panic!("{:?}", read.problems));
    DesignLab::leak(&design, "design", tamper)
}

fn seconds(lab: &'static DesignLab, seed: u64, length: u64) -> RunPlan {
    plan(lab, seed, SimTime::from_secs(length))
}

/// Runs a design that does this wrong, and holds that this invariant says so, and no other.
#[track_caller]
fn is_found_out_in(text: &str, tamper: Tamper, invariant: &str) {
    let report = headless::run(seconds(tampered(text, tamper), 1, 60)).unwrap();
    for view in &report.invariants {
        assert_eq!(
            view.held,
            !view.name.contains(invariant),
            "{}: {}",
            view.name,
            view.detail
        );
    }
}

/// Runs it, and holds that nothing was broken.
#[track_caller]
fn run(plan: RunPlan) -> Report {
    let report = headless::run(plan).unwrap_or_else(|error| panic!("{error}"));
    for invariant in &report.invariants {
        assert!(invariant.held, "{}: {}", invariant.name, invariant.detail);
    }
    report
}

/// Runs it in one go and in slices of time and of work, and holds that both are the same run.
#[track_caller]
fn run_in_slices(plan: RunPlan) -> Report {
    let whole = run(plan.clone());
    let length = plan.length;
    let mut session = Session::start(plan);
    let mut goal = SimTime::ZERO;
    while goal < length {
        goal = (goal + Duration::from_millis(16)).min(length);
        while session.advance(goal, 300) == Ran::OutOfBudget {}
    }
    assert_eq!(session.digest(), whole.digest());
    whole
}

#[track_caller]
fn get(report: &Report, metric: &str, statistic: Statistic) -> f64 {
    let found = report.metric(metric).and_then(|value| value.get(statistic));
    found.unwrap_or_else(|| panic!("`{metric}` has no {statistic:?}"))
}

#[track_caller]
fn value(report: &Report, metric: &str) -> f64 {
    get(report, metric, Statistic::Value)
}

/// How many seeds something is held over: so few in an ordinary run, or as many as `SEEDS` says.
fn seeds(few: u64) -> std::ops::RangeInclusive<u64> {
    let asked = std::env::var("SEEDS").ok();
    1..=asked.and_then(|asked| asked.parse().ok()).unwrap_or(few)
}

/// The mean of a figure over the seeds, the first part of each run left out.
fn mean_over_seeds(lab: &'static DesignLab, length: u64, figure: impl Fn(&Report) -> f64) -> f64 {
    means(
        seeds(6),
        length,
        |seed| seconds(lab, seed, length),
        |report| [figure(report)],
    )[0]
}

/// The means of figures of a design over a few seeds.
fn of_design<const N: usize>(text: &str, length: u64, figures: [(&str, Statistic); N]) -> [f64; N] {
    let lab = lab_of(text);
    let plan = |seed| seconds(lab, seed, length);
    means(seeds(3), length, plan, |report| figures_of(report, figures))
}

fn figures_of<const N: usize>(report: &Report, figures: [(&str, Statistic); N]) -> [f64; N] {
    figures.map(|(metric, statistic)| get(report, metric, statistic))
}

/// The means of what runs of these seeds are, the first part of each left out.
fn means<const N: usize>(
    seeds: std::ops::RangeInclusive<u64>,
    length: u64,
    plan: impl Fn(u64) -> RunPlan,
    figures: impl Fn(&Report) -> [f64; N],
) -> [f64; N] {
    let count = seeds.clone().count() as f64;
    let mut sums = [0.0; N];
    for seed in seeds {
        let mut plan = plan(seed);
        plan.warmup = SimTime::from_secs(length / 10);
        for (sum, figure) in sums.iter_mut().zip(figures(&run(plan))) {
            *sum += figure / count;
        }
    }
    sums
}

fn is_number(value: &MetricValue, statistic: Statistic) -> bool {
    value.get(statistic).is_some_and(f64::is_finite)
}
