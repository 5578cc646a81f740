//! What all rooms of the lab share: the services, the adapters beside them, the settings, the instruments.

use super::monitor::Monitor;
use super::pattern::{Adapter, Application, OnMissing, Settings, Unreachable};
use super::service::{Peak, Service, rules};
use super::table::{AdapterMeters, Invariants, Knobs, SPEC};
use crate::engine::{self, Handle, Purpose, SimTime, Source};
use crate::workbench::instruments::Instruments;
use crate::workbench::workload::Rate;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Adapters that died are there again after this.
const COMES_BACK: Duration = Duration::from_secs(5);
/// From one peak of a queue to the next, in the mean.
const PEAK_EVERY: Duration = Duration::from_mins(1);
/// An application that is down is noticed at once: nobody listens at its port.
const REFUSED: Duration = Duration::from_millis(1);

/// What the lab does wrong on purpose, for the tests of its invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    Nothing,
    /// The page is cut off before its end.
    CutThePage,
    /// A counter that falls is counted on from where it was.
    AddOn,
    /// A service that does not answer is taken to say what it said last.
    RepeatTheLast,
}

pub struct World {
    pub sim: Handle,
    pub services: Vec<Rc<Service>>,
    /// New ones when they die: none of their memory outlives them.
    pub adapters: RefCell<Vec<Rc<Adapter<Asked>>>>,
    pub adapters_up: Cell<bool>,
    /// Raised when the adapters die.
    pub adapters_life: Cell<u64>,
    /// Services tell the bidder of each bid.
    pub labelled: Cell<bool>,
    pub monitor: Monitor,
    pub meters: Rc<AdapterMeters>,
    pub invariants: Invariants,
    pub instruments: Rc<Instruments>,
    pub knobs: Rc<Knobs>,
    pub tamper: Tamper,
}

/// A service, as its adapter asks it.
pub struct Asked {
    service: Rc<Service>,
    knobs: Rc<Knobs>,
    latency: Purpose,
    questions: Cell<u64>,
    said: RefCell<Option<String>>,
    tamper: Tamper,
}

impl Application for Asked {
    async fn ask(&self) -> Result<String, Unreachable> {
        self.questions.set(self.questions.get() + 1);
        let key = [u64::from(self.service.number), self.questions.get()];
        let takes = self
            .knobs
            .target_latency
            .borrow()
            .sample(&mut self.latency.draw(&key));
        if !self.service.up.get() {
            engine::sleep(REFUSED).await;
            let repeats = self.tamper == Tamper::RepeatTheLast;
            let said = self.said.borrow().clone().filter(|_| repeats);
            return said.ok_or(Unreachable);
        }
        engine::sleep(takes / 2).await;
        let said = self.service.tell(engine::now());
        *self.said.borrow_mut() = Some(said.clone());
        engine::sleep(takes / 2).await;
        Ok(said)
    }
}

impl World {
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        let service = |number| {
            let rate = Rate::new(&knobs.arrival_rps, &knobs.arrivals);
            Rc::new(Service::new(number, rate))
        };
        let services: Vec<_> = (1..=knobs.services.get() as u32).map(service).collect();
        let world = Rc::new(Self {
            monitor: Monitor::of(services.len()),
            adapters: RefCell::default(),
            adapters_up: Cell::new(true),
            adapters_life: Cell::new(0),
            labelled: Cell::new(false),
            meters: AdapterMeters::of(&instruments.meters),
            invariants: Invariants::of(&instruments),
            instruments,
            knobs: Rc::clone(knobs),
            tamper,
            sim: sim.clone(),
            services,
        });
        world.begin_adapters();
        for service in &world.services {
            sim.spawn(Rc::clone(&world).load(Rc::clone(service)));
            sim.spawn(Rc::clone(&world).peaks(Rc::clone(service)));
        }
        world
    }

    fn begin_adapters(&self) {
        let adapter = |service: &Rc<Service>| {
            let asked = Asked {
                service: Rc::clone(service),
                knobs: Rc::clone(&self.knobs),
                latency: self.sim.purpose("latency"),
                // The luck of a scrape goes on where it was.
                questions: Cell::new(self.adapters_life.get() << 32),
                said: RefCell::default(),
                tamper: self.tamper,
            };
            let dialect = service.dialect;
            Rc::new(Adapter::new(asked, dialect, rules(dialect)))
        };
        *self.adapters.borrow_mut() = self.services.iter().map(adapter).collect();
    }

    async fn load(self: Rc<Self>, service: Rc<Service>) {
        let number = u64::from(service.number);
        let mut gaps = self.sim.stream(&format!("arrivals of {number}"));
        let bidders = self.sim.purpose("bidder");
        for nth in 0.. {
            service.rate.next_arrival(&mut gaps).await;
            if service.up.get() {
                let of = self.knobs.label_values.get() as u64;
                let labelled = self.labelled.get();
                let bidder = labelled.then(|| bidders.draw(&[number, nth]).below(of));
                service.count(bidder);
            }
        }
    }

    /// The peaks of its queue.
    async fn peaks(self: Rc<Self>, service: Rc<Service>) {
        let mut luck = self.sim.stream(&format!("peaks of {}", service.number));
        loop {
            engine::sleep(PEAK_EVERY.mul_f64(-libm::log(luck.uniform()))).await;
            if service.up.get() {
                service.peak.set(Some(Peak::Unseen));
                engine::sleep(self.knobs.peak.get()).await;
                // Both counts at its end, so that no stretch of time sees more peaks than there were.
                let seen = service.peak.take() == Some(Peak::Seen);
                let meter = &self.meters.peaks_seen_ratio;
                meter.whole.increment();
                meter.part.add(seen.into());
            }
        }
    }

    pub fn crash_adapters(self: &Rc<Self>) -> bool {
        if !self.adapters_up.replace(false) {
            return false;
        }
        self.adapters_life.set(self.adapters_life.get() + 1);
        let world = Rc::clone(self);
        self.sim.spawn(async move {
            engine::sleep(COMES_BACK).await;
            // Packets to nobody.
            for service in &world.services {
                service.lose_packets();
            }
            world.begin_adapters();
            world.adapters_up.set(true);
        });
        true
    }

    pub fn settings(&self) -> Settings {
        let adapter = self.knobs.adapter.get();
        Settings {
            on_missing: if adapter {
                self.knobs.strict.get()
            } else {
                OnMissing::Skip
            },
            cache: self.knobs.cache.get().filter(|_| adapter),
            label_max: self.knobs.label_max.get(),
        }
    }

    pub fn now(&self) -> SimTime {
        self.sim.now()
    }
}
