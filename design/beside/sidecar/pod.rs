//! The sidecars of a component while they run: a proxy, a log and its shipper beside each machine.

use super::super::Beside;
use super::{Knobs, MISHAPS, SidecarMeters};
use crate::system::call::Answer;
use crate::system::machine::Machine;
use crate::system::work::Mishap;
use crate::system::world::{Base, Tamper, World};
use ddlab_labs::engine::{self, Purpose, Server, SimTime};
use ddlab_labs::sidecar::logger::{self, Appended, RotatingLog};
use ddlab_labs::sidecar::pattern::{
    Checkpoint, Log, NotStored, Read, Rules, SaveOn, Shipper, Sink,
};
use ddlab_labs::workbench::invariant::Invariant;
use ddlab_labs::workbench::knob::Settings;
use ddlab_labs::workbench::meter::Counter;
use futures::FutureExt as _;
use futures::future::{LocalBoxFuture, pending};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// A log store that is down refuses a batch after this.
const REFUSED: Duration = Duration::from_millis(50);
/// Requests of a machine that wait for its proxy or for room in its log, at most; more are refused.
const WAITING_MAX: usize = 1_000;
const MB: u64 = 1_000_000;
/// Who waits for room in the log looks again after this: the rule for a full log may have been turned.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// What all sidecars of a component share.
struct Common {
    knobs: Rc<Knobs>,
    meters: SidecarMeters,
    latency: Purpose,
    adds_up: Rc<Invariant>,
    name: Rc<str>,
    tamper: Cell<Tamper>,
}

/// The sidecars of a component.
pub struct Sidecars {
    common: Rc<Common>,
    /// One beside each machine.
    pods: RefCell<Vec<Rc<Pod>>>,
}

impl Sidecars {
    pub fn new(base: &Base, component: &str, own: &Rc<Settings>) -> Self {
        let common = Common {
            knobs: Knobs::of(own),
            meters: SidecarMeters::of(&base.instruments.meters, component),
            latency: base.sim.purpose(&format!("{component} log store")),
            adds_up: Rc::clone(&base.checks.invariants.lines),
            name: component.into(),
            tamper: Cell::new(Tamper::Nothing),
        };
        Self {
            common: Rc::new(common),
            pods: RefCell::default(),
        }
    }

    fn pod(&self, machine: &Machine) -> Rc<Pod> {
        Rc::clone(&self.pods.borrow()[machine.number as usize - 1])
    }
}

impl Beside for Sidecars {
    fn join(self: Rc<Self>, world: &Rc<World>, machine: &Rc<Machine>) {
        self.common.tamper.set(world.tamper);
        let pod = Rc::new(Pod::new(&self.common, machine.target));
        pod.ship(world, machine);
        self.pods.borrow_mut().push(pod);
    }

    fn before<'a>(&'a self, machine: &'a Machine) -> LocalBoxFuture<'a, Option<Answer>> {
        async move { self.pod(machine).pass_the_proxy().await }.boxed_local()
    }

    fn after<'a>(&'a self, machine: &'a Machine, _: Answer) -> LocalBoxFuture<'a, ()> {
        async move {
            let pod = self.pod(machine);
            for _ in 0..self.common.knobs.log_lines_per_request.get() {
                pod.write_line().await;
            }
        }
        .boxed_local()
    }

    fn lives(self: Rc<Self>, world: &Rc<World>, machine: &Rc<Machine>, up: bool) {
        let pod = self.pod(machine);
        if up {
            pod.ship(world, machine);
        } else {
            pod.ends();
        }
    }

    fn befalls(&self, machine: &Machine, mishap: &Mishap, begins: bool) -> String {
        let pod = self.pod(machine);
        let [expires, _] = MISHAPS;
        if *mishap == expires {
            pod.certified.set(!begins);
            let what = if begins {
                "has run out"
            } else {
                "is good again"
            };
            return format!("{}: its certificate {what}", machine.number);
        }
        pod.store_up.set(!begins);
        let what = if begins {
            "takes none"
        } else {
            "takes lines again"
        };
        format!("{}: the log store {what}", machine.number)
    }

    fn measure(&self, world: &World) {
        let (meters, now) = (&self.common.meters, world.now());
        let pods = self.pods.borrow();
        let lag = pods
            .iter()
            .map(|pod| pod.lag(now))
            .max()
            .unwrap_or_default();
        meters.log_lag_s.set(lag.as_secs_f64(), now);
        let bytes = pods.iter().map(|pod| pod.log.borrow().bytes()).max();
        let used = bytes.unwrap_or_default() as f64 / MB as f64;
        meters.volume_used_mb.set(used, now);
        let waiting: usize = pods.iter().map(|pod| pod.waiting.get()).sum();
        meters.log_waiting.set(waiting as f64, now);
        let pending: u64 = pods.iter().map(|pod| pod.pending()).sum();
        let of = |counter: &Rc<Counter>| counter.since_start();
        let written = of(&meters.lines_written_total);
        let (shipped, lost) = (
            of(&meters.lines_shipped_total),
            of(&meters.lines_lost_total),
        );
        self.common
            .adds_up
            .check(written == shipped + lost + pending, || {
                format!(
                    "{}: {written} written, {shipped} shipped, {lost} lost, {pending} wait",
                    self.common.name
                )
            });
    }
}

