//! What goes by the clock: the levels of each component.

use super::component::Component;
use super::world::World;
use ddlab_labs::engine;
use std::rc::Rc;
use std::time::Duration;

/// How often the levels are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const SECOND_NS: u64 = 1_000_000_000;

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
    let is_second = now.0.is_multiple_of(SECOND_NS);
    let (mut busy, mut slots, mut held) = (0.0, 0.0, 0);
    for machine in component.machines().iter() {
        let seconds = machine.server.busy_seconds(now);
        let before = machine.busy_at_look.replace(seconds);
        if is_second {
            let before = machine.busy_at_second.replace(seconds);
            let own = machine.server.slots();
            let load = own.map_or(0.0, |own| (seconds - before) / own.max(1) as f64);
            machine.load.set(load.min(1.0));
        }
        held += machine.server.busy() + machine.server.queue_len();
        if let Some(own) = machine.server.slots()
            && machine.is_up()
        {
            busy += seconds - before;
            slots += own as f64;
        }
    }
    let whole = slots * LOOK_EVERY.as_secs_f64();
    let utilization = if whole > 0.0 {
        (busy / whole).min(1.0)
    } else {
        0.0
    };
    let machines = component.machines();
    let up = machines.iter().filter(|machine| machine.is_up()).count();
    component.meters.machines.set(up as f64, now);
    let utilization = component.does.utilization().unwrap_or(utilization);
    component.meters.utilization.set(utilization, now);
    let waiting = component.waiting() as f64;
    component.meters.queue_depth.set(waiting, now);
    component.measure(world);
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
