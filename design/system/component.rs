//! A component while it runs: its machines, its balancer, and what each kind does with a request.

use super::call::{Answer, Ask, Call, Caller};
use super::checks::Book;
use super::database::Database;
use super::machine::{Machine, Standing};
use super::meters::ComponentMeters;
use super::world::{Tamper, World};
use crate::format;
use crate::kind::{Kind, call, external, service};
use ddlab_labs::ambassador::pace::Pace;
use ddlab_labs::engine::{self, FuturesUnordered, Purpose, SimTime, Source as _, Stream};
use ddlab_labs::replicated::pattern::{Balancer, Policy, Settings as Balance, Ticket};
use ddlab_labs::workbench::knob::Settings;
use futures::StreamExt as _;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// From the death of what belongs to somebody else until it answers again.
const EXTERNAL_RESTART: Duration = Duration::from_mins(1);
/// From a change of a machine until balancers know it, where that is not a parameter.
const USUAL_LAG: Duration = Duration::from_secs(2);
/// Calls that a quota lets pass at once after a rest.
const QUOTA_BURST: u32 = 10;

/// A machine, and what counts a request as out at it, where the balancer chose.
type Picked = (Rc<Machine>, Option<Ticket<Rc<Machine>>>);

pub struct Component {
    pub place: usize,
    pub name: Rc<str>,
    pub body: Body,
    pub machines: Vec<Rc<Machine>>,
    pub balancer: RefCell<Balancer<Rc<Machine>>>,
    pub meters: ComponentMeters,
    pub visits: Book,
    pub calls: Vec<Edge>,
    dice: RefCell<Stream>,
    work: Purpose,
    failures: Purpose,
    restarts: Purpose,
}

/// A call that it makes for each of its requests.
pub struct Edge {
    pub to: usize,
    pub name: Rc<str>,
    pub knobs: Rc<call::Knobs>,
}

/// What it is.
pub enum Body {
    Service(Rc<service::Knobs>),
    Database(Database),
    External(Rc<external::Knobs>, RefCell<Option<Pace>>),
}

impl Body {
    fn slots(&self) -> Option<usize> {
        match self {
            Self::Service(knobs) => Some(knobs.slots.get()),
            Self::Database(database) => Some(database.knobs.slots.get()),
            Self::External(..) => None,
        }
    }
}

impl Component {
    /// `target` is the number of its first machine among all.
    pub fn new(
        world: &super::world::Base,
        place: usize,
        spec: &format::Component,
        own: &Rc<Settings>,
        calls: Vec<Edge>,
        target: u32,
    ) -> Self {
        let sim = &world.sim;
        let name: Rc<str> = spec.name.as_str().into();
        let body = match spec.kind {
            Kind::Service => Body::Service(service::Knobs::of(own)),
            Kind::Database => Body::Database(Database::new(
                &world.instruments,
                &name,
                own,
                spec.replicas(),
            )),
            Kind::External => {
                let knobs = external::Knobs::of(own);
                let pace = RefCell::new(quota(&knobs));
                Body::External(knobs, pace)
            }
        };
        let slots = body.slots();
        let machine =
            |nth: usize| Machine::new(sim, &name, nth as u32 + 1, target + nth as u32, slots);
        let machines: Vec<Rc<Machine>> = (0..spec.replicas()).map(machine).collect();
        let component = Self {
            place,
            balancer: RefCell::new(Balancer::new(balance(&body))),
            machines,
            meters: ComponentMeters::of(&world.instruments.meters, &name),
            visits: world.checks.visits(),
            calls,
            dice: RefCell::new(sim.stream(&format!("{name} balancer"))),
            work: sim.purpose(&format!("{name} work")),
            failures: sim.purpose(&format!("{name} failures")),
            restarts: sim.purpose(&format!("{name} restarts")),
            body,
            name,
        };
        for machine in &component.machines {
            component.list(machine, SimTime::ZERO);
        }
        component
    }

    /// Its machines serve, each with callers of its own.
    pub fn open(&self, world: &Rc<World>) {
        for machine in &self.machines {
            self.equip(world, machine);
            let (world, machine, place) = (Rc::clone(world), Rc::clone(machine), self.place);
            let node = machine.node;
            world.sim.net().serve(node, {
                let world = Rc::clone(&world);
                move |call: Call, _| {
                    let (world, machine) = (Rc::clone(&world), Rc::clone(&machine));
                    async move { world.components[place].take(&world, &machine, &call).await }
                }
            });
        }
    }

