//! What all rooms of the lab share: the simulator, the pod and the service, the settings, the instruments.

use super::checks::Checks;
use super::instance::Instance;
use super::settings::Placement;
use super::split::Version;
use super::table::{AmbassadorMeters, Knobs, SPEC};
use super::vault::Vault;
use crate::engine::{Handle, Link, NodeId, Purpose, SimTime, Stream};
use crate::workbench::instruments::Instruments;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What the lab does wrong on purpose, for the tests of its invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    Nothing,
    /// Layers know of no budget.
    IgnoreBudget,
    /// The ambassador hedges whatever is late.
    HedgeFreely,
    /// Breakers probe when half of their time is over.
    ProbeEarly,
    /// Calls leave without credentials.
    LeaveBare,
    /// Some requests are never heard of again.
    LoseRequests,
}

pub struct World {
    pub sim: Handle,
    pub app: NodeId,
    /// Where the code of the ambassador runs: a process beside the application, or the application's.
    pub ambassador: NodeId,
    /// Those of the stable version, then the canaries.
    pub instances: Vec<Rc<Instance>>,
    pub vault: Vault,
    /// A mock stands where the service stood.
    pub mocked: Cell<bool>,
    pub meters: Rc<AmbassadorMeters>,
    pub checks: Checks,
    pub instruments: Rc<Instruments>,
    pub knobs: Rc<Knobs>,
    pub tamper: Tamper,
    pub dice: RefCell<Stream>,
    pub service: Purpose,
    pub errors: Purpose,
    /// Calls that have reached the instances since the last look.
    pub reached: Cell<u64>,
}

impl World {
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        let app = sim.add_server("application");
        let ambassador = match knobs.placement.get() {
            Placement::Ambassador => sim.add_server("ambassador"),
            Placement::Library => app,
        };
        let stable = knobs.upstreams.get();
        let count = stable + knobs.canaries.get();
        let version = |number| {
            if number > stable {
                Version::Canary
            } else {
                Version::Stable
            }
        };
        let world = Rc::new(Self {
            app,
            ambassador,
            instances: (1..=count)
                .map(|number| Instance::new(sim, number, version(number), knobs))
                .collect(),
            vault: Vault::default(),
            mocked: Cell::new(false),
            meters: AmbassadorMeters::of(&instruments.meters),
            checks: Checks::new(&instruments, count),
            instruments,
            knobs: Rc::clone(knobs),
            tamper,
            dice: RefCell::new(sim.stream("dice")),
            service: sim.purpose("service"),
            errors: sim.purpose("error"),
            reached: Cell::new(0),
            sim: sim.clone(),
        });
        world.apply_network();
        for instance in &world.instances {
            instance.serve(&world);
        }
        world
    }

    /// The network knob is that of the way to the service; within the pod nothing takes time but the ambassador.
    pub fn apply_network(&self) {
        let net = self.sim.net();
        net.set_default_link(Link::new(self.knobs.network.borrow().clone()));
        if self.ambassador != self.app {
            let local = || {
                Link::new(crate::engine::Distribution::constant(
                    std::time::Duration::ZERO,
                ))
            };
            net.set_link(self.app, self.ambassador, local());
            net.set_link(self.ambassador, self.app, local());
        }
    }

    /// By the handle: some rooms are left while their simulation is taken down.
    pub fn now(&self) -> SimTime {
        self.sim.now()
    }
}
