//! What goes by the clock: the levels of each component.

use super::component::Component;
use super::world::World;
use ddlab_labs::engine;
use std::rc::Rc;
use std::time::Duration;

/// How often the levels are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// For ever.
pub async fn keep(world: Rc<World>) {
    loop {
        engine::sleep(LOOK_EVERY).await;
        for component in &world.components {
            measure(&world, component);
        }
    }
}

fn measure(world: &World, component: &Component) {
    let now = world.now();
    let (mut busy, mut slots, mut waiting, mut held) = (0.0, 0.0, 0, 0);
    for machine in &component.machines {
        let seconds = machine.server.busy_seconds(now);
        let before = machine.busy_at_look.replace(seconds);
        waiting += machine.server.queue_len();
        held += machine.server.busy() + machine.server.queue_len();
        if machine.is_up() {
            busy += seconds - before;
            slots += machine.server.slots().map_or(0.0, |slots| slots as f64);
        }
    }
    let whole = slots * LOOK_EVERY.as_secs_f64();
    let utilization = if whole > 0.0 {
        (busy / whole).min(1.0)
    } else {
        0.0
    };
    component.meters.utilization.set(utilization, now);
    component.meters.queue_depth.set(waiting as f64, now);
    let open = component.visits.open();
    world
        .checks
        .invariants
        .slots
        .check(held as u64 <= open, || {
            format!(
                "{}: {held} in slots or in line, and {open} requests",
                component.name
            )
        });
}
