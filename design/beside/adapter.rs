//! An adapter: it answers a monitor for each machine, in the monitor's words, as in the lab of the adapter. What the
//! monitor's board shows of the component may be other than what there is.

use super::{Beside, Helper};
use crate::format::require::{Figure, own};
use crate::system::call::Answer;
use crate::system::machine::Machine;
use crate::system::meters::part_metrics;
use crate::system::work::Mishap;
use crate::system::world::{Base, Tamper, World};
use ddlab_labs::adapter::dialect::Dialect;
use ddlab_labs::adapter::exposition::{self, Kind};
use ddlab_labs::adapter::pattern::{
    Adapter as Pattern, Application, OnMissing, Rule, Settings as Rules, Unreachable,
};
use ddlab_labs::adapter::rate::{self, Point};
use ddlab_labs::engine::{self, Purpose, SimTime};
use ddlab_labs::knobs;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::invariant::Invariant;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_text::Unit;
use futures::FutureExt as _;
use futures::future::{LocalBoxFuture, ready};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// A scrape is given up after this, or when the next one is due.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Nobody listens at the port of a machine that is down.
const REFUSED: Duration = Duration::from_millis(1);
/// Rates are over so many scrapes.
const RANGE: u32 = 4;
/// How far back the board looks for a number that has not ended.
const LOOKBACK: Duration = Duration::from_mins(5);
/// The board is drawn anew so often.
const BOARD_EVERY: Duration = Duration::from_secs(1);

const REQUESTS: &str = "app_requests_total";
const ERRORS: &str = "app_errors_total";
const QUEUE: &str = "app_queue_length";

const fn rule(field: &'static str, metric: &'static str, help: &'static str, kind: Kind) -> Rule {
    Rule {
        field,
        metric,
        help,
        kind,
        scale: 1.0,
        optional: false,
    }
}

/// All that an adapter knows of its machine.
const RULES: &[Rule] = &[
    rule(
        "requests",
        REQUESTS,
        "Requests since the start of the process.",
        Kind::Counter,
    ),
    rule("errors", ERRORS, "Requests that failed.", Kind::Counter),
    rule("queue.length", QUEUE, "Requests that wait.", Kind::Gauge),
];

knobs! {
    pub struct Knobs;
    pub enum Turned { }

    "adapter" {
        /// what the adapter does about a field that it can't find
        strict: OnMissing = choice().essential();
        /// how long the adapter gives out what it knows
        cache: Option<Duration> = duration("1m", "1s", "1h").starting_at("off").essential();
        /// how long a machine takes to tell how it is
        target_latency: Distribution = distribution("lognormal:20ms,0.5");
        /// how often the monitor asks each adapter
        scrape_every: Duration = duration("15s", "1s", "10m").essential();
        /// what is not in a scrape ends at once, and not after five minutes
        stale_marks: bool = switch(true);
    }
}

part_metrics! {
    struct AdapterMeters {
        /// requests a second, as the monitor computes them
        seen_rps: Gauge in PerSecond, chart 0;
        /// requests that failed, of all, as the monitor computes them
        seen_error_ratio: Gauge in Share;
        /// requests that wait in line, as the monitor shows them
        seen_queue: Gauge in Count;
        /// machines whose last scrape found them up, of all
        seen_up_ratio: Gauge in Share;
        /// machines that have no number of requests on the board
        seen_holes: Gauge in Count;
        /// fields that were missing or unknown
        unread_fields_total: Counter in Count;
    }
}

const FIGURES: [Figure; 2] = [
    own(
        "seen_up",
        "seen_up_ratio",
        Statistic::Mean,
        Unit::Share,
        "machines that the monitor found up, mean over the run",
    ),
    own(
        "seen_holes",
        "seen_holes",
        Statistic::Max,
        Unit::Count,
        "machines without a number on the monitor's board, at most",
    ),
];

const RENAME: Mishap = Mishap {
    word: "rename",
    help: "a release names the field of its requests otherwise than the adapter knows",
    ends: Some("rename_back"),
};

#[derive(Debug)]
pub struct Adapter;

impl Helper for Adapter {
    fn word(&self) -> &'static str {
        "adapter"
    }

    fn help(&self) -> &'static str {
        "what a monitor asks about each machine, and what its board shows by that"
    }

    knob_table!();

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        AdapterMeters::specs(component, chart)
    }

    fn mishaps(&self) -> &'static [Mishap] {
        &[RENAME]
    }

    fn start(&self, base: &Base, component: &str, own: &Rc<Settings>) -> Rc<dyn Beside> {
        Rc::new(Monitor {
            knobs: Knobs::of(own),
            meters: AdapterMeters::of(&base.instruments.meters, component),
            latency: base.sim.purpose(&format!("{component} scrape")),
            counts_once: Rc::clone(&base.checks.invariants.rates),
            name: component.into(),
            targets: RefCell::default(),
            drawn: Cell::new(SimTime::ZERO),
            tamper: Cell::new(Tamper::Nothing),
        })
    }
}

