//! The platform of a function: its instances, what runs on them, and the events that it keeps.

use super::{FunctionMeters, Knobs};
use crate::system::call::{Answer, Call, Caller};
use crate::system::component::Component;
use crate::system::machine::Machine;
use crate::system::work::{Here, Mishap, Stand, Start, Work};
use crate::system::world::{Tamper, World};
use ddlab_labs::engine::{self, Draw, Purpose, Server};
use ddlab_labs::faas::Invocation;
use ddlab_labs::faas::account::{Account, ScaleRate, Share};
use ddlab_labs::faas::keep_alive::KeepAlive;
use ddlab_labs::faas::pattern::{
    Delivered, Function as Deployed, HandlerError, Ran, Reason, Runtime, Settings as Rules,
    Start as FirstStart, Throttled,
};
use ddlab_labs::workbench::invariant::Invariant;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Events of asynchronous calls that the platform keeps, at most; more are refused.
const EVENTS_MAX: u64 = 100_000;

/// What runs the function.
pub struct Platform {
    knobs: Rc<Knobs>,
    live: RefCell<Live>,
    sandboxes: Sandboxes,
    meters: Rc<FunctionMeters>,
    /// Events of asynchronous calls.
    kept: Rc<Cell<u64>>,
    tamper: Cell<Tamper>,
}

/// The function as it runs since the platform was last started.
struct Live {
    account: Rc<Account>,
    function: Rc<Deployed<Sandboxes>>,
}

impl Live {
    fn new(knobs: &Knobs, sandboxes: &Sandboxes) -> Self {
        let account = Account::new(knobs.concurrency_limit.get());
        let function = Deployed::new(
            sandboxes.clone(),
            Share::of(&account),
            ScaleRate::new(knobs.scale_rate.get()),
            knobs.keep_alive(),
            knobs.rules(),
        );
        Self { account, function }
    }
}

impl Knobs {
    fn rules(&self) -> Rules {
        Rules {
            per_instance: self.instance_concurrency.get(),
            target: self.target.get(),
            patience: self.when_full.get().patience(self.patience.get()),
            time_limit: self.timeout.get(),
            provisioned: self.provisioned.get(),
        }
    }

    fn keep_alive(&self) -> KeepAlive {
        self.keep_alive_policy
            .get()
            .keep_alive(self.keep_alive.get())
    }
}

impl Work for Platform {
    fn slots(&self) -> Option<usize> {
        None
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        stand.answers(self, Self::answer);
    }

    fn restart(&self, _: &mut Draw) -> Duration {
        Duration::from_mins(1)
    }

    /// Nothing is left of the instances that there were.
    fn rose(self: Rc<Self>, world: &Rc<World>, _: &Component, machine: &Rc<Machine>) {
        *self.live.borrow_mut() = Live::new(&self.knobs, &self.sandboxes);
        self.boot(world, machine);
    }

    fn turned(&self) {
        self.apply_limit();
        let (knobs, function) = (&self.knobs, self.function());
        function.configure(knobs.rules(), knobs.keep_alive(), knobs.scale_rate.get());
    }

    fn befalls(&self, _: &World, _: &Machine, _: &Mishap, _: bool) -> String {
        let function = self.function();
        let before = function.count().instances();
        function.deploy();
        format!("has a new version: {before} instances are of the old one")
    }

    fn utilization(&self) -> Option<f64> {
        let limit = self.knobs.concurrency_limit.get() as f64;
        Some(self.live.borrow().account.busy() as f64 / limit)
    }

    fn measure(&self, world: &World) {
        let (now, count) = (world.now(), self.function().count());
        self.meters.instances.set(count.instances() as f64, now);
        self.meters.concurrency.set(count.calls as f64, now);
    }
}

impl Platform {
    pub fn new(start: &Start<'_>) -> Self {
        let (base, name) = (start.base, &start.component.name);
        let knobs = Knobs::of(start.own);
        let sandboxes = Sandboxes {
            knobs: Rc::clone(&knobs),
            in_use: Rc::new(InUse::new(&base.checks.invariants.instances, name)),
            colds: base.sim.purpose(&format!("{name} cold start")),
            durations: base.sim.purpose(&format!("{name} duration")),
            started: Cell::new(0),
        };
        Self {
            live: RefCell::new(Live::new(&knobs, &sandboxes)),
            meters: Rc::new(FunctionMeters::of(&base.instruments.meters, name)),
            kept: Rc::default(),
            tamper: Cell::new(Tamper::Nothing),
            sandboxes,
            knobs,
        }
    }

