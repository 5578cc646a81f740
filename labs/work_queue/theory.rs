//! What queueing theory says of the pool.

use super::settings::Autoscale;
use super::table::Knobs;
use crate::workbench::frame::Statistic;
use crate::workbench::prelude::Arrivals;
use crate::workbench::theory::{Moments, Theory, mean_wait, unless};

/// A lease of so many mean times of work is rarely over before the work.
const LEASE_SERVICES: f64 = 8.0;

pub fn theory(knobs: &Knobs) -> Vec<Theory> {
    let (rate, workers) = (knobs.arrival_rps.get(), knobs.workers.get());
    let service = Moments::of(&knobs.service.borrow());
    let lease = knobs.visibility_timeout.get().as_secs_f64();
    let short = service.is_ok_and(|service| lease < LEASE_SERVICES * service.mean);
    let steady = unless(&[
        (workers == 0, "there is no worker"),
        (
            knobs.autoscale.get() != Autoscale::Off,
            "the pool changes its size",
        ),
        (
            knobs.poison_ratio.get() > 0.0,
            "poison hangs workers and comes back",
        ),
        (
            knobs.worker_crash_ratio.get() > 0.0,
            "workers die and their items come back",
        ),
        (
            knobs.delay.borrow().is_some(),
            "items wait until they are due",
        ),
        (
            short && !knobs.heartbeat.get(),
            "leases run out amid the work, and items come back",
        ),
    ]);
    let queue = steady
        .and_then(|()| {
            unless(&[
                (
                    knobs.arrivals.get() != Arrivals::Poisson,
                    "arrivals are evenly spaced",
                ),
                (
                    knobs.prefetch.get() > 1,
                    "items wait for the worker that took them, while others are idle",
                ),
            ])
        })
        .and(service);
    let wait = queue.and_then(|service| mean_wait(workers, rate, service));
    let busy = steady.and(service).and_then(|service| {
        let busy = rate * service.mean / workers as f64;
        unless(&[(busy >= 1.0, "more comes than is done: all are busy")]).map(|()| busy)
    });
    vec![
        Theory::new(
            "wait_ms",
            Statistic::Mean,
            "M/G/c: Erlang's C times (1 + cv²) / 2",
            wait.map(|s| s * 1e3),
        ),
        Theory::new(
            "worker_utilization",
            Statistic::Mean,
            "arrivals x service / workers (Little)",
            busy,
        ),
    ]
}
