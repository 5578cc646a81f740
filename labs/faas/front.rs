//! The callers: the load of our function and of its neighbour, and what each call meets.

use super::containers::Containers;
use super::pattern::{Delivered, Failed, Function, Ran, Start, Throttled};
use super::sandbox::{Call, Sandboxes};
use super::settings::{Invocation, Profile};
use super::waterfall;
use super::world::{Tamper, World};
use crate::engine::{self, SimTime, Source as _, Stream};
use crate::workbench::workload::Rate;
use std::cell::{Cell, RefCell};
use std::f64::consts::TAU;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

/// How often a neighbour without a load looks whether it has one.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A clump of the bursty profile: so many calls within this time.
const CLUMP: u32 = 40;
const CLUMP_WITHIN: Duration = Duration::from_secs(1);
/// A rare function has one call where the others have so many.
const RARE: f64 = 3_000.0;
/// A day of the daily profile, how far its load goes up and down, and how often that is looked at.
const DAY_S: f64 = 86_400.0;
const SWING: f64 = 0.9;
const DAILY_EVERY: Duration = Duration::from_mins(1);
/// A burst by hand comes within this time.
const BURST_WITHIN: Duration = Duration::from_secs(10);

pub struct Front {
    pub world: Rc<World>,
    pub function: Rc<Function<Sandboxes>>,
    pub neighbour: Rc<Function<Sandboxes>>,
    pub containers: Containers,
    rate: Rate,
    /// Raised to end the bursts that are under way.
    burst_round: Cell<u64>,
    burst_gaps: RefCell<Stream>,
}

impl Front {
    pub fn open(
        world: &Rc<World>,
        function: Rc<Function<Sandboxes>>,
        neighbour: Rc<Function<Sandboxes>>,
    ) -> Rc<Self> {
        let knobs = &world.knobs;
        let front = Rc::new(Self {
            world: Rc::clone(world),
            function,
            neighbour,
            containers: Containers::default(),
            rate: Rate::new(&knobs.arrival_rps, &knobs.arrivals),
            burst_round: Cell::new(0),
            burst_gaps: RefCell::new(world.sim.stream("burst")),
        });
        front.apply_profile();
        let sim = &world.sim;
        sim.spawn(Rc::clone(&front).flow());
        sim.spawn(Rc::clone(&front).follow_the_day());
        sim.spawn(Rc::clone(&front).neighbours_flow());
        front
    }

    /// Calls a second that the profile brings at this moment.
    pub fn rps(&self) -> f64 {
        match self.world.knobs.profile.get() {
            Profile::Bursty => self.rate.rps() * f64::from(CLUMP),
            _ => self.rate.rps(),
        }
    }

    pub fn load_was_turned(&self) {
        self.apply_profile();
        self.rate.turned();
    }

    fn apply_profile(&self) {
        self.rate.set_factor(match self.world.knobs.profile.get() {
            Profile::Poisson => 1.0,
            Profile::Bursty => 1.0 / f64::from(CLUMP),
            // The least of the load is at the start of the day.
            Profile::Daily => 1.0 - SWING * libm::cos(TAU * self.world.now().as_secs_f64() / DAY_S),
            Profile::Rare => 1.0 / RARE,
        });
    }

    async fn follow_the_day(self: Rc<Self>) {
        loop {
            engine::sleep(DAILY_EVERY).await;
            if self.world.knobs.profile.get() == Profile::Daily {
                self.apply_profile();
            }
        }
    }

    async fn flow(self: Rc<Self>) {
        let mut gaps = self.world.sim.stream("arrivals");
        let mut within = self.world.sim.stream("clumps");
        loop {
            self.rate.next_arrival(&mut gaps).await;
            if self.world.knobs.profile.get() == Profile::Bursty {
                self.clump(&mut within);
            } else {
                self.call();
            }
        }
    }

    fn clump(self: &Rc<Self>, within: &mut Stream) {
        for _ in 0..CLUMP {
            let after = CLUMP_WITHIN.mul_f64(within.uniform());
            let front = Rc::clone(self);
            self.world.sim.spawn(async move {
                engine::sleep(after).await;
                front.call();
            });
        }
    }

    /// So many calls more, each at a random moment of the next ten seconds.
    pub fn burst(self: &Rc<Self>, count: u64) {
        let (front, round) = (Rc::clone(self), self.burst_round.get());
        self.world.sim.spawn(async move {
            // The share of the ten seconds that is left shrinks by the smallest of so many uniform numbers.
            let mut left = 1.0;
            for remaining in (1..=count).rev() {
                let luck = front.burst_gaps.borrow_mut().uniform();
                let then_left = left * libm::pow(luck, 1.0 / remaining as f64);
                engine::sleep(BURST_WITHIN.mul_f64(left - then_left)).await;
                left = then_left;
                if front.burst_round.get() != round {
                    return;
                }
                front.call();
            }
        });
    }

    pub fn calm(&self) {
        self.burst_round.set(self.burst_round.get() + 1);
    }

