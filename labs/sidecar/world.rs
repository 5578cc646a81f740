//! What all rooms of the lab share: the simulator, the containers, the log, the settings, the instruments.

use super::checks::Checks;
use super::config::Configs;
use super::cpu::{Cpu, Rules};
use super::lines::Lines;
use super::table::{Knobs, SPEC, SidecarMeters};
use crate::engine::{Handle, JoinHandle, Purpose, SimTime};
use crate::workbench::instruments::Instruments;
use crate::workbench::occupancy::Occupancy;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// What the lab does wrong on purpose, for the tests of its invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    Nothing,
    /// Some lines that are written are never heard of again.
    LoseLines,
    /// The application waits until the log store has each of its lines.
    WaitForTheStore,
    /// Requests go round a proxy that is down.
    GoRound,
    /// The shipper stops before the application.
    StopTheShipperFirst,
    /// Some requests are never heard of again.
    LoseRequests,
}

/// The containers of the pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    App,
    Shipper,
    Reloader,
    Proxy,
}

pub const ALL: [Who; 4] = [Who::App, Who::Shipper, Who::Reloader, Who::Proxy];

impl Who {
    /// By the number that actions have for it.
    pub fn numbered(number: u32) -> Self {
        ALL[number as usize - 1]
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Shipper => "shipper",
            Self::Reloader => "reloader",
            Self::Proxy => "proxy",
        }
    }

    /// From the start of its process until it is ready.
    pub fn start(self) -> Duration {
        match self {
            Self::App => Duration::from_secs(2),
            Self::Shipper => Duration::from_secs(1),
            Self::Reloader => Duration::from_millis(500),
            Self::Proxy => Duration::from_secs(3),
        }
    }

    /// What it requests of a core, in thousandths: what it reserves on its machine, and its weight where the
    /// processor is short. That of the application is a knob.
    pub fn request(self) -> Option<usize> {
        match self {
            Self::App => None,
            Self::Shipper => Some(50),
            Self::Reloader => Some(10),
            Self::Proxy => Some(100),
        }
    }

    /// What it has in memory beside lines that wait, in MB.
    pub fn memory_mb(self) -> f64 {
        match self {
            Self::App => 512.0,
            Self::Shipper => 100.0,
            Self::Reloader => 20.0,
            Self::Proxy => 128.0,
        }
    }
}

#[derive(Default)]
pub struct Container {
    pub up: Cell<bool>,
    /// Raised when its process ends.
    pub life: Cell<u64>,
    /// It has much more to compute than usual.
    pub heavy: Cell<bool>,
    /// What it does beside requests.
    pub task: RefCell<Option<JoinHandle<()>>>,
}

pub struct World {
    pub sim: Handle,
    pub containers: [Container; 4],
    pub cpu: Rc<Cpu>,
    pub lines: Rc<Lines>,
    /// Of the log store.
    pub latency: Purpose,
    pub configs: Configs,
    /// Lines that wait for room on the volume, and with each of them a request.
    pub blocked: Occupancy,
    /// When the journal last said so.
    pub told_full_at: Cell<Option<SimTime>>,
    /// The pod gets requests.
    pub accepts: Cell<bool>,
    pub meters: Rc<SidecarMeters>,
    pub checks: Checks,
    pub instruments: Rc<Instruments>,
    pub knobs: Rc<Knobs>,
    pub tamper: Tamper,
}

impl World {
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        Rc::new(Self {
            containers: Default::default(),
            cpu: Rc::default(),
            lines: Rc::default(),
            latency: sim.purpose("store"),
            configs: Configs::default(),
            blocked: Occupancy::default(),
            told_full_at: Cell::new(None),
            accepts: Cell::new(true),
            meters: SidecarMeters::of(&instruments.meters),
            checks: Checks::new(&instruments),
            instruments,
            knobs: Rc::clone(knobs),
            tamper,
            sim: sim.clone(),
        })
    }

    pub fn container(&self, who: Who) -> &Container {
        &self.containers[who as usize]
    }

    /// Has a container compute.
    pub async fn compute(&self, who: Who, work: Duration) {
        let (limit, request) = match who {
            Who::App => (None, self.knobs.app_cpu_request.get()),
            _ => (self.knobs.sidecar_cpu_limit.get(), who.request()),
        };
        let rules = Rules {
            pod: self.knobs.cpu_millis.get(),
            limit,
            request,
        };
        self.cpu.run(who, work, rules).await;
    }

    /// By the handle: some rooms are left while their simulation is taken down.
    pub fn now(&self) -> SimTime {
        self.sim.now()
    }

    pub fn info(&self, text: impl Into<String>) {
        self.instruments.journal.info(self.now(), text);
    }

    pub fn warn(&self, text: impl Into<String>) {
        self.instruments.journal.warn(self.now(), text);
    }
}
