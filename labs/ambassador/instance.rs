//! An instance of the service: its line and its slots, and how it fares.

use super::far::Request;
use super::pattern::Token;
use super::split::Version;
use super::table::Knobs;
use super::world::World;
use crate::engine::{self, Handle, NodeId, Server, SimTime, Source as _};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// How many times as long a slow instance takes, and one that has just started.
pub const SLOWNESS: f64 = 10.0;
const COLD: f64 = 4.0;
/// What the mock takes.
const MOCK: Duration = Duration::from_millis(1);

/// What travels to an instance.
pub struct Call {
    pub request: Rc<Request>,
    /// Which call for this request it is, from 1.
    pub nth: u64,
    pub token: Option<Token>,
}

/// What comes back from an instance that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Done,
    Failed,
    Unauthorized,
}

pub struct Instance {
    pub number: u32,
    pub version: Version,
    pub node: NodeId,
    server: Server,
    /// The ambassador knows that it is there.
    pub listed: Cell<bool>,
    /// This share of its calls fails.
    pub fail_ratio: Cell<f64>,
    pub slow: Cell<bool>,
    warm_at: Cell<SimTime>,
}

impl Instance {
    pub fn new(sim: &Handle, number: usize, version: Version, knobs: &Knobs) -> Rc<Self> {
        Rc::new(Self {
            number: number as u32,
            version,
            node: sim.add_server(&name(number as u32, version)),
            server: Server::new(Some(knobs.slots.get())),
            listed: Cell::new(true),
            fail_ratio: Cell::new(0.0),
            slow: Cell::new(false),
            warm_at: Cell::new(SimTime::ZERO),
        })
    }

    pub fn serve(self: &Rc<Self>, world: &Rc<World>) {
        let (instance, serving) = (Rc::clone(self), Rc::clone(world));
        world.sim.net().serve(self.node, move |call: Call, _| {
            let (instance, world) = (Rc::clone(&instance), Rc::clone(&serving));
            async move { instance.answer(&world, &call).await }
        });
    }

    async fn answer(&self, world: &World, call: &Call) -> Reply {
        world.reached.set(world.reached.get() + 1);
        if !call
            .token
            .as_ref()
            .is_some_and(|token| world.vault.accepts(token))
        {
            world.meters.unauthorized_total.increment();
            return Reply::Unauthorized;
        }
        let knobs = &world.knobs;
        let luck = [call.request.number, call.nth];
        if world.mocked.get() {
            engine::sleep(MOCK).await;
        } else {
            let limit = knobs.backlog.get();
            if limit
                .is_some_and(|limit| self.server.queue_len() >= limit && self.server.load() >= 1.0)
            {
                return Reply::Failed;
            }
            let takes = knobs
                .service
                .borrow()
                .sample(&mut world.service.draw(&luck));
            let cold = if self.is_warming(world.now()) {
                COLD
            } else {
                1.0
            };
            let version = match self.version {
                Version::Stable => 1.0,
                Version::Canary => knobs.canary_slowness.get(),
            };
            self.server.serve(takes.mul_f64(cold * version)).await;
        }
        let wasted = &world.meters.wasted_ratio;
        wasted.whole.increment();
        wasted
            .part
            .add(u64::from(!call.request.waits_for(call.nth)));
        let of_version = match self.version {
            Version::Stable => 0.0,
            Version::Canary => knobs.canary_error_ratio.get(),
        };
        let ratio = knobs.error_ratio.get().max(self.fail_ratio.get());
        let ratio = ratio.max(of_version);
        if world.errors.draw(&luck).chance(ratio) {
            Reply::Failed
        } else {
            Reply::Done
        }
    }

    /// Its process dies, and discovery hears of it later.
    pub fn crash(self: &Rc<Self>, world: &Rc<World>) {
        world.sim.crash(self.node);
        self.list_later(world);
    }

    pub fn restart(self: &Rc<Self>, world: &Rc<World>) {
        self.fail_ratio.set(0.0);
        if !world.sim.is_up(self.node) {
            world.sim.restart(self.node);
            self.warm_at.set(world.now() + world.knobs.warm_up.get());
            self.list_later(world);
        }
    }

    fn list_later(self: &Rc<Self>, world: &Rc<World>) {
        let (instance, world) = (Rc::clone(self), Rc::clone(world));
        let sim = world.sim.clone();
        sim.spawn(async move {
            engine::sleep(world.knobs.discovery_lag.get()).await;
            instance.listed.set(world.sim.is_up(instance.node));
        });
    }

    pub fn turn_slow(&self) {
        self.slow.set(!self.slow.get());
        self.server
            .slow(if self.slow.get() { SLOWNESS } else { 1.0 });
    }

    pub fn set_slots(&self, slots: usize) {
        self.server.set_slots(Some(slots));
    }

    pub fn is_warming(&self, now: SimTime) -> bool {
        now < self.warm_at.get()
    }

    pub fn load(&self) -> f64 {
        self.server.load()
    }

    pub fn waiting(&self) -> usize {
        self.server.queue_len()
    }

    pub fn name(&self) -> String {
        name(self.number, self.version)
    }
}

fn name(number: u32, version: Version) -> String {
    match version {
        Version::Stable => format!("instance {number}"),
        Version::Canary => format!("canary {number}"),
    }
}
