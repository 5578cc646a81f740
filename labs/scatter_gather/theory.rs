//! What the statistics of the slowest of many say of a request.

use super::policy::PolicyName;
use super::table::Knobs;
use crate::workbench::frame::Statistic;
use crate::workbench::theory::{Moments, Theory, longer, slowest, unless};
use std::time::Duration;

/// Above this share of the slots in use leaves queue, and their times are not those of the service alone.
const IDLE: f64 = 0.3;

pub fn theory(knobs: &Knobs) -> Vec<Theory> {
    let service = knobs.service.borrow();
    let (fan_out, replicas) = (knobs.fan_out.get(), knobs.replicas.get());
    let hop = knobs
        .network
        .borrow()
        .mean()
        .unwrap_or_default()
        .as_secs_f64();
    // It reads the last answer once that is there; those before it came apart.
    let reads = knobs.root_cost.get().as_secs_f64();
    let overhead = 2.0 * hop + reads;
    let rate = knobs.arrival_rps.get();
    let load = |slots: usize| {
        let work = service.mean().unwrap_or_default().as_secs_f64();
        rate * work / (slots * replicas) as f64
    };
    let slots = *knobs.slots.borrow();
    let holds = unless(&[
        (
            knobs.policy.get() != PolicyName::WaitAll,
            "the root asks again, so it does not wait for the slowest",
        ),
        (
            knobs.straggler.borrow().is_some(),
            "one leaf is not like the others",
        ),
        (knobs.quorum.get() < 1.0, "the root does not wait for all"),
        (knobs.attempts.get() > 1, "clients ask again"),
        (
            slots.is_some_and(|slots| load(slots) > IDLE),
            "leaves queue: the law knows the service alone",
        ),
        (
            rate * reads * fan_out as f64 > IDLE,
            "the root queues: the law knows the leaves alone",
        ),
    ]);
    let mixed = "a mix has no quantiles in closed form";
    let of_all = |p: f64| {
        let spans = slowest(&service, fan_out, p).ok_or(mixed)?;
        let (late, deadline) = (spans + overhead, *knobs.deadline.borrow());
        let cut = deadline.is_some_and(|deadline| deadline.as_secs_f64() < late);
        unless(&[(cut, "the deadline cuts it off")]).map(|()| late * 1e3)
    };
    let slow = || {
        let left = knobs.slow_over.get().as_secs_f64() - overhead;
        let left = Duration::try_from_secs_f64(left).unwrap_or_default();
        let one = longer(&service, left).ok_or(mixed)?;
        Ok(1.0 - libm::pow(1.0 - one, fan_out as f64))
    };
    let utilization = Moments::of(&service).and_then(|moments| {
        let slots = slots.ok_or("slots are without end")?;
        Ok(rate * moments.mean / (slots * replicas) as f64)
    });
    vec![
        Theory::new(
            "latency_ms",
            Statistic::P50,
            "order statistics: F⁻¹(0.5^(1/n)), and the way",
            holds.and_then(|()| of_all(0.5)),
        ),
        Theory::new(
            "latency_ms",
            Statistic::P99,
            "order statistics: F⁻¹(0.99^(1/n)), and the way",
            holds.and_then(|()| of_all(0.99)),
        ),
        Theory::new(
            "slow_ratio",
            Statistic::Value,
            "1 − (1 − p)^n",
            holds.and_then(|()| slow()),
        ),
        Theory::new(
            "leaf_utilization",
            Statistic::Mean,
            "arrivals x service / slots (Little)",
            holds.and(utilization),
        ),
    ]
}
