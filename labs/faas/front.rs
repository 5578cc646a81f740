//! The callers: the load of our function and of its neighbour, and what each call meets.

use super::containers::Containers;
use super::pattern::{Delivered, Failed, Function, Ran, Start, Throttled};
use super::sandbox::{Call, Sandboxes};
use super::settings::{Invocation, Profile};
use super::waterfall;
use super::world::{Tamper, World};
use crate::engine::{self, SimTime, Source as _, Stream};
use crate::workbench::workload::{ALIVE_MAX, Rate};
use std::cell::Cell;
use std::f64::consts::TAU;
use std::rc::Rc;
use std::time::Duration;

/// Calls in progress and events kept, at most: it bounds the memory of an overload.
const CALLS_MAX: usize = 100_000;
/// At most one line a second about calls that were dropped for that.
const LOG_EVERY: Duration = Duration::from_secs(1);
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
    made: Cell<u64>,
    in_progress: Cell<usize>,
    /// Raised to end the bursts that are under way.
    burst_round: Cell<u64>,
    logged_overload: Cell<Option<SimTime>>,
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
            made: Cell::new(0),
            in_progress: Cell::new(0),
            burst_round: Cell::new(0),
            logged_overload: Cell::new(None),
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

    /// So many calls more, evenly over ten seconds.
    pub fn burst(self: &Rc<Self>, count: u64) {
        let (front, round) = (Rc::clone(self), self.burst_round.get());
        let gap = BURST_WITHIN.div_f64(count.max(1) as f64);
        self.world.sim.spawn(async move {
            for _ in 0..count {
                engine::sleep(gap).await;
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
                engine::sleep(LOG_EVERY).await;
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
                let refused = front.neighbour.invoke(&call).await.is_err();
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
        world.meters.calls_total.increment();
        world.checks.came();
        let number = self.made.get() + 1;
        self.made.set(number);
        if world.tamper == Tamper::LoseCalls && number.is_multiple_of(50) {
            return;
        }
        if self.in_progress.get() >= CALLS_MAX || world.sim.alive() >= ALIVE_MAX {
            self.turn_away();
            return;
        }
        self.in_progress.set(self.in_progress.get() + 1);
        let front = Rc::clone(self);
        world.sim.spawn(async move {
            let call = Call {
                number,
                ..Call::default()
            };
            front.contain(&call);
            front.serve(&call).await;
            front.in_progress.set(front.in_progress.get() - 1);
            front.has_ended();
        });
    }

    fn has_ended(&self) {
        self.world.checks.ended(self.in_progress.get());
        self.measure();
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
                let outcome = self.function.invoke(call).await;
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
                match delivered.await {
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

    /// What a try came to.
    pub fn tried(&self, call: &Call, came: SimTime, outcome: Result<&Ran<()>, Throttled>) {
        let (world, now) = (&self.world, self.world.now());
        let meters = &world.meters;
        meters.throttled_ratio.whole.increment();
        match outcome {
            Err(_) => {
                meters.throttled_total.increment();
                meters.throttled_ratio.part.increment();
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
        let logged = self.logged_overload.get();
        if logged.is_none_or(|logged| now - logged >= LOG_EVERY) {
            self.logged_overload.set(Some(now));
            let text = format!(
                "overload: {} calls in progress or kept for a retry; {} dropped so far",
                self.in_progress.get(),
                world.meters.dropped_total.since_start()
            );
            world.instruments.journal.bad(now, text);
        }
        self.has_ended();
    }
}
