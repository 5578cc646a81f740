//! What theory says of stages that wait for their slowest task.

use super::night::popularity;
use super::settings::{Checkpoint, Joining};
use super::stages::ROW_MB;
use super::table::Knobs;
use crate::engine::Distribution;
use crate::workbench::frame::Statistic;
use crate::workbench::theory::{Theory, longer, slowest, unless};
use std::time::Duration;

/// Steps of the integral over the slowest task.
const STEPS: u32 = 400;

pub fn theory(knobs: &Knobs) -> Vec<Theory> {
    vec![
        Theory::new(
            "map_ms",
            Statistic::Mean,
            "one wave: the mean of the slowest of n tasks, ∫ 1 − F(t)ⁿ dt",
            slowest_task(knobs),
        ),
        Theory::new(
            "reducer_imbalance_ratio",
            Statistic::Last,
            "the largest seller's share p and a fair part of the rest: R p + 1 − p",
            imbalance(knobs),
        ),
        Theory::new(
            "shuffle_mb",
            Statistic::Last,
            "both sides once, and what matches once more",
            shuffle(knobs),
        ),
    ]
}

/// The mean of the slowest of all tasks of the map, in milliseconds.
fn slowest_task(knobs: &Knobs) -> Result<f64, &'static str> {
    let tasks = knobs.map_tasks.get();
    unless(&[
        (
            tasks > knobs.map_workers.get(),
            "there are more tasks than workers, so they go in waves",
        ),
        (knobs.speculative.get().is_some(), "slow tasks get backups"),
        (knobs.crash_ratio.get() > 0.0, "tasks are done again"),
        (
            knobs.checkpoint.get() == Checkpoint::Task,
            "each task writes its output to the store",
        ),
    ])?;
    let service = knobs.task_service.borrow();
    let (slow, factor) = (knobs.straggler_ratio.get(), knobs.straggler_factor.get());
    let mean = mean_of_slowest(&service, tasks, slow, factor);
    let mean = mean.ok_or("the time of a task is a mix")?;
    Ok(1e3 * mean)
}

/// Of `tasks` spans, each of which is `factor` times longer with the probability `slow`.
fn mean_of_slowest(service: &Distribution, tasks: usize, slow: f64, factor: f64) -> Option<f64> {
    let end = factor * slowest(service, tasks, 1.0 - 1e-4)?;
    let step = end / f64::from(STEPS);
    let mut sum = 0.0;
    for nth in 0..STEPS {
        let t = (f64::from(nth) + 0.5) * step;
        let usual = longer(service, Duration::from_secs_f64(t))?;
        let late = longer(service, Duration::from_secs_f64(t / factor))?;
        let is_longer = (1.0 - slow) * usual + slow * late;
        sum += 1.0 - libm::pow(1.0 - is_longer, tasks as f64);
    }
    Some(sum * step)
}

fn imbalance(knobs: &Knobs) -> Result<f64, &'static str> {
    let reducers = knobs.reducers.get() as f64;
    let largest = popularity(knobs).first_share();
    unless(&[
        (
            knobs.salting.get().is_some(),
            "large sellers are spread by a salt",
        ),
        (knobs.combiner.get(), "the join adds up first"),
        (
            reducers * largest < 1.5,
            "no seller is larger than the fair part of a reducer",
        ),
    ])?;
    Ok(reducers * largest + 1.0 - largest)
}

fn shuffle(knobs: &Knobs) -> Result<f64, &'static str> {
    unless(&[(knobs.combiner.get(), "the join adds up first")])?;
    let sales = knobs.auctions.get();
    let paid = sales as f64 * (1.0 - knobs.payment_missing_ratio.get());
    let sides = match knobs.join.get() {
        Joining::Broadcast => paid * knobs.map_workers.get() as f64,
        Joining::Hash | Joining::SortMerge => sales as f64 + paid,
    };
    Ok((sides + paid) * ROW_MB)
}
