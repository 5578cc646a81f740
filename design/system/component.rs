//! A component while it runs: its machines, its balancer, and the work of its kind.

use super::call::{Ask, Caller};
use super::checks::Book;
use super::machine::{Machine, Standing};
use super::meters::ComponentMeters;
use super::work::{Stand, Start, Work};
use super::world::World;
use crate::kind::call;
use ddlab_labs::engine::{self, Purpose, SimTime, Source as _, Stream};
use ddlab_labs::replicated::pattern::{Balancer, Settings as Balance, Ticket};
use std::cell::RefCell;
use std::rc::Rc;

/// A machine, and what counts a request as out at it, where the balancer chose.
pub type Picked = (Rc<Machine>, Option<Ticket<Rc<Machine>>>);

pub struct Component {
    pub place: usize,
    pub name: Rc<str>,
    pub machines: Vec<Rc<Machine>>,
    pub meters: ComponentMeters,
    pub visits: Book,
    pub calls: Vec<Edge>,
    pub work: Purpose,
    pub failures: Purpose,
    does: Rc<dyn Work>,
    balancer: RefCell<Balancer<Rc<Machine>>>,
    dice: RefCell<Stream>,
    restarts: Purpose,
}

/// A call that it makes for each of its requests.
pub struct Edge {
    pub to: usize,
    pub name: Rc<str>,
    pub knobs: Rc<call::Knobs>,
}

impl Component {
    /// `target` is the number of its first machine among all.
    pub fn new(start: &Start<'_>, place: usize, calls: Vec<Edge>, target: u32) -> Self {
        let (spec, base) = (start.component, start.base);
        let sim = &base.sim;
        let name: Rc<str> = spec.name.as_str().into();
        let does = spec.kind.start(start);
        let machine = |nth: usize| {
            let nth = nth as u32;
            Machine::new(sim, &name, nth + 1, target + nth, does.slots())
        };
        let component = Self {
            place,
            machines: (0..spec.replicas()).map(machine).collect(),
            balancer: RefCell::new(Balancer::new(balance(&*does))),
            meters: ComponentMeters::of(&base.instruments.meters, &name),
            visits: base.checks.visits(),
            calls,
            dice: RefCell::new(sim.stream(&format!("{name} balancer"))),
            work: sim.purpose(&format!("{name} work")),
            failures: sim.purpose(&format!("{name} failures")),
            restarts: sim.purpose(&format!("{name} restarts")),
            does,
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
            Rc::clone(&self.does).serve(Stand {
                world: Rc::clone(world),
                place: self.place,
                machine: Rc::clone(machine),
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
        self.does.pick(self, ask)
    }

    /// The machine that the balancer picks.
    pub fn balanced(&self, ask: &Ask) -> Option<Picked> {
        let mut dice = self.dice.borrow_mut();
        let dice = |faces| dice.below(faces as u64) as usize;
        let mut balancer = self.balancer.borrow_mut();
        let ticket = balancer.pick(ask.user, engine::now().into(), dice)?;
        Some((Rc::clone(&ticket.endpoint().replica), Some(ticket)))
    }

    /// The balancer knows of this machine.
    pub fn is_listed(&self, machine: &Machine) -> bool {
        self.balancer.borrow().has(machine.number)
    }

    /// A parameter was turned.
    pub fn turned(&self) {
        self.does.turned();
        let slots = self.does.slots();
        self.machines
            .iter()
            .for_each(|machine| machine.server.set_slots(slots));
        self.balancer.borrow_mut().settings = balance(&*self.does);
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
        Rc::clone(&self.does).fell(world, self, machine);
        if stay {
            return;
        }
        let luck = &mut self.restarts.draw(&[u64::from(machine.number), life]);
        let takes = self.does.restart(luck);
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
        let lag = self.does.endpoints_lag();
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
        let should = machine.is_up() && self.does.is_listed(machine);
        let is = balancer.has(machine.number);
        if should && !is {
            balancer.add(machine.number, Rc::clone(machine), now.into());
        } else if is && !should {
            balancer.remove(machine.number);
        }
    }
}

fn balance(does: &dyn Work) -> Balance {
    Balance {
        policy: does.balance(),
        stale: false,
        slow_start: None,
    }
}
