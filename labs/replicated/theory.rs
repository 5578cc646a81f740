//! What queueing theory says of replicas behind a balancer.

use super::pattern::Policy;
use super::settings::{Autoscale, Profile, State};
use super::table::Knobs;
use crate::workbench::frame::Statistic;
use crate::workbench::prelude::Arrivals;
use crate::workbench::theory::{Moments, Theory, mean_wait, unless};

pub fn theory(knobs: &Knobs) -> Vec<Theory> {
    let (rate, replicas) = (knobs.arrival_rps.get(), knobs.replicas.get());
    let slots = knobs.slots.get();
    let service = Moments::of(&knobs.service.borrow());
    let steady = unless(&[
        (replicas == 0, "there is no replica"),
        (knobs.profile.get() != Profile::Steady, "the load changes"),
        (
            knobs.autoscale.get() != Autoscale::Off,
            "the fleet changes its size",
        ),
        (
            knobs.state.get() == State::External,
            "the store of sessions takes time, too",
        ),
    ]);
    let busy = steady.and(service).and_then(|service| {
        let busy = rate * service.mean / (replicas * slots) as f64;
        unless(&[(busy >= 1.0, "more comes than is done: all are busy")]).map(|()| busy)
    });
    let apart = steady.and_then(|()| {
        unless(&[
            (
                knobs.arrivals.get() != Arrivals::Poisson,
                "arrivals are evenly spaced",
            ),
            (
                knobs.policy.get() != Policy::Random && replicas > 1,
                "only replicas picked at random are queues of their own",
            ),
        ])
    });
    let latency = apart.and(service).and_then(|service| {
        let wait = mean_wait(slots, rate / replicas as f64, service)?;
        Ok((wait + service.mean) * 1e3)
    });
    vec![
        Theory::new(
            "latency_ms",
            Statistic::Mean,
            "M/G/c at each replica: Erlang's C times (1 + cv²) / 2, and the service",
            latency,
        ),
        Theory::new(
            "utilization",
            Statistic::Mean,
            "arrivals x service / slots (Little)",
            busy,
        ),
    ]
}
