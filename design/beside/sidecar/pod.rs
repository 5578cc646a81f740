//! The sidecars of a component while they run: a proxy, a log and its shipper beside each machine.

use super::super::Beside;
use super::{Knobs, MISHAPS, SidecarMeters};
use crate::system::call::Answer;
use crate::system::machine::Machine;
use crate::system::work::Mishap;
use crate::system::world::{Base, Tamper, World};
use ddlab_labs::engine::{self, Purpose, Server};
use ddlab_labs::sidecar::lines::{Batch, Lines};
use ddlab_labs::sidecar::logger::{self, Appended};
use ddlab_labs::sidecar::pattern::{NotStored, Rules, Shipper, Sink};
use ddlab_labs::workbench::invariant::Invariant;
use ddlab_labs::workbench::knob::Settings;
use ddlab_labs::workbench::meter::Counter;
use ddlab_labs::workbench::occupancy::Occupancy;
use futures::FutureExt as _;
use futures::future::{LocalBoxFuture, pending};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

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
        pod.lines.store_up.set(!begins);
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
            .map(|pod| pod.lines.lag(now))
            .max()
            .unwrap_or_default();
        meters.log_lag_s.set(lag.as_secs_f64(), now);
        let bytes = pods.iter().map(|pod| pod.lines.bytes()).max();
        let used = bytes.unwrap_or_default() as f64 / MB as f64;
        meters.volume_used_mb.set(used, now);
        let waiting: usize = pods.iter().map(|pod| pod.waiting.get()).sum();
        meters.log_waiting.set(waiting as f64, now);
        let pending: u64 = pods.iter().map(|pod| pod.lines.pending()).sum();
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

/// The sidecar of one machine.
struct Pod {
    common: Rc<Common>,
    /// Of its machine, among all.
    number: u64,
    certified: Cell<bool>,
    proxy: Server,
    lines: Rc<Lines>,
    /// Requests that wait for the proxy or for room in the log.
    waiting: Occupancy,
}

impl Pod {
    fn new(common: &Rc<Common>, target: u32) -> Self {
        Self {
            common: Rc::clone(common),
            number: u64::from(target),
            certified: Cell::new(true),
            proxy: Server::new(Some(1)),
            lines: Rc::default(),
            waiting: Occupancy::default(),
        }
    }

    /// Its shipper begins.
    fn ship(self: &Rc<Self>, world: &World, machine: &Machine) {
        let shipper = Shipper {
            log: Rc::clone(&self.lines),
            sink: Store(Rc::clone(self)),
            checkpoint: Rc::clone(&self.lines),
        };
        let knobs = Rc::clone(&self.common.knobs);
        world.sim.spawn_on(machine.node, async move {
            shipper.run(|| knobs.shipping(), pending()).await;
        });
    }

    /// The machine's process has ended, with what the shipper had in its memory. The volume stays.
    fn ends(&self) {
        let save_on = self.common.knobs.checkpoint.get();
        self.loses(self.lines.shipper_died(save_on));
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
        let _waits = self.waiting.enter();
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
            match self.lines.append(bytes, &knobs.log()) {
                Appended::Yes => break 0,
                Appended::Lost(lost) => break lost,
                Appended::Full => {
                    waits.get_or_insert_with(|| self.waiting.enter());
                    let _ = engine::timeout(LOOK_AGAIN, self.lines.moved.notified()).await;
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

/// The log store, as the shipper sees it.
struct Store(Rc<Pod>);

impl Sink<Batch> for Store {
    async fn deliver(&self, batch: &Batch) -> Result<(), NotStored> {
        let (pod, knobs) = (&self.0, &self.0.common.knobs);
        pod.lines.reach_store().await?;
        let number = pod.lines.take_in(batch.lines(), knobs.sink_rps.get()).await;
        let mut draw = pod.common.latency.draw(&[pod.number, number]);
        let one_way = knobs.sink_latency.borrow().sample(&mut draw) / 2;
        let stored = |new| {
            pod.common.meters.lines_shipped_total.add(new);
            pod.common.meters.lines_written_total.end(new);
        };
        pod.lines.hand_over(batch, one_way, stored).await
    }

    fn gives_up(&self, batch: &Batch) {
        self.0.loses(self.0.lines.give_up(batch));
    }
}
