//! A component while it runs: its machines, its balancer, and the work of its kind.

use super::call::{Answer, Ask, Caller, Whose};
use super::checks::Book;
use super::lots::Lots;
use super::machine::{Machine, Standing, zone_of};
use super::meters::ComponentMeters;
use super::work::{Mishap, Order, Stand, Start, Work, call_all};
use super::world::World;
use crate::beside::{Beside, Helper};
use crate::kind::call;
use crate::kind::queue::Broker;
use ddlab_labs::engine::{self, Purpose, SimTime, Source as _, Stream};
use ddlab_labs::replicated::pattern::{Balancer, Settings as Balance, Ticket};
use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// A machine, and what counts a request as out at it, where the balancer chose.
pub type Picked = (Rc<Machine>, Option<Ticket<Rc<Machine>>>);

/// What stands beside the machines of a component.
pub type Helpers = Vec<(&'static dyn Helper, Rc<dyn Beside>)>;

pub struct Component {
    pub place: usize,
    pub name: Rc<str>,
    /// The place of the component that is written within it.
    pub inner: Option<usize>,
    /// By number; those that have left stay, so that they can come back.
    machines: RefCell<Vec<Rc<Machine>>>,
    pub meters: ComponentMeters,
    pub visits: Book,
    pub calls: Vec<Edge>,
    /// The lots that its requests are bids for.
    pub lots: Option<Rc<Lots>>,
    pub work: Purpose,
    pub failures: Purpose,
    pub does: Rc<dyn Work>,
    helpers: Helpers,
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
    pub fn new(start: Start<'_>, place: usize, calls: Vec<Edge>, target: u32) -> Self {
        let (spec, base) = (start.component, start.base);
        let sim = &base.sim;
        let name: Rc<str> = spec.name.as_str().into();
        let does = spec.kind.start(&start);
        let machine = |nth: usize| {
            let nth = nth as u32;
            let zone = (!spec.kind.is_foreign()).then(|| zone_of(nth + 1));
            let slots = does.slots_of(nth + 1);
            Machine::new(sim, &name, nth + 1, target + nth, zone, slots)
        };
        let component = Self {
            place,
            inner: spec.inner,
            machines: RefCell::new((0..spec.replicas()).map(machine).collect()),
            balancer: RefCell::new(Balancer::new(balance(&*does))),
            meters: ComponentMeters::of(&base.instruments.meters, &name),
            visits: base.checks.visits(),
            calls,
            lots: base.lots.clone().filter(|lots| lots.takes_bids_at(&name)),
            dice: RefCell::new(sim.stream(&format!("{name} balancer"))),
            work: sim.purpose(&format!("{name} work")),
            failures: sim.purpose(&format!("{name} failures")),
            restarts: sim.purpose(&format!("{name} restarts")),
            does,
            helpers: start.helpers,
            name,
        };
        for machine in component.machines().iter() {
            component.list(machine, SimTime::ZERO);
        }
        component
    }

    pub fn machines(&self) -> Ref<'_, Vec<Rc<Machine>>> {
        self.machines.borrow()
    }

    /// The machine of this number, from 1.
    pub fn machine(&self, number: u32) -> Rc<Machine> {
        Rc::clone(&self.machines.borrow()[number as usize - 1])
    }

    /// Its machines serve, each with callers of its own.
    pub fn open(&self, world: &Rc<World>) {
        for machine in self.machines().iter() {
            self.serve(world, machine);
        }
    }

    /// What begins when all components serve.
    pub fn opened(&self, world: &Rc<World>) {
        Rc::clone(&self.does).opened(world, self);
        for machine in self.machines().iter() {
            Rc::clone(&self.does).rose(world, self, machine);
        }
    }

    fn serve(&self, world: &Rc<World>, machine: &Rc<Machine>) {
        self.equip(world, machine);
        for (_, beside) in &self.helpers {
            Rc::clone(beside).join(world, machine);
        }
        Rc::clone(&self.does).serve(Stand {
            world: Rc::clone(world),
            place: self.place,
            machine: Rc::clone(machine),
        });
    }

    fn equip(&self, world: &Rc<World>, machine: &Machine) {
        *machine.callers.borrow_mut() = self.callers(world);
    }

    /// New callers, one for each of its calls.
    pub fn callers(&self, world: &Rc<World>) -> Rc<[Caller]> {
        let retries = &self.meters.retries_total;
        let caller = |edge: &Edge| Caller::new(world, edge.to, &edge.name, &edge.knobs, retries);
        self.calls.iter().map(caller).collect()
    }

    fn helpers_live(&self, world: &Rc<World>, machine: &Rc<Machine>, up: bool) {
        for (_, beside) in &self.helpers {
            Rc::clone(beside).lives(world, machine, up);
        }
    }

    /// What a machine answers, through whatever stands beside it: a helper may answer in its place. It takes what makes
    /// the machine's own answer and not the future of it, which would take its room twice.
    pub async fn through_helpers(
        &self,
        machine: &Machine,
        answer: impl AsyncFnOnce() -> Answer,
    ) -> Answer {
        for (_, beside) in &self.helpers {
            if let Some(answer) = beside.before(machine).await {
                return answer;
            }
        }
        let answer = answer().await;
        for (_, beside) in &self.helpers {
            beside.after(machine, answer).await;
        }
        answer
    }

    /// A mishap befalls a machine, or is undone: that of its kind, or of what stands beside it. Says what happens.
    pub fn befalls(
        &self,
        world: &World,
        machine: &Machine,
        mishap: &Mishap,
        begins: bool,
    ) -> String {
        let mut helpers = self.helpers.iter();
        match helpers.find(|(helper, _)| helper.mishaps().contains(mishap)) {
            Some((_, beside)) => beside.befalls(machine, mishap, begins),
            None => self.does.befalls(world, machine, mishap, begins),
        }
    }

    /// Sets the levels that go by the clock, those of its kind and of what stands beside its machines.
    pub fn measure(&self, world: &World) {
        self.does.measure(world);
        self.helpers
            .iter()
            .for_each(|(_, beside)| beside.measure(world));
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

    pub fn broker(&self) -> Option<Rc<Broker>> {
        self.does.broker().cloned()
    }

    /// Requests that wait.
    pub fn waiting(&self) -> usize {
        let in_lines = || {
            let machines = self.machines();
            machines
                .iter()
                .map(|machine| machine.server.queue_len())
                .sum()
        };
        self.does.waiting().unwrap_or_else(in_lines)
    }

    /// It fails for no reason of load, with this chance.
    pub fn done_unless_unlucky(&self, luck: [u64; 2], error_ratio: f64) -> Answer {
        if error_ratio > 0.0 && self.failures.draw(&luck).chance(error_ratio) {
            Answer::Failed
        } else {
            Answer::Done
        }
    }

    /// Makes its calls for a request of this luck at this machine; false as soon as one of them fails that is needed.
    pub async fn call_others(
        &self,
        machine: &Machine,
        luck: [u64; 2],
        whose: &Whose,
        order: Order,
    ) -> bool {
        if self.calls.is_empty() {
            return true;
        }
        let callers = Rc::clone(&machine.callers.borrow());
        call_all(&callers, order, luck, whose).await
    }

    /// A parameter was turned.
    pub fn turned(&self, world: &Rc<World>) {
        self.does.turned();
        for machine in self.machines().iter() {
            let slots = self.does.slots_of(machine.number);
            machine.server.set_slots(slots);
        }
        self.balancer.borrow_mut().settings = balance(&*self.does);
        if let Some(size) = self.does.size() {
            self.resize(world, size);
        }
        // Who is on the balancer's list may depend on the parameter.
        let machines = self.machines().clone();
        for machine in machines.iter().filter(|machine| machine.is_up()) {
            self.list(machine, engine::now());
        }
    }

    /// Machines that are there to stay: up, down for a while, or on their way.
    pub fn size(&self) -> usize {
        let machines = self.machines();
        machines.iter().filter(|machine| machine.stays()).count()
    }

    /// Makes it so many machines: new ones serve after their start, the newest go first.
    pub fn resize(&self, world: &Rc<World>, size: usize) {
        let now = self.size();
        for _ in now..size {
            self.hire(world);
        }
        let machines = self.machines().clone();
        let staying = machines.iter().rev().filter(|machine| machine.stays());
        for machine in staying.take(now.saturating_sub(size)) {
            let was_up = machine.is_up();
            machine.turn(Standing::Leaving);
            self.list(machine, engine::now());
            if was_up {
                Rc::clone(&self.does).leaves(world, self, machine);
            } else {
                machine.has_left();
            }
        }
    }

    /// Starts one more: one that has left, or a new one.
    fn hire(&self, world: &Rc<World>) {
        let out = {
            let machines = self.machines();
            let mut all = machines.iter();
            all.find(|machine| machine.standing.get() == Standing::Out)
                .cloned()
        };
        let machine = out.unwrap_or_else(|| {
            let number = self.machines().len() as u32 + 1;
            let slots = self.does.slots_of(number);
            let machine = Machine::new(
                &world.sim,
                &self.name,
                number,
                world.next_target(),
                Some(zone_of(number)),
                slots,
            );
            machine.standing.set(Standing::Out);
            self.serve(world, &machine);
            self.machines.borrow_mut().push(Rc::clone(&machine));
            machine
        });
        let life = machine.turn(Standing::Starting);
        let luck = &mut self.restarts.draw(&[u64::from(machine.number), life]);
        self.rise_after(world, &machine, self.does.start_up(luck));
    }

    /// Unless something else has happened to it by then.
    fn rise_after(&self, world: &Rc<World>, machine: &Rc<Machine>, takes: Duration) {
        let (there, world, place) = (Rc::clone(machine), Rc::clone(world), self.place);
        let (sim, life) = (world.sim.clone(), machine.life.get());
        sim.spawn(async move {
            engine::sleep(takes).await;
            if there.life.get() == life {
                world.components[place].rise(&world, &there);
            }
        });
    }

    /// A parameter of one of its calls was turned.
    pub fn call_turned(&self, nth: usize) {
        for machine in self.machines().iter() {
            machine.callers.borrow()[nth].configure();
        }
    }

    /// The process of a machine ends with what it has. It comes back by itself unless it is to `stay` down.
    pub fn fall(&self, world: &Rc<World>, machine: &Rc<Machine>, stay: bool) {
        if machine.standing.get() == Standing::Out {
            return;
        }
        let leaves = machine.standing.get() == Standing::Leaving;
        let life = machine.turn(match (leaves, stay) {
            (true, _) => Standing::Out,
            (false, true) => Standing::Down,
            (false, false) => Standing::Starting,
        });
        world.sim.crash(machine.node);
        self.list_later(world, machine);
        Rc::clone(&self.does).fell(world, self, machine);
        self.helpers_live(world, machine, false);
        if stay || leaves {
            return;
        }
        let luck = &mut self.restarts.draw(&[u64::from(machine.number), life]);
        self.rise_after(world, machine, self.does.restart(luck));
    }

    pub fn rise(&self, world: &Rc<World>, machine: &Rc<Machine>) {
        let is_dark = machine.zone.is_some_and(|zone| world.is_zone_down(zone));
        if machine.is_up() || !machine.stays() || is_dark {
            return;
        }
        if !world.sim.is_up(machine.node) {
            world.sim.restart(machine.node);
        }
        machine.turn(Standing::Up);
        self.equip(world, machine);
        self.helpers_live(world, machine, true);
        self.list_later(world, machine);
        Rc::clone(&self.does).rose(world, self, machine);
        world.info(format!("{} {} serves", self.name, machine.number));
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
