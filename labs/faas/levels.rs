//! What goes by the clock: the bill of a month, and what containers would cost and bear.

use super::front::Front;
use crate::engine;
use std::rc::Rc;
use std::time::Duration;

/// How often the bill is looked at: often at first, since the first minute is short.
const EVERY: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(10);
const FIRST_MINUTES: Duration = Duration::from_mins(10);

/// For ever.
pub async fn keep(front: Rc<Front>) {
    loop {
        let world = &front.world;
        let first = Duration::from(world.now()) < FIRST_MINUTES;
        let span = if first { EVERY } else { LATER };
        engine::sleep(span).await;
        let (now, knobs) = (world.now(), &world.knobs);
        let kept = knobs.provisioned.get();
        world.bill.kept(kept, span, world.prices());
        let a_month = world.bill.a_month(now.into());
        world.meters.faas_usd_month.set(a_month, now);
        measure_containers(&front);
        front.measure();
    }
}

pub fn measure_containers(front: &Front) {
    let world = &front.world;
    let (knobs, now) = (&world.knobs, world.now());
    let containers = knobs.containers.get();
    let price = containers as f64 * knobs.usd_per_container.get();
    world.meters.containers_usd_month.set(price, now);
    // Little's law; a distribution without a mean keeps any number of places busy.
    let places = (containers * knobs.container_slots.get()) as f64;
    if let Some(mean) = knobs.duration.borrow().mean() {
        let busy = front.rps() * mean.as_secs_f64() / places;
        world.meters.containers_utilization.set(busy, now);
    }
}
