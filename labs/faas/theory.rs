//! What theory says of instances that come and go.

use super::settings::{KeepAlivePolicy, Profile};
use super::table::Knobs;
use crate::workbench::frame::Statistic;
use crate::workbench::prelude::Arrivals;
use crate::workbench::theory::{Theory, unless};

/// Below so many calls at once one instance does nearly all.
const ALONE: f64 = 0.05;

pub fn theory(knobs: &Knobs) -> Vec<Theory> {
    let rate = knobs.arrival_rps.get();
    let mean = knobs
        .duration
        .borrow()
        .mean()
        .ok_or("the time of work has no mean");
    let mean = mean.map(|mean| mean.as_secs_f64());
    let under_way = mean.map(|mean| rate * mean);
    let limit = knobs.concurrency_limit.get() as f64;
    let steady = unless(&[
        (
            knobs.profile.get() != Profile::Poisson,
            "the load comes in bursts, by the day or rarely",
        ),
        (
            knobs.arrivals.get() != Arrivals::Poisson,
            "arrivals are evenly spaced",
        ),
        (
            knobs.error_ratio.get() > 0.0,
            "runs that fail may come again",
        ),
        (
            under_way.is_ok_and(|calls| calls > limit / 2.0),
            "the limit refuses calls",
        ),
        (
            knobs.instance_concurrency.get() > 1,
            "calls in one instance share its processor",
        ),
    ]);
    let cold = steady.and(under_way).and_then(|calls| {
        unless(&[
            (knobs.provisioned.get() > 0, "some instances are kept ready"),
            (
                knobs.keep_alive_policy.get() != KeepAlivePolicy::Fixed,
                "the platform learns how long to keep",
            ),
            (
                calls > ALONE,
                "several instances share the calls, and each has gaps of its own",
            ),
        ])?;
        Ok(libm::exp(-rate * knobs.keep_alive.get().as_secs_f64()))
    });
    let wakes = knobs
        .cold_start
        .borrow()
        .mean()
        .unwrap_or_default()
        .as_secs_f64();
    // A cold call has its instance for the start, too.
    let waking = rate * cold.unwrap_or(0.0) * wakes;
    let calls = steady.and(under_way).map(|calls| calls + waking);
    vec![
        Theory::new(
            "concurrency",
            Statistic::Mean,
            "calls a second x time each takes (Little)",
            calls,
        ),
        Theory::new(
            "cold_ratio",
            Statistic::Value,
            "one instance: e^(−rate x keep-alive)",
            cold,
        ),
    ]
}