    fn equip(&self, world: &Rc<World>, machine: &Machine) {
        let retries = &self.meters.retries_total;
        let caller = |edge: &Edge| Caller::new(world, edge.to, &edge.name, &edge.knobs, retries);
        let callers: Rc<[Caller]> = self.calls.iter().map(caller).collect();
        *machine.callers.borrow_mut() = callers;
    }

    /// A machine for this request, if one is known to be there.
    pub fn pick(&self, ask: &Ask) -> Option<Picked> {
        if let Body::Database(database) = &self.body
            && ask.write
        {
            let primary = &self.machines[database.primary.get()];
            let known = self.balancer.borrow().has(primary.number) || database.is_apart(primary);
            return known.then(|| (Rc::clone(primary), None));
        }
        let mut dice = self.dice.borrow_mut();
        let dice = |faces| dice.below(faces as u64) as usize;
        let ticket = self
            .balancer
            .borrow_mut()
            .pick(ask.user, engine::now().into(), dice)?;
        Some((Rc::clone(&ticket.endpoint().replica), Some(ticket)))
    }

    /// A request at one of its machines, in the books however it ends.
    async fn take(&self, world: &Rc<World>, machine: &Machine, call: &Call) -> Answer {
        let visit = Visit::begin(self, world.tamper);
        let answer = match &self.body {
            Body::Service(knobs) => self.serve(world, machine, knobs, call).await,
            Body::Database(database) => {
                let draw = &mut self.work.draw(&call.luck());
                database.answer(world, machine, call, draw).await
            }
            Body::External(knobs, pace) => self.answer_afar(machine, knobs, pace, call).await,
        };
        visit.end(answer, call.is_awaited());
        answer
    }

    async fn serve(
        &self,
        world: &Rc<World>,
        machine: &Machine,
        knobs: &service::Knobs,
        call: &Call,
    ) -> Answer {
        let server = &machine.server;
        let limit = knobs.shed.get();
        if limit.is_some_and(|limit| server.queue_len() >= limit && server.load() >= 1.0) {
            return Answer::Shed;
        }
        let takes = knobs
            .work
            .borrow()
            .sample(&mut self.work.draw(&call.luck()));
        let done = if knobs.blocking.get() {
            let seat = server.admit().await;
            seat.work(takes).await;
            let done = self.call_others(machine, knobs, call).await;
            if world.tamper == Tamper::LeakSlots && call.ask.key.is_multiple_of(50) {
                std::mem::forget(seat);
            }
            done
        } else {
            server.serve(takes).await;
            self.call_others(machine, knobs, call).await
        };
        let fails = self
            .failures
            .draw(&call.luck())
            .chance(knobs.error_ratio.get());
        if done && !fails {
            Answer::Done
        } else {
            Answer::Failed
        }
    }

    /// False as soon as one of them fails that is needed.
    async fn call_others(&self, machine: &Machine, knobs: &service::Knobs, call: &Call) -> bool {
        if self.calls.is_empty() {
            return true;
        }
        let callers = Rc::clone(&machine.callers.borrow());
        let (luck, ask) = (call.luck(), &call.ask);
        let made = callers
            .iter()
            .map(|caller| caller.call(luck, ask.user, ask.depth));
        match knobs.calls_in.get() {
            service::Order::Sequence => {
                for call in made {
                    if call.await.is_err() {
                        return false;
                    }
                }
            }
            service::Order::Parallel => {
                let mut made: FuturesUnordered<_> = made.map(Box::pin).collect();
                while let Some(called) = made.next().await {
                    if called.is_err() {
                        return false;
                    }
                }
            }
        }
        true
    }

    async fn answer_afar(
        &self,
        machine: &Machine,
        knobs: &external::Knobs,
        pace: &RefCell<Option<Pace>>,
        call: &Call,
    ) -> Answer {
        let refused = pace
            .borrow_mut()
            .as_mut()
            .is_some_and(|pace| pace.admit(engine::now().into()).is_err());
        if refused {
            return Answer::Shed;
        }
        let takes = knobs
            .latency
            .borrow()
            .sample(&mut self.work.draw(&call.luck()));
        machine.server.serve(takes).await;
        if self
            .failures
            .draw(&call.luck())
            .chance(knobs.error_ratio.get())
        {
            Answer::Failed
        } else {
            Answer::Done
        }
    }

    /// A parameter was turned.
    pub fn turned(&self) {
        let slots = self.body.slots();
        self.machines
            .iter()
            .for_each(|machine| machine.server.set_slots(slots));
        self.balancer.borrow_mut().settings = balance(&self.body);
        if let Body::External(knobs, pace) = &self.body {
            *pace.borrow_mut() = quota(knobs);
        }
    }

