//! The processor of a pod: slices for whoever has had least of it by its weight, and a quota for each sidecar and for
//! the pod.
//!
//! Sources: Linux kernel documentation, "CFS Bandwidth Control": a group that has used its quota of a period of 100 ms
//! stands still for the rest of it. Kubernetes, `MilliCPUToShares`: a container's weight is what it requests, 1,024 for
//! a core, and 2 where it requests nothing. Goyal, Vin and Cheng, "Start-time fair queuing", 1996: how the weights are
//! kept to.

use super::world::{ALL, Who};
use crate::engine::{self, SimTime};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The longest that one may have a core at a time. Nobody is interrupted within it.
const SLICE: Duration = Duration::from_millis(4);
const PERIOD: Duration = Duration::from_millis(100);
/// The weight of a whole core that is requested, and the least.
const SHARES: u64 = 1_024;
const SHARES_MIN: u64 = 2;

/// What a container may have. All are thousandths of a core.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// What the pod may use, on as many cores as that takes.
    pub pod: usize,
    pub limit: Option<usize>,
    pub request: Option<usize>,
}

impl Rules {
    fn shares(&self) -> u64 {
        let request = self.request.unwrap_or(0) as u64;
        (request * SHARES / 1_000).max(SHARES_MIN)
    }
}

#[derive(Default)]
pub struct Cpu {
    cores: Cell<usize>,
    busy: Cell<usize>,
    /// Who waits for a core, by virtual start and then by arrival.
    waiting: RefCell<BTreeMap<(u64, u64), oneshot::Sender<Core>>>,
    arrivals: Cell<u64>,
    /// The virtual start of the slice that was given out last.
    virtual_now: Cell<u64>,
    pod: Quota,
    containers: [Container; ALL.len()],
    throttled: Cell<u64>,
}

#[derive(Default)]
struct Container {
    /// The virtual end of the last slice that it asked for.
    virtual_end: Cell<u64>,
    quota: Quota,
    /// Time on a core since the last look.
    used: Cell<Duration>,
}

/// A core, until this is dropped.
struct Core(Rc<Cpu>);

impl Drop for Core {
    fn drop(&mut self) {
        self.0.busy.set(self.0.busy.get() - 1);
        self.0.give_out();
    }
}

impl Cpu {
    /// Computes for `work`, as long as that takes on a core of its own.
    pub async fn run(self: &Rc<Self>, who: Who, work: Duration, rules: Rules) {
        self.cores.set(rules.pod.div_ceil(1_000));
        let container = &self.containers[who as usize];
        let mut left = work;
        while !left.is_zero() {
            let mut slice = left.min(SLICE);
            if let Some(limit) = rules.limit {
                slice = container.quota.take(slice, limit, &self.throttled).await;
            }
            left -= slice;
            let _core = self.core(container, slice, rules.shares()).await;
            while !slice.is_zero() {
                let part = self.pod.take(slice, rules.pod, &self.throttled).await;
                engine::sleep(part).await;
                container.used.set(container.used.get() + part);
                slice -= part;
            }
        }
    }

    // region: fair
    /// A core for a slice: the sooner, the less the container has had of late by its weight.
    async fn core(
        self: &Rc<Self>,
        container: &Container,
        slice: Duration,
        shares: u64,
    ) -> Option<Core> {
        let start = self.virtual_now.get().max(container.virtual_end.get());
        let length = slice.as_nanos() as u64 * SHARES / shares;
        container.virtual_end.set(start + length);
        let (gives, gets) = oneshot::channel();
        let arrival = self.arrivals.get() + 1;
        self.arrivals.set(arrival);
        self.waiting.borrow_mut().insert((start, arrival), gives);
        self.give_out();
        gets.await.ok()
    }

    /// Gives free cores to those who wait.
    fn give_out(self: &Rc<Self>) {
        while self.busy.get() < self.cores.get() {
            let next = self.waiting.borrow_mut().pop_first();
            let Some(((start, _), gives)) = next else {
                return;
            };
            if !gives.is_closed() {
                self.busy.set(self.busy.get() + 1);
                self.virtual_now.set(start);
                drop(gives.send(Core(Rc::clone(self))));
            }
        }
    }
    // endregion: fair

    /// Time on a core since this was last asked.
    pub fn used_by(&self, who: Who) -> Duration {
        self.containers[who as usize].used.take()
    }

    /// How often a quota was used up before its period was over, since this was last asked.
    pub fn throttled(&self) -> u64 {
        self.throttled.take()
    }

    /// Cores at work, of those of the pod.
    pub fn load(&self) -> f64 {
        self.busy.get() as f64 / self.cores.get().max(1) as f64
    }
}

/// What may be used of a period of 100 ms.
#[derive(Default)]
struct Quota {
    period: Cell<u64>,
    used: Cell<Duration>,
    /// It was used up in this period.
    throttled: Cell<bool>,
}

impl Quota {
    /// Takes what there is of this slice, after a wait for the next period when nothing is left of this one.
    async fn take(&self, slice: Duration, millis: usize, throttled: &Cell<u64>) -> Duration {
        let whole = PERIOD.mul_f64(millis as f64 / 1_000.0);
        loop {
            let period = engine::now().0 / PERIOD.as_nanos() as u64;
            if self.period.replace(period) != period {
                self.used.set(Duration::ZERO);
                self.throttled.set(false);
            }
            let taken = slice.min(whole.saturating_sub(self.used.get()));
            if !taken.is_zero() {
                self.used.set(self.used.get() + taken);
                return taken;
            }
            if !self.throttled.replace(true) {
                throttled.set(throttled.get() + 1);
            }
            engine::sleep_until(SimTime((period + 1) * PERIOD.as_nanos() as u64)).await;
        }
    }
}
