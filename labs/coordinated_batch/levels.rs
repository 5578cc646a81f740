//! What goes by the clock: a reader who looks at the results, and the levels that change without an event.

use super::nights::Nights;
use crate::engine;
use std::rc::Rc;
use std::time::Duration;

/// How often the reader looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// For ever.
pub async fn keep(nights: Rc<Nights>) {
    loop {
        engine::sleep(LOOK_EVERY).await;
        measure(&nights);
        read(&nights);
        nights.say_if_late();
    }
}

pub fn measure(nights: &Nights) {
    let (world, now) = (&nights.world, nights.world.now());
    let busy = world
        .workers
        .iter()
        .filter(|worker| worker.doing.get().is_some());
    let utilization = busy.count() as f64 / world.workers.len() as f64;
    world.meters.worker_utilization.set(utilization, now);
    let done = world.running().map_or(1.0, |running| {
        running.done as f64 / running.tasks.max(1) as f64
    });
    world.meters.stage_done_ratio.set(done, now);
}

/// A reader wants the sum of a night, and takes what is there.
fn read(nights: &Nights) {
    let world = &nights.world;
    let parts = world.shelf.manifest.get().parts;
    let seen = world.shelf.parts_seen();
    let is_whole = seen == 0 || seen == parts;
    if !is_whole {
        world.meters.half_read_total.increment();
    }
    world.invariants.whole.check(is_whole, || {
        let night = world.night().number;
        format!("a reader saw {seen} of {parts} files of night {night}")
    });
}