    fn function(&self) -> Rc<Deployed<Sandboxes>> {
        Rc::clone(&self.live.borrow().function)
    }

    /// Begins with the instances that are kept ready, and takes away those that nobody calls.
    fn boot(&self, world: &World, machine: &Machine) {
        self.tamper.set(world.tamper);
        self.apply_limit();
        let (function, provisioned) = (self.function(), self.knobs.provisioned.get());
        function.share.provision(provisioned);
        let (sim, node) = (&world.sim, machine.node);
        sim.spawn_on(node, Rc::clone(&function).retire_idle());
        sim.spawn_on(node, async move { function.keep_provisioned() });
    }

    fn apply_limit(&self) {
        let limit = self.knobs.concurrency_limit.get();
        self.sandboxes.in_use.limit_is(limit);
        let ignores = self.tamper.get() == Tamper::IgnoreLimit;
        let account = Rc::clone(&self.live.borrow().account);
        account.set_limit(if ignores { 2 * limit } else { limit });
    }

    async fn answer(&self, here: Here<'_>) -> Answer {
        let (function, event) = (self.function(), Event::of(here));
        if self.knobs.invocation.get() == Invocation::Async {
            return self.keep(function, event);
        }
        let ran = function.invoke(&event).await;
        self.meters.tried(ran.as_ref().map_err(|refused| *refused));
        match ran {
            Ok(Ran { answer: Ok(()), .. }) => Answer::Done,
            Ok(_) => Answer::Failed,
            Err(_) => Answer::Shed,
        }
    }

    /// Nobody waits for it: the platform keeps the event, and runs it when it can.
    fn keep(&self, function: Rc<Deployed<Sandboxes>>, event: Event) -> Answer {
        if self.kept.get() >= EVENTS_MAX {
            return Answer::Shed;
        }
        let kept = Kept::new(&self.kept, &self.meters);
        let oldest = self.knobs.event_age.get();
        engine::spawn(async move {
            let came = engine::now();
            let meters = &kept.meters;
            let tried = |outcome: Result<&Ran<()>, Throttled>| meters.tried(outcome);
            if function.deliver(&event, oldest, tried).await == Delivered::Done {
                kept.is_done(engine::now() - came);
            }
        });
        Answer::Done
    }
}

impl FunctionMeters {
    /// What a try came to.
    fn tried(&self, outcome: Result<&Ran<()>, Throttled>) {
        self.throttled_ratio.whole.increment();
        let Ok(ran) = outcome else {
            self.throttled_ratio.part.increment();
            return;
        };
        self.cold_ratio.whole.increment();
        if ran.start == FirstStart::Cold {
            self.cold_ratio.part.increment();
            self.cold_start_ms.record(ran.waited.into());
        }
    }
}

/// An event that the platform keeps. One that ends without having run is dropped.
struct Kept {
    count: Rc<Cell<u64>>,
    meters: Rc<FunctionMeters>,
    done: Cell<bool>,
}

impl Kept {
    fn new(count: &Rc<Cell<u64>>, meters: &Rc<FunctionMeters>) -> Self {
        count.set(count.get() + 1);
        Self {
            count: Rc::clone(count),
            meters: Rc::clone(meters),
            done: Cell::new(false),
        }
    }

    fn is_done(&self, after: Duration) {
        self.done.set(true);
        self.meters.event_delay_ms.record(after.into());
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.count.set(self.count.get() - 1);
        if !self.done.get() {
            self.meters.dropped_total.increment();
        }
    }
}

/// Starts and runs the instances.
#[derive(Clone)]
struct Sandboxes {
    knobs: Rc<Knobs>,
    in_use: Rc<InUse>,
    colds: Purpose,
    durations: Purpose,
    started: Cell<u64>,
}