    /// A parameter of one of its calls was turned.
    pub fn call_turned(&self, nth: usize) {
        for machine in &self.machines {
            machine.callers.borrow()[nth].configure();
        }
    }

    /// The process of a machine ends with what it has. It comes back by itself unless it is to `stay` down.
    pub fn fall(&self, world: &Rc<World>, machine: &Rc<Machine>, stay: bool) {
        world.sim.crash(machine.node);
        let life = machine.turn(if stay {
            Standing::Down
        } else {
            Standing::Starting
        });
        self.list_later(world, machine);
        if let Body::Database(database) = &self.body {
            database.fell(world, self.place, machine);
        }
        if stay {
            return;
        }
        let luck = &mut self.restarts.draw(&[u64::from(machine.number), life]);
        let takes = match &self.body {
            Body::Service(knobs) => knobs.cold_start.borrow().sample(luck),
            Body::Database(database) => database.knobs.restart.borrow().sample(luck),
            Body::External(..) => EXTERNAL_RESTART,
        };
        let (there, world, place) = (Rc::clone(machine), Rc::clone(world), self.place);
        let sim = world.sim.clone();
        sim.spawn(async move {
            engine::sleep(takes).await;
            if there.life.get() == life {
                world.components[place].rise(&world, &there);
            }
        });
    }

    pub fn rise(&self, world: &Rc<World>, machine: &Rc<Machine>) {
        if machine.is_up() || world.is_zone_down(machine.zone) {
            return;
        }
        world.sim.restart(machine.node);
        machine.turn(Standing::Up);
        self.equip(world, machine);
        self.list_later(world, machine);
        world.info(format!("{} {} serves again", self.name, machine.number));
    }

    /// The balancer hears of a machine's change a little later.
    fn list_later(&self, world: &Rc<World>, machine: &Rc<Machine>) {
        let lag = match &self.body {
            Body::Service(knobs) => knobs.endpoints_lag.get(),
            Body::Database(_) | Body::External(..) => USUAL_LAG,
        };
        let (machine, world, place) = (Rc::clone(machine), Rc::clone(world), self.place);
        let sim = world.sim.clone();
        sim.spawn(async move {
            engine::sleep(lag).await;
            world.components[place].list(&machine, engine::now());
        });
    }

    /// The balancer knows how a machine stands.
    pub fn list(&self, machine: &Rc<Machine>, now: SimTime) {
        let mut balancer = self.balancer.borrow_mut();
        let answers = match &self.body {
            Body::Database(database) => database.reads(machine),
            Body::Service(_) | Body::External(..) => true,
        };
        let (is, should) = (balancer.has(machine.number), machine.is_up() && answers);
        if should && !is {
            balancer.add(machine.number, Rc::clone(machine), now.into());
        } else if is && !should {
            balancer.remove(machine.number);
        }
    }
}

fn balance(body: &Body) -> Balance {
    let policy = match body {
        Body::Service(knobs) => knobs.balance.get(),
        Body::Database(_) | Body::External(..) => Policy::TwoChoices,
    };
    Balance {
        policy,
        stale: false,
        slow_start: None,
    }
}

fn quota(knobs: &external::Knobs) -> Option<Pace> {
    let quota = knobs.quota.get();
    quota.map(|rps| Pace::new(Duration::from_secs_f64(1.0 / rps), QUOTA_BURST))
}

/// A request in a component.
struct Visit<'a> {
    component: &'a Component,
    came: SimTime,
    tamper: Tamper,
    ended: bool,
}

impl<'a> Visit<'a> {
    fn begin(component: &'a Component, tamper: Tamper) -> Self {
        component.meters.requests_total.increment();
        component.visits.begins();
        Self {
            component,
            came: engine::now(),
            tamper,
            ended: false,
        }
    }

    fn end(mut self, answer: Answer, awaited: bool) {
        self.ended = true;
        let meters = &self.component.meters;
        meters.error_ratio.whole.increment();
        meters
            .error_ratio
            .part
            .add(u64::from(answer != Answer::Done));
        match answer {
            Answer::Done => {
                meters.answered_total.increment();
                meters.latency_ms.record((engine::now() - self.came).into());
            }
            Answer::Shed => meters.shed_total.increment(),
            Answer::Failed => {}
        }
        if answer != Answer::Shed {
            meters.wasted_ratio.whole.increment();
            meters.wasted_ratio.part.add(u64::from(!awaited));
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let component = self.component;
        if !self.ended {
            component.meters.died_total.increment();
            component.meters.error_ratio.whole.increment();
            component.meters.error_ratio.part.increment();
        }
        component.visits.closes();
        if self.tamper != Tamper::ForgetTheDead || self.ended {
            component.visits.ends();
        }
    }
}