    async fn neighbours_flow(self: Rc<Self>) {
        let mut gaps = self.world.sim.stream("neighbour's arrivals");
        let mut number = 0;
        loop {
            let Some(rps) = self.world.knobs.neighbour_rps.get() else {
                engine::sleep(LOOK_EVERY).await;
                continue;
            };
            let gap = -libm::log(gaps.uniform()) / rps;
            engine::sleep(Duration::from_secs_f64(gap)).await;
            number += 1;
            let front = Rc::clone(&self);
            self.world.sim.spawn(async move {
                let call = Call {
                    number,
                    ..Call::default()
                };
                let refused = front.begun(front.neighbour.invoke(&call)).await.is_err();
                let meters = &front.world.meters;
                meters.neighbour_calls_total.increment();
                meters.neighbour_throttled_ratio.whole.increment();
                let part = &meters.neighbour_throttled_ratio.part;
                part.add(u64::from(refused));
                front.measure();
            });
        }
    }

    /// One more call of the load.
    fn call(self: &Rc<Self>) {
        let world = &self.world;
        let counted = world.meters.calls_total.enter();
        let number = world.checks.calls.comes();
        if world.tamper == Tamper::LoseCalls && number.is_multiple_of(50) {
            return;
        }
        if !world.checks.calls.has_room(&world.sim) {
            self.turn_away();
            return;
        }
        world.checks.calls.begins();
        let front = Rc::clone(self);
        world.sim.spawn(async move {
            let call = Call {
                number,
                ..Call::default()
            };
            front.contain(&call);
            front.serve(&call).await;
            front.world.checks.calls.ends();
            drop(counted);
            front.measure();
        });
    }

    /// The same call, as the containers would have served it.
    fn contain(&self, call: &Call) {
        let takes = self.function.runtime.takes(call);
        let latency = self.containers.serve(self.world.now(), takes);
        self.world
            .meters
            .containers_latency_ms
            .record(latency.into());
    }

    async fn serve(&self, call: &Call) {
        let world = &self.world;
        let came = world.now();
        match world.knobs.invocation.get() {
            Invocation::Sync => {
                let outcome = self.begun(self.function.invoke(call)).await;
                self.tried(call, came, outcome.as_ref().map_err(|refused| *refused));
            }
            Invocation::Async => {
                let mut tries = 0_u64;
                let oldest = world.knobs.event_age.get();
                let delivered = self.function.deliver(call, oldest, |outcome| {
                    world.meters.retries_total.add(u64::from(tries > 0));
                    tries += 1;
                    self.tried(call, came, outcome);
                });
                match self.begun(delivered).await {
                    Delivered::Done => {
                        let delay = world.now() - came;
                        world.meters.event_delay_ms.record(delay.into());
                    }
                    Delivered::GivenUp(_) | Delivered::TooOld => {
                        world.meters.dropped_total.increment();
                    }
                }
            }
        }
    }

    /// Does the work to its end, and measures the levels once it has begun.
    async fn begun<T>(&self, work: impl Future<Output = T>) -> T {
        let (mut work, mut measured) = (pin!(work), false);
        poll_fn(|cx| {
            let polled = work.as_mut().poll(cx);
            if !std::mem::replace(&mut measured, true) {
                self.measure();
            }
            polled
        })
        .await
    }

    /// What a try came to.
    pub fn tried(&self, call: &Call, came: SimTime, outcome: Result<&Ran<()>, Throttled>) {
        let (world, now) = (&self.world, self.world.now());
        let meters = &world.meters;
        meters.refused_ratio.whole.increment();
        match outcome {
            Err(_) => {
                meters.throttled_total.increment();
                meters.refused_ratio.part.increment();
            }
            Ok(ran) => {
                world.bill.call(world.prices());
                meters.cold_ratio.whole.increment();
                if ran.start == Start::Cold {
                    meters.cold_ratio.part.increment();
                    meters.cold_start_ms.record(ran.waited.into());
                }
                match ran.answer {
                    Ok(()) => {
                        meters.answered_total.increment();
                        meters.latency_ms.record((now - came).into());
                    }
                    Err(Failed::Handler(_)) => meters.errors_total.increment(),
                    Err(Failed::TimeLimit) => meters.timeouts_total.increment(),
                }
            }
        }
        let traces = &world.instruments.traces;
        traces.offer(call.number, came, now, || {
            waterfall::trace(call, came, now, outcome)
        });
        self.measure();
    }

    pub fn measure(&self) {
        let (world, now, count) = (&self.world, self.world.now(), self.function.count());
        let meters = &world.meters;
        meters.instances.set(count.instances() as f64, now);
        meters.concurrency.set(count.calls as f64, now);
        meters.account_busy.set(world.account.busy() as f64, now);
        let idle = count.idle as f64 / count.instances().max(1) as f64;
        meters.idle_ratio.set(idle, now);
    }

    fn turn_away(&self) {
        let (world, now) = (&self.world, self.world.now());
        world.meters.dropped_total.increment();
        let calls = &world.checks.calls;
        calls.turns_away(now, &world.instruments.journal, || {
            let (in_progress, dropped) = (calls.in_progress(), &world.meters.dropped_total);
            let dropped = dropped.since_start();
            format!("{in_progress} calls in progress or kept for a retry; {dropped} dropped so far")
        });
    }
}