/// An instance. Each makes the calls of the function by callers of its own, which remember nothing at first.
struct Sandbox {
    /// One core: calls compute one after the other.
    cpu: Server,
    callers: OnceCell<Rc<[Caller]>>,
    calls: Cell<usize>,
    in_use: Rc<InUse>,
}

/// A request, as an instance gets it.
struct Event {
    world: Rc<World>,
    place: usize,
    machine: Rc<Machine>,
    call: Call,
}

impl Event {
    fn of(here: Here<'_>) -> Self {
        Self {
            world: Rc::clone(here.world),
            place: here.component.place,
            machine: Rc::clone(here.machine),
            call: here.call.clone(),
        }
    }

    fn here(&self) -> Here<'_> {
        Here {
            world: &self.world,
            component: &self.world.components[self.place],
            machine: &self.machine,
            call: &self.call,
        }
    }
}

impl Runtime for Sandboxes {
    type Instance = Sandbox;
    type Event = Event;
    type Answer = ();

    async fn start(&self, _: Reason) -> Sandbox {
        let number = self.started.get() + 1;
        self.started.set(number);
        let mut luck = self.colds.draw(&[number]);
        let takes = self.knobs.cold_start.borrow().sample(&mut luck);
        engine::sleep(takes).await;
        Sandbox {
            cpu: Server::new(Some(1)),
            callers: OnceCell::new(),
            calls: Cell::new(0),
            in_use: Rc::clone(&self.in_use),
        }
    }

    async fn run(&self, sandbox: &Sandbox, event: &Event) -> Result<(), HandlerError> {
        let _running = Running::on(sandbox);
        let here = event.here();
        let mut luck = self.durations.draw(&event.call.luck());
        let usual = self.knobs.duration.borrow().sample(&mut luck);
        let takes = usual.mul_f64(event.machine.server.factor());
        let computing = takes.mul_f64(self.knobs.cpu_ratio.get());
        engine::sleep(takes.saturating_sub(computing)).await;
        sandbox.cpu.serve(computing).await;
        let callers = sandbox
            .callers
            .get_or_init(|| here.component.callers(here.world));
        if !here.call_by(callers, self.knobs.calls_in.get()).await {
            return Err(HandlerError("a call that it makes has failed".to_owned()));
        }
        match here.done_unless_unlucky(self.knobs.error_ratio.get()) {
            Answer::Done => Ok(()),
            _ => Err(HandlerError(
                "it could not do what the event asks".to_owned(),
            )),
        }
    }
}

/// A call that runs on an instance; however it ends, that is counted.
struct Running<'a>(&'a Sandbox);

impl<'a> Running<'a> {
    fn on(sandbox: &'a Sandbox) -> Self {
        if sandbox.calls.replace(sandbox.calls.get() + 1) == 0 {
            sandbox.in_use.begins();
        }
        Self(sandbox)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let calls = self.0.calls.get() - 1;
        self.0.calls.set(calls);
        if calls == 0 {
            self.0.in_use.ends();
        }
    }
}

/// Instances with a call, counted apart from the platform.
struct InUse {
    count: Cell<usize>,
    limit: Cell<usize>,
    /// The limit, or what was in use already when it was lowered.
    allowed: Cell<usize>,
    within: Rc<Invariant>,
    name: Rc<str>,
}

impl InUse {
    fn new(within: &Rc<Invariant>, name: &str) -> Self {
        Self {
            count: Cell::new(0),
            limit: Cell::new(0),
            allowed: Cell::new(0),
            within: Rc::clone(within),
            name: name.into(),
        }
    }

    fn limit_is(&self, limit: usize) {
        self.limit.set(limit);
        self.allowed.set(limit.max(self.count.get()));
    }

    fn begins(&self) {
        let (count, allowed) = (self.count.get() + 1, self.allowed.get());
        self.count.set(count);
        self.within.check(count <= allowed, || {
            format!(
                "{}: {count} instances are busy, and {allowed} may be",
                self.name
            )
        });
    }

    fn ends(&self) {
        self.count.set(self.count.get() - 1);
        let allowed = self.allowed.get().min(self.count.get());
        self.allowed.set(self.limit.get().max(allowed));
    }
}
