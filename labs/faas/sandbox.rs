//! The instances: what it takes to start one, and to run a call on it.

use super::pattern::{HandlerError, Reason, Runtime};
use super::world::World;
use crate::engine::{self, Purpose, Server, SimTime, Source as _};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// Whose function it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Us,
    Neighbour,
}

/// Starts and runs the instances of one function.
pub struct Sandboxes {
    world: Rc<World>,
    owner: Owner,
    started: Cell<u64>,
    colds: Purpose,
    durations: Purpose,
    errors: Purpose,
}

/// An instance. It ends when it is dropped.
pub struct Sandbox {
    world: Rc<World>,
    pub number: u64,
    owner: Owner,
    /// It is paid for while it is idle.
    kept: bool,
    /// One core: calls compute one after the other.
    cpu: Server,
    calls: Cell<usize>,
    busy_since: Cell<SimTime>,
    in_use: Cell<bool>,
    connected: Cell<bool>,
}

/// One call, with what is seen of it on its way.
#[derive(Debug, Default)]
pub struct Call {
    pub number: u64,
    /// The instance that had it last, and since when.
    pub ran_on: Cell<Option<(u64, SimTime)>>,
}

impl Sandboxes {
    pub fn new(world: &Rc<World>, owner: Owner) -> Self {
        let name = match owner {
            Owner::Us => "",
            Owner::Neighbour => "neighbour ",
        };
        let purpose = |what: &str| world.sim.purpose(&format!("{name}{what}"));
        Self {
            world: Rc::clone(world),
            owner,
            started: Cell::new(0),
            colds: purpose("cold start"),
            durations: purpose("duration"),
            errors: purpose("error"),
        }
    }

    /// How long the handler runs on this call, wherever and however often.
    pub fn takes(&self, call: &Call) -> Duration {
        let knobs = &self.world.knobs;
        let duration = match self.owner {
            Owner::Us => &knobs.duration,
            Owner::Neighbour => &knobs.neighbour_duration,
        };
        duration
            .borrow()
            .sample(&mut self.durations.draw(&[call.number]))
    }

    /// The parts of a cold start: the platform's, and the function's own.
    fn cold_start(&self, number: u64, reason: Reason) -> (Duration, Duration) {
        let knobs = &self.world.knobs;
        let whole = knobs
            .cold_start
            .borrow()
            .sample(&mut self.colds.draw(&[number]));
        let init = whole.mul_f64(knobs.init_ratio.get());
        // A snapshot and provisioned concurrency exclude each other.
        let restored = knobs.snapstart.get() && reason != Reason::Provisioned;
        let saved = if restored {
            knobs.snapstart_saves.get()
        } else {
            0.0
        };
        (whole.saturating_sub(init), init.mul_f64(1.0 - saved))
    }
}

impl Runtime for Sandboxes {
    type Instance = Sandbox;
    type Event = Call;
    type Answer = ();

    async fn start(&self, reason: Reason) -> Sandbox {
        let number = self.started.get() + 1;
        self.started.set(number);
        let world = &self.world;
        let sandbox = Sandbox {
            world: Rc::clone(world),
            number,
            owner: self.owner,
            kept: reason == Reason::Provisioned,
            cpu: Server::new(Some(1)),
            calls: Cell::new(0),
            busy_since: Cell::new(world.now()),
            in_use: Cell::new(false),
            connected: Cell::new(false),
        };
        if reason == Reason::Call {
            sandbox.is_in_use();
        }
        let (platform, init) = self.cold_start(number, reason);
        engine::sleep(platform).await;
        engine::sleep(init).await;
        if self.owner == Owner::Us {
            world.bill(init, sandbox.kept);
            sandbox.connect();
        }
        sandbox
    }

    async fn run(&self, sandbox: &Sandbox, call: &Call) -> Result<(), HandlerError> {
        let world = &self.world;
        let _running = sandbox.begin();
        call.ran_on.set(Some((sandbox.number, world.now())));
        if self.owner == Owner::Us && !sandbox.connect() {
            world.meters.db_refused_total.increment();
            let why = "the database takes no more connections";
            return Err(HandlerError(why.to_owned()));
        }
        let takes = self.takes(call);
        let computing = takes.mul_f64(world.knobs.cpu_ratio.get());
        engine::sleep(takes.saturating_sub(computing)).await;
        sandbox.cpu.serve(computing).await;
        let unlucky = self.errors.draw(&[call.number]).uniform() < world.knobs.error_ratio.get();
        if self.owner == Owner::Us && unlucky {
            return Err(HandlerError(
                "it could not do what the event asks".to_owned(),
            ));
        }
        Ok(())
    }
}

impl Sandbox {
    /// Whether it has its connection, or gets one now.
    fn connect(&self) -> bool {
        if !self.connected.get() {
            self.connected.set(self.world.connect());
        }
        self.connected.get()
    }

    fn is_in_use(&self) {
        if !self.in_use.replace(true) {
            self.world.checks.in_use();
        }
    }

    fn begin(&self) -> Running<'_> {
        self.is_in_use();
        if self.calls.replace(self.calls.get() + 1) == 0 {
            self.busy_since.set(self.world.now());
        }
        Running(self)
    }

    fn end(&self) {
        self.calls.set(self.calls.get() - 1);
        if self.calls.get() > 0 {
            return;
        }
        let world = &self.world;
        if self.owner == Owner::Us {
            world.bill(world.now() - self.busy_since.get(), self.kept);
        }
        self.in_use.set(false);
        world.checks.out_of_use(world.knobs.concurrency_limit.get());
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if self.connected.get() {
            self.world.disconnect();
        }
        if self.in_use.get() {
            let limit = self.world.knobs.concurrency_limit.get();
            self.world.checks.out_of_use(limit);
        }
    }
}

/// A call that runs on an instance; however it ends, the instance is told.
struct Running<'a>(&'a Sandbox);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