/// Lines from `first` up to `behind`, which is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Batch {
    first: u64,
    behind: u64,
}

/// The sidecar of one machine.
struct Pod {
    common: Rc<Common>,
    /// Of its machine, among all.
    number: u64,
    certified: Cell<bool>,
    store_up: Cell<bool>,
    proxy: Server,
    log: RefCell<RotatingLog>,
    /// As the shipper has saved it.
    offset: Cell<u64>,
    /// What is in the shipper's memory.
    in_flight: Cell<Option<Batch>>,
    /// The log store has every line before this one that is not lost.
    stored_to: Cell<u64>,
    store: Server,
    /// The offset has moved.
    moved: Notify,
    /// Requests that wait for the proxy or for room in the log.
    waiting: Cell<usize>,
    /// The end of the log at earlier moments, for the age of lines.
    ends: RefCell<VecDeque<(SimTime, u64)>>,
    batches: Cell<u64>,
}

impl Pod {
    fn new(common: &Rc<Common>, target: u32) -> Self {
        Self {
            common: Rc::clone(common),
            number: u64::from(target),
            certified: Cell::new(true),
            store_up: Cell::new(true),
            proxy: Server::new(Some(1)),
            log: RefCell::default(),
            offset: Cell::new(0),
            in_flight: Cell::new(None),
            stored_to: Cell::new(0),
            store: Server::new(Some(1)),
            moved: Notify::new(),
            waiting: Cell::new(0),
            ends: RefCell::default(),
            batches: Cell::new(0),
        }
    }

    /// Its shipper begins.
    fn ship(self: &Rc<Self>, world: &World, machine: &Machine) {
        let way = || Way(Rc::clone(self));
        let shipper = Shipper {
            log: way(),
            sink: way(),
            checkpoint: way(),
        };
        let knobs = Rc::clone(&self.common.knobs);
        world.sim.spawn_on(machine.node, async move {
            shipper.run(|| knobs.shipping(), pending()).await;
        });
    }

    /// The machine's process has ended, with what the shipper had in its memory. The volume stays.
    fn ends(&self) {
        if let Some(batch) = self.in_flight.take() {
            let unstored = batch.first.max(self.stored_to.get());
            let forgotten = match self.common.knobs.checkpoint.get() {
                SaveOn::Read => batch.behind,
                // What is in the log is read again.
                SaveOn::Acknowledged => batch.behind.min(self.log.borrow().first()),
            };
            self.loses(forgotten.saturating_sub(unstored));
        }
    }

    /// An answer where the request goes no further.
    async fn pass_the_proxy(&self) -> Option<Answer> {
        let knobs = &self.common.knobs;
        if self.waiting.get() >= WAITING_MAX {
            return Some(Answer::Shed);
        }
        if !knobs.proxy.get() {
            return None;
        }
        if !self.certified.get() {
            self.common.meters.cert_refused_total.increment();
            return Some(Answer::Failed);
        }
        let _waits = Waits::among(&self.waiting);
        let share = knobs.sidecar_cpu_limit.get().unwrap_or(1_000) as f64 / 1_000.0;
        self.proxy.serve(knobs.proxy_cpu.get().div_f64(share)).await;
        None
    }

    /// The machine writes a line. It waits only where there is no room and the rule is to wait.
    async fn write_line(&self) {
        let (knobs, meters) = (&self.common.knobs, &self.common.meters);
        let bytes = knobs.line_bytes.get() as u64;
        let mut waits = None;
        let lost = loop {
            let flight = self.in_flight.get().map_or(0, |batch| batch.behind);
            let shipped = self.offset.get().max(flight);
            let appended = self.log.borrow_mut().append(bytes, shipped, &knobs.log());
            match appended {
                Appended::Yes => break 0,
                Appended::Lost(lost) => break lost,
                Appended::Full => {
                    waits.get_or_insert_with(|| Waits::among(&self.waiting));
                    let _ = engine::timeout(LOOK_AGAIN, self.moved.notified()).await;
                }
            }
        };
        let is_hidden = self.common.tamper.get() == Tamper::LoseLines
            && meters
                .lines_written_total
                .since_start()
                .is_multiple_of(1_000);
        meters
            .lines_written_total
            .begin(if is_hidden { 2 } else { 1 });
        self.loses(lost);
    }

