//! What goes by the clock: rates by the second, and the levels that change without an event.

use super::world::World;
use crate::engine;
use std::rc::Rc;
use std::time::Duration;

/// How often the levels are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS_A_SECOND: usize = 10;

/// For ever.
pub async fn keep(world: Rc<World>) {
    let (mut looks, mut answered_before) = (0_usize, 0);
    loop {
        engine::sleep(LOOK_EVERY).await;
        measure(&world);
        looks += 1;
        if looks.is_multiple_of(LOOKS_A_SECOND) {
            let (meters, now) = (&world.meters, world.now());
            let answered = meters.answered_total.since_start();
            meters
                .goodput_rps
                .set((answered - answered_before) as f64, now);
            answered_before = answered;
            meters.upstream_rps.set(world.reached.take() as f64, now);
        }
    }
}

pub fn measure(world: &World) {
    let (meters, now) = (&world.meters, world.now());
    let up = || {
        world
            .instances
            .iter()
            .filter(|one| world.sim.is_up(one.node))
    };
    let waiting: usize = up().map(|instance| instance.waiting()).sum();
    let busy: f64 = up().map(|instance| instance.load()).sum();
    meters.queue_depth.set(waiting as f64, now);
    meters
        .utilization
        .set(busy / up().count().max(1) as f64, now);
    meters
        .breaker_open_ratio
        .set(world.checks.open_share(), now);
}
