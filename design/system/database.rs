//! What a database does: writes at the primary, reads that may be stale, and a replica that takes over.

use super::call::{Answer, Call};
use super::machine::Machine;
use super::meters::DatabaseMeters;
use super::world::World;
use crate::kind::database::{Knobs, ReadsFrom};
use ddlab_labs::engine::{self, Draw, SimTime};
use ddlab_labs::workbench::instruments::Instruments;
use ddlab_labs::workbench::knob::Settings;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

pub struct Database {
    pub knobs: Rc<Knobs>,
    /// The place of the primary among the machines.
    pub primary: Cell<usize>,
    machines: usize,
    meters: DatabaseMeters,
    /// When the replicas have the last write of each user; bounded by the users.
    replicated_at: RefCell<BTreeMap<u64, SimTime>>,
    /// When each write that only the primary has will be at the replicas.
    on_the_way: RefCell<VecDeque<SimTime>>,
}

impl Database {
    pub fn new(instruments: &Instruments, name: &str, own: &Rc<Settings>, machines: usize) -> Self {
        Self {
            knobs: Knobs::of(own),
            primary: Cell::new(0),
            machines,
            meters: DatabaseMeters::of(&instruments.meters, name),
            replicated_at: RefCell::default(),
            on_the_way: RefCell::default(),
        }
    }

    fn is_primary(&self, machine: &Machine) -> bool {
        machine.number as usize == self.primary.get() + 1
    }

    /// Whether reads are sent to it.
    pub fn reads(&self, machine: &Machine) -> bool {
        match self.knobs.reads_from.get() {
            ReadsFrom::Any => true,
            ReadsFrom::Primary => self.is_primary(machine),
            ReadsFrom::Replicas => !self.is_primary(machine) || self.machines == 1,
        }
    }

    /// A primary that takes no reads is on no list of the balancer; clients know it by its name.
    pub fn is_apart(&self, primary: &Machine) -> bool {
        !self.reads(primary)
    }

    pub async fn answer(
        &self,
        world: &World,
        machine: &Machine,
        call: &Call,
        draw: &mut Draw,
    ) -> Answer {
        let server = &machine.server;
        if server.busy() + server.queue_len() >= self.knobs.connections.get() {
            return Answer::Shed;
        }
        if call.ask.write {
            if !self.is_primary(machine) {
                return Answer::Failed;
            }
            let takes = self.knobs.writes.borrow().sample(draw);
            server.serve(takes).await;
            if self.machines > 1 {
                self.replicate(
                    world.now() + self.knobs.replication_lag.borrow().sample(draw),
                    call,
                );
            }
            return Answer::Done;
        }
        let takes = self.knobs.reads.borrow().sample(draw);
        server.serve(takes).await;
        let replicated_at = self.replicated_at.borrow().get(&call.ask.user).copied();
        let is_stale = replicated_at.is_some_and(|at| engine::now() < at);
        if is_stale && !self.is_primary(machine) {
            self.meters.stale_reads_total.increment();
        }
        Answer::Done
    }

    fn replicate(&self, at: SimTime, call: &Call) {
        let mut on_the_way = self.on_the_way.borrow_mut();
        // In order, as a log is: no write overtakes the one before.
        let at = on_the_way.back().map_or(at, |last| at.max(*last));
        on_the_way.push_back(at);
        let now = engine::now();
        while on_the_way.front().is_some_and(|there| *there <= now) {
            on_the_way.pop_front();
        }
        self.replicated_at.borrow_mut().insert(call.ask.user, at);
    }

    /// A machine fell. When it is the primary, a replica takes its place after a while, without the writes that
    /// had not come to it.
    pub fn fell(&self, world: &Rc<World>, place: usize, machine: &Rc<Machine>) {
        let Some(after) = self
            .knobs
            .failover
            .get()
            .filter(|_| self.is_primary(machine) && self.machines > 1)
        else {
            return;
        };
        let now = world.now();
        let lost = self
            .on_the_way
            .borrow()
            .iter()
            .filter(|at| **at > now)
            .count();
        let (world, machine, life) = (Rc::clone(world), Rc::clone(machine), machine.life.get());
        let sim = world.sim.clone();
        sim.spawn(async move {
            engine::sleep(after).await;
            if machine.life.get() == life {
                fail_over(&world, place, lost as u64);
            }
        });
    }
}

fn fail_over(world: &World, place: usize, lost: u64) {
    let component = &world.components[place];
    let super::component::Body::Database(database) = &component.body else {
        return;
    };
    let Some(next) = component
        .machines
        .iter()
        .position(|machine| machine.is_up())
    else {
        world.warn(format!(
            "{} has no machine that could take over",
            component.name
        ));
        return;
    };
    database.primary.set(next);
    database.on_the_way.borrow_mut().clear();
    database.meters.lost_writes_total.add(lost);
    for machine in &component.machines {
        component.list(machine, world.now());
    }
    world.warn(format!(
        "{} {} is the primary now; {lost} writes had not come to it",
        component.name,
        next + 1
    ));
}
