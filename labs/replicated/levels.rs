//! What goes by the clock: the autoscaler, and the levels that change without an event.

use super::front::Front;
use super::scaling::{Hpa, Seen};
use super::settings::Autoscale;
use crate::engine;
use ddlab_text::figure;
use std::rc::Rc;
use std::time::Duration;

/// How often the levels are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS_A_SECOND: usize = 10;

/// Looks every `sync` and makes the fleet as large as the rule says, for ever.
pub async fn autoscale(front: Rc<Front>) {
    let (mut hpa, mut came_before) = (Hpa::default(), 0);
    loop {
        let (world, fleet) = (&front.world, &front.fleet);
        let sync = world.knobs.sync.get();
        engine::sleep(sync).await;
        let seconds = sync.as_secs_f64();
        let came = world.checks.requests.came();
        // What is in progress is something to do, even if nothing has come since the last look.
        let busy = world.checks.requests.in_progress() + front.held.get() > 0;
        let offered = (came - came_before).max(u64::from(busy)) as f64 / seconds;
        came_before = came;
        let (mut served, mut ready, mut starting) = (0, 0, 0);
        for replica in fleet.replicas().iter() {
            let now_served = replica.served_since(&replica.served_at_look);
            if replica.is_ready() {
                served += now_served;
                ready += 1;
            } else if replica.stays() {
                starting += 1;
            }
        }
        let seen = match world.knobs.autoscale.get() {
            Autoscale::Off => {
                hpa = Hpa::default();
                continue;
            }
            Autoscale::Hpa => Seen::PerPod {
                sum: served as f64 / seconds,
                ready,
                starting,
            },
            Autoscale::Event | Autoscale::Predictive => Seen::Total(offered),
        };
        let current = fleet.desired() as u32;
        let wanted = hpa.replicas(current, seen, world.knobs.bounds(), world.now().into());
        if wanted != current {
            let sees = match seen {
                Seen::Total(total) => format!("{} requests a second offered", figure(total)),
                Seen::PerPod { sum, .. } => {
                    format!("{:.0} served by each ready replica", sum / f64::from(ready))
                }
            };
            world.info(format!(
                "the autoscaler sees {sees}: {current} become {wanted}"
            ));
            fleet.scale_to(wanted as usize);
        }
    }
}

/// Keeps the levels and the bill, for ever.
pub async fn keep(front: Rc<Front>) {
    let (mut looks, mut owed) = (0_usize, 0);
    loop {
        engine::sleep(LOOK_EVERY).await;
        owed += front.fleet.replicas().len();
        let seconds = (owed / LOOKS_A_SECOND) as u64;
        front.world.meters.replica_seconds_total.add(seconds);
        owed %= LOOKS_A_SECOND;
        measure(&front);
        looks += 1;
        if looks.is_multiple_of(LOOKS_A_SECOND) {
            measure_balance(&front);
        }
    }
}

pub fn measure(front: &Front) {
    let (world, fleet) = (&front.world, &front.fleet);
    let (meters, now) = (&world.meters, world.now());
    let (mut ready, mut busy, mut waiting) = (0, 0.0, 0);
    for replica in fleet.replicas().iter() {
        waiting += replica.waiting();
        if replica.is_ready() {
            ready += 1;
            busy += replica.load();
        }
    }
    meters.replicas.set(fleet.desired() as f64, now);
    meters.ready_replicas.set(f64::from(ready), now);
    meters.activator_depth.set(front.held.get() as f64, now);
    meters.queue_depth.set(waiting as f64, now);
    meters.utilization.set(busy / f64::from(ready.max(1)), now);
}

fn measure_balance(front: &Front) {
    let (mut most, mut all, mut count) = (0, 0, 0_u32);
    for replica in front.fleet.replicas().iter() {
        let served = replica.served_since(&replica.served_at_second);
        if replica.is_ready() {
            most = most.max(served);
            all += served;
            count += 1;
        }
    }
    if all > 0 {
        let mean = all as f64 / f64::from(count);
        let world = &front.world;
        let above = most as f64 / mean - 1.0;
        world.meters.imbalance_ratio.set(above, world.now());
    }
}