/// The monitor of a component, with the adapters beside its machines.
struct Monitor {
    knobs: Rc<Knobs>,
    meters: AdapterMeters,
    latency: Purpose,
    counts_once: Rc<Invariant>,
    name: Rc<str>,
    /// One a machine.
    targets: RefCell<Vec<Rc<Target>>>,
    /// When the board was drawn last.
    drawn: Cell<SimTime>,
    tamper: Cell<Tamper>,
}

/// A machine, as its adapter and the monitor know it.
struct Target {
    adapter: Pattern<Subject>,
    up: Cell<bool>,
    requests: RefCell<VecDeque<Reading>>,
    errors: RefCell<VecDeque<Reading>>,
    queue: Cell<Option<(SimTime, f64)>>,
}

/// A number of a page.
#[derive(Debug, Clone, Copy)]
struct Reading {
    point: Point,
    /// How many there had been ever when the machine told it.
    ever: u64,
}

/// What is true of a machine, and how it tells it: in JSON.
struct Subject {
    machine: Rc<Machine>,
    sim: engine::Handle,
    knobs: Rc<Knobs>,
    latency: Purpose,
    questions: Cell<u64>,
    renamed: Cell<bool>,
    /// Since its process started.
    requests: Cell<u64>,
    errors: Cell<u64>,
    /// Since the run started: no monitor sees that.
    ever: Cell<u64>,
    /// How many there had been ever when it was asked last.
    at_last: Cell<u64>,
}

impl Application for Subject {
    async fn ask(&self) -> Result<String, Unreachable> {
        let (sim, node) = (&self.sim, self.machine.node);
        if !self.machine.is_up() || sim.net().is_isolated(node) {
            engine::sleep(REFUSED).await;
            return Err(Unreachable);
        }
        if sim.is_paused(node) {
            engine::sleep(TIMEOUT).await;
            return Err(Unreachable);
        }
        self.questions.set(self.questions.get() + 1);
        let key = [u64::from(self.machine.number), self.questions.get()];
        let mut luck = self.latency.draw(&key);
        let takes = self.knobs.target_latency.borrow().sample(&mut luck);
        engine::sleep(takes / 2).await;
        let said = self.says();
        engine::sleep(takes / 2).await;
        Ok(said)
    }
}

impl Subject {
    fn says(&self) -> String {
        self.at_last.set(self.ever.get());
        let name = if self.renamed.get() {
            "request_count"
        } else {
            "requests"
        };
        let (requests, errors) = (self.requests.get(), self.errors.get());
        let queue = self.machine.server.queue_len();
        format!(r#"{{"{name}":{requests},"errors":{errors},"queue":{{"length":{queue}}}}}"#)
    }
}

impl Beside for Monitor {
    fn join(self: Rc<Self>, world: &Rc<World>, machine: &Rc<Machine>) {
        self.tamper.set(world.tamper);
        let subject = Subject {
            machine: Rc::clone(machine),
            sim: world.sim.clone(),
            knobs: Rc::clone(&self.knobs),
            latency: self.latency,
            questions: Cell::new(0),
            renamed: Cell::new(false),
            requests: Cell::new(0),
            errors: Cell::new(0),
            ever: Cell::new(0),
            at_last: Cell::new(0),
        };
        let target = Rc::new(Target {
            adapter: Pattern::new(subject, Dialect::Json, RULES),
            up: Cell::new(true),
            requests: RefCell::default(),
            errors: RefCell::default(),
            queue: Cell::new(None),
        });
        self.targets.borrow_mut().push(Rc::clone(&target));
        world.sim.spawn(self.watch(target));
    }

    fn before<'a>(&'a self, _: &'a Machine) -> LocalBoxFuture<'a, Option<Answer>> {
        ready(None).boxed_local()
    }

    fn after<'a>(&'a self, machine: &'a Machine, answer: Answer) -> LocalBoxFuture<'a, ()> {
        let targets = self.targets.borrow();
        let subject = &targets[machine.number as usize - 1].adapter.application;
        let add = |cell: &Cell<u64>, count| cell.set(cell.get() + count);
        add(&subject.requests, 1);
        add(&subject.ever, 1);
        add(&subject.errors, u64::from(answer != Answer::Done));
        ready(()).boxed_local()
    }

    /// A new process counts from zero.
    fn lives(self: Rc<Self>, _: &Rc<World>, machine: &Rc<Machine>, up: bool) {
        if up {
            let targets = self.targets.borrow();
            let subject = &targets[machine.number as usize - 1].adapter.application;
            subject.requests.set(0);
            subject.errors.set(0);
        }
    }

