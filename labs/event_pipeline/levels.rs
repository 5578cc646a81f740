//! What goes by the clock: rates by the second, and the levels that change without an event.

use super::job::Job;
use super::table::STAGES;
use super::world::{ENRICH, FILTER, FRAUD};
use crate::engine;
use std::rc::Rc;
use std::time::Duration;

/// How often the levels are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS_A_SECOND: usize = 10;
/// An event on disk.
const EVENT_BYTES: f64 = 500.0;

/// For ever.
pub async fn keep(job: Rc<Job>) {
    let (mut looks, mut counted_before) = (0_usize, 0);
    loop {
        engine::sleep(LOOK_EVERY).await;
        measure(&job);
        looks += 1;
        if looks.is_multiple_of(LOOKS_A_SECOND) {
            let (meters, now) = (&job.world.meters, job.world.now());
            let counted = meters.counted_total.since_start();
            let rate = (counted - counted_before) as f64;
            meters.throughput_rps.set(rate, now);
            counted_before = counted;
        }
    }
}

pub fn measure(job: &Job) {
    let world = &job.world;
    let (meters, now) = (&world.meters, world.now());
    let (depths, waiting) = (world.depths(), world.waiting());
    let events: usize = depths.iter().sum();
    meters.stage_depth.set(events as f64, now);
    meters.enrich_depth.set(depths[ENRICH] as f64, now);
    meters.log_depth.set(world.log.unread() as f64, now);
    let blocked = (waiting[FILTER] + waiting[FRAUD]) as f64;
    let lanes = world.log.lanes() as f64;
    meters.source_blocked_ratio.set(blocked / lanes, now);
    meters
        .spilled_bytes
        .set(world.spilled() as f64 * EVENT_BYTES, now);
    if let Some(holds) = &world.holds {
        let (_, kept) = holds.depths();
        meters.join_depth.set(kept as f64, now);
    }
    let lag = Duration::from(now).saturating_sub(job.watermark());
    meters.watermark_lag_s.set(lag.as_secs_f64(), now);
    for (stage, name) in STAGES.iter().enumerate() {
        // A reader hands an event to the fraud stage first, and holds it for the filter meanwhile.
        let before = waiting[stage] + if stage == FILTER { waiting[FRAUD] } else { 0 };
        let adds_up = world.accounts[stage].adds_up(depths[stage], before);
        world.books.invariants.adds_up.check(adds_up, || {
            format!(
                "{name}: {:?} with {} queued",
                world.accounts[stage], depths[stage]
            )
        });
    }
}