    fn loses(&self, lines: u64) {
        self.common.meters.lines_lost_total.add(lines);
        self.common.meters.lines_written_total.end(lines);
    }

    /// The first line that is neither stored, lost nor in flight.
    fn waits_from(&self) -> u64 {
        let flight = self.in_flight.get().map_or(0, |batch| batch.behind);
        let known = self.offset.get().max(self.stored_to.get());
        known.max(flight).max(self.log.borrow().first())
    }

    /// Lines in the shipper's memory that are not stored.
    fn flying(&self) -> u64 {
        let stored = self.stored_to.get();
        self.in_flight.get().map_or(0, |batch| {
            batch.behind.saturating_sub(batch.first.max(stored))
        })
    }

    /// Lines that are neither stored nor lost.
    fn pending(&self) -> u64 {
        self.flying() + self.log.borrow().end() - self.waits_from()
    }

    /// How old the oldest line is that is not stored. To be asked from time to time.
    fn lag(&self, now: SimTime) -> Duration {
        let mut ends = self.ends.borrow_mut();
        let end = self.log.borrow().end();
        if ends.back().is_none_or(|(_, known)| *known < end) {
            ends.push_back((now, end));
        }
        let oldest = match self.in_flight.get() {
            Some(batch) if self.flying() > 0 => batch.first.max(self.stored_to.get()),
            _ => self.waits_from(),
        };
        while ends.front().is_some_and(|(_, end)| *end <= oldest) {
            ends.pop_front();
        }
        ends.front().map_or(Duration::ZERO, |(at, _)| now - *at)
    }
}

impl Knobs {
    fn shipping(&self) -> Rules {
        Rules {
            batch: self.ship_batch.get(),
            every: self.ship_every.get(),
            save_on: self.checkpoint.get(),
            attempts: self.ship_attempts.get(),
        }
    }

    fn log(&self) -> logger::Rules {
        let file = self.rotate_mb.get() as u64 * MB;
        logger::Rules {
            file,
            total: (self.volume_mb.get() as u64 * MB).max(file),
            on_full: self.on_full.get(),
        }
    }
}

/// One of those that wait, until this is dropped.
struct Waits<'a>(&'a Cell<usize>);

impl<'a> Waits<'a> {
    fn among(waiting: &'a Cell<usize>) -> Self {
        waiting.set(waiting.get() + 1);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// The way of the lines, as the shipper sees it.
struct Way(Rc<Pod>);

impl Log for Way {
    type Batch = Batch;

    fn read(&self, offset: u64, most: usize) -> Option<Read<Batch>> {
        let log = self.0.log.borrow();
        let first = offset.max(log.first());
        let behind = log.end().min(first + most as u64);
        (first < behind).then(|| {
            let batch = Batch { first, behind };
            self.0.in_flight.set(Some(batch));
            Read {
                batch,
                behind,
                full: behind - first == most as u64,
            }
        })
    }
}

impl Sink<Batch> for Way {
    async fn deliver(&self, batch: &Batch) -> Result<(), NotStored> {
        let (pod, knobs) = (&self.0, &self.0.common.knobs);
        if !pod.store_up.get() {
            engine::sleep(REFUSED).await;
            return Err(NotStored);
        }
        let lines = batch.behind - batch.first;
        let takes = Duration::from_secs_f64(lines as f64 / knobs.sink_rps.get());
        pod.store.serve(takes).await;
        pod.batches.set(pod.batches.get() + 1);
        let mut draw = pod.common.latency.draw(&[pod.number, pod.batches.get()]);
        let one_way = knobs.sink_latency.borrow().sample(&mut draw) / 2;
        engine::sleep(one_way).await;
        if !pod.store_up.get() {
            return Err(NotStored);
        }
        let stored = pod.stored_to.get();
        let new = batch.behind.saturating_sub(batch.first.max(stored));
        pod.stored_to.set(stored.max(batch.behind));
        pod.common.meters.lines_shipped_total.add(new);
        pod.common.meters.lines_written_total.end(new);
        // The acknowledgement is on its way.
        engine::sleep(one_way).await;
        pod.in_flight.set(None);
        Ok(())
    }

    fn gives_up(&self, batch: &Batch) {
        let pod = &self.0;
        pod.loses(
            batch
                .behind
                .saturating_sub(batch.first.max(pod.stored_to.get())),
        );
        pod.in_flight.set(None);
        pod.offset.set(pod.offset.get().max(batch.behind));
        pod.moved.notify_waiters();
    }
}

impl Checkpoint for Way {
    fn load(&self) -> u64 {
        self.0.offset.get()
    }

    fn save(&self, offset: u64) {
        self.0.offset.set(offset);
        self.0.moved.notify_waiters();
    }
}