    fn befalls(&self, machine: &Machine, _: &Mishap, begins: bool) -> String {
        let targets = self.targets.borrow();
        let subject = &targets[machine.number as usize - 1].adapter.application;
        subject.renamed.set(begins);
        let what = if begins {
            "has another name"
        } else {
            "is named as before"
        };
        format!("{}: the field of its requests {what}", machine.number)
    }

    fn measure(&self, world: &World) {
        let now = world.now();
        if now - self.drawn.get() >= BOARD_EVERY {
            self.drawn.set(now);
            self.draw(now);
        }
    }
}

impl Monitor {
    fn range(&self) -> Duration {
        self.knobs.scrape_every.get() * RANGE
    }

    /// Scrapes a machine for ever. Scrapes of all are spread over the time between two.
    async fn watch(self: Rc<Self>, target: Rc<Target>) {
        let number = target.adapter.application.machine.number;
        let machines = self.targets.borrow().len() as f64;
        let place = f64::from(number - 1) / machines.max(1.0);
        engine::sleep(self.knobs.scrape_every.get().mul_f64(place)).await;
        loop {
            let began = engine::now();
            self.scrape(&target).await;
            engine::sleep_until(began + self.knobs.scrape_every.get()).await;
        }
    }

    async fn scrape(&self, target: &Target) {
        let rules = Rules {
            on_missing: self.knobs.strict.get(),
            cache: self.knobs.cache.get(),
            label_max: None,
        };
        let unread = target.adapter.unread();
        let limit = TIMEOUT.min(self.knobs.scrape_every.get());
        let page = engine::timeout(limit, target.adapter.collect(&rules)).await;
        let more = target.adapter.unread() - unread;
        self.meters.unread_fields_total.add(more);
        let samples = match page {
            Ok(Ok(page)) => exposition::parse(&page).unwrap_or_default(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        };
        let of = |name: &str| {
            let sample = samples.iter().find(|sample| sample.name == name);
            sample.map(|sample| sample.value)
        };
        target.up.set(of("app_up").is_some_and(|up| up > 0.0));
        let now = engine::now();
        match of(QUEUE) {
            Some(queue) => target.queue.set(Some((now, queue))),
            None if self.knobs.stale_marks.get() => target.queue.set(None),
            None => {}
        }
        let ever = target.adapter.application.at_last.get();
        for (kept, name) in [(&target.requests, REQUESTS), (&target.errors, ERRORS)] {
            if let Some(value) = of(name) {
                let point = (now.as_secs_f64(), value);
                self.see(&mut kept.borrow_mut(), Reading { point, ever });
            }
        }
    }

    fn see(&self, kept: &mut VecDeque<Reading>, reading: Reading) {
        if let Some(before) = kept.back() {
            let counted = if self.tamper.get() == Tamper::AddOn {
                reading.point.1 + before.point.1
            } else {
                rate::increase(&[before.point, reading.point])
            };
            let there_were = reading.ever.saturating_sub(before.ever) as f64;
            self.counts_once.check(counted <= there_were + 1e-6, || {
                format!(
                    "{}: {counted} counted, and {there_were} were there",
                    self.name
                )
            });
        }
        let from = reading.point.0 - 2.0 * self.range().as_secs_f64();
        while kept.front().is_some_and(|first| first.point.0 < from) {
            kept.pop_front();
        }
        kept.push_back(reading);
    }

    /// The board.
    fn draw(&self, now: SimTime) {
        let (range, at) = (self.range().as_secs_f64(), now.as_secs_f64());
        let rate_of = |kept: &RefCell<VecDeque<Reading>>| {
            let points: Vec<Point> = kept.borrow().iter().map(|it| it.point).collect();
            rate::rate(&points, at, range)
        };
        let (mut rps, mut errors, mut queue, mut up, mut holes) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let targets = self.targets.borrow();
        for target in &*targets {
            match rate_of(&target.requests) {
                Some(rate) => rps += rate,
                None => holes += 1.0,
            }
            errors += rate_of(&target.errors).unwrap_or_default();
            let shown = target.queue.get().filter(|(at, _)| now - *at <= LOOKBACK);
            queue += shown.map_or(0.0, |(_, queue)| queue);
            up += f64::from(u8::from(target.up.get()));
        }
        let meters = &self.meters;
        meters.seen_rps.set(rps, now);
        let ratio = if rps > 0.0 {
            (errors / rps).min(1.0)
        } else {
            0.0
        };
        meters.seen_error_ratio.set(ratio, now);
        meters.seen_queue.set(queue, now);
        meters.seen_up_ratio.set(up / targets.len() as f64, now);
        meters.seen_holes.set(holes, now);
    }
}
