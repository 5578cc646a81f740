//! What goes by the clock: shares of the processor, ages, memory, and the bill.

use super::pod::Pod;
use super::settings::{MB, Mode};
use super::world::{ALL, Who};
use crate::engine;
use std::rc::Rc;
use std::time::Duration;

/// How often the levels are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS_A_SECOND: usize = 10;

/// For ever.
pub async fn keep(pod: Rc<Pod>) {
    let mut looks = 0_usize;
    loop {
        engine::sleep(LOOK_EVERY).await;
        measure(&pod);
        looks += 1;
        if looks.is_multiple_of(LOOKS_A_SECOND) {
            let (world, now) = (&pod.world, pod.world.now());
            let [app, sidecars @ ..] = ALL.map(|who| world.cpu.used_by(who).as_secs_f64());
            world.meters.app_cpu_ratio.set(app, now);
            let sidecars: f64 = sidecars.iter().sum();
            world.meters.sidecar_cpu_ratio.set(sidecars, now);
        }
    }
}

pub fn measure(pod: &Pod) {
    let (world, now) = (&pod.world, pod.world.now());
    let (meters, mode) = (&world.meters, world.knobs.mode.get());
    let waiting_mb = match mode {
        // What is shipped is out of the queue.
        Mode::Library => world.lines.pending() * world.knobs.line_bytes.get() as u64,
        Mode::Sidecar | Mode::NodeAgent => world.lines.bytes(),
    } as f64
        / MB as f64;
    meters
        .log_lag_s
        .set(world.lines.lag(now).as_secs_f64(), now);
    meters.volume_used_mb.set(waiting_mb, now);
    meters
        .config_age_s
        .set(world.configs.age(now).as_secs_f64(), now);
    let up = ALL.into_iter().filter(|who| world.container(*who).up.get());
    let resident: f64 = up.map(Who::memory_mb).sum();
    let queued = if mode == Mode::Library {
        waiting_mb
    } else {
        0.0
    };
    meters.throttled_periods_total.add(world.cpu.throttled());
    meters.pod_memory_mb.set(resident + queued, now);
    let knobs = &world.knobs;
    let (pods, machines) = (knobs.pods.get() as f64, knobs.machines.get() as f64);
    let price = |who: Who| {
        let cores = who.request().unwrap_or(0) as f64 / 1_000.0;
        let gb = who.memory_mb() / 1_000.0;
        cores * knobs.usd_per_core.get() + gb * knobs.usd_per_gb.get()
    };
    let shippers = match mode {
        Mode::Library => 0.0,
        Mode::Sidecar => pods,
        Mode::NodeAgent => machines,
    };
    let proxies = if pod.has(Who::Proxy) { pods } else { 0.0 };
    let bill = shippers * price(Who::Shipper) + proxies * price(Who::Proxy);
    meters.overhead_usd_month.set(bill, now);
}
