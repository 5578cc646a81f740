//! What theory says of calls that are tried again.

use super::table::Knobs;
use crate::workbench::frame::Statistic;
use crate::workbench::theory::{Theory, unless};

/// Above this share of the slots in use calls wait so long that their time-outs count, too.
const CALM: f64 = 0.7;

pub fn theory(knobs: &Knobs) -> Vec<Theory> {
    let failing = knobs.error_ratio.get();
    let attempts = knobs.attempts.get() as f64;
    let tries = if failing < 1.0 {
        (1.0 - libm::pow(failing, attempts)) / (1.0 - failing)
    } else {
        attempts
    };
    let mean = knobs
        .service
        .borrow()
        .mean()
        .unwrap_or_default()
        .as_secs_f64();
    let places = (knobs.upstreams.get() * knobs.slots.get()) as f64;
    let busy = knobs.arrival_rps.get() * tries * mean / places;
    let short = knobs.timeout.get().as_secs_f64() < 4.0 * mean;
    let holds = unless(&[
        (
            knobs.layers.get() > 1,
            "each layer tries again, and the one below it, too",
        ),
        (
            knobs.retry_budget.borrow().is_some(),
            "the budget stops some retries",
        ),
        (knobs.breaker.get(), "breakers refuse calls"),
        (
            knobs.deadline.borrow().is_some(),
            "the deadline ends some requests",
        ),
        (
            knobs.safe_ratio.get() < 1.0,
            "some requests are not tried again",
        ),
        (
            knobs.rate_limit.borrow().is_some(),
            "the rate limit refuses requests",
        ),
        (short, "calls time out, which is one more way to fail"),
        (
            busy > CALM,
            "instances are overloaded: calls time out in line",
        ),
    ]);
    vec![
        Theory::new(
            "attempts_per_request",
            Statistic::Value,
            "1 + p + p² + …: (1 − p^a) / (1 − p)",
            holds.map(|()| tries),
        ),
        Theory::new(
            "success_ratio",
            Statistic::Value,
            "1 − p^a: independent failures",
            holds.map(|()| 1.0 - libm::pow(failing, attempts)),
        ),
    ]
}
