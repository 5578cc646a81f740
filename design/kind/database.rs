//! A database: one primary that takes the writes, replicas whose reads may be stale, and one of them that takes over.

use super::Kind;
use crate::format::require::{Figure, own};
use crate::system::call::{Answer, Ask};
use crate::system::component::{Component, Picked};
use crate::system::machine::Machine;
use crate::system::meters::part_metrics;
use crate::system::work::{Here, Stand, Start, Work};
use crate::system::world::World;
use crate::theory::{Load, Station, mixed};
use ddlab_labs::engine::{self, Draw, SimTime};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_labs::{choices, knobs};
use ddlab_text::Unit;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};

choices! {
    /// Who answers reads.
    pub enum ReadsFrom {
        /// All, the primary among them.
        Any,
        /// The primary alone: nothing is stale.
        Primary,
        /// The replicas, and the primary while there is none.
        Replicas,
    }
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Slots }

    "database" {
        /// machines, the primary among them
        replicas: usize = count(1, 1, 50).restarts().essential();
        /// statements that a machine works on at once; more wait in line
        slots: usize = count(16, 1, 10_000).essential() => Slots;
        /// connections that a machine accepts, at work or waiting; more are refused
        connections: usize = count(500, 1, 100_000);
        /// how long a read takes
        reads: Distribution = distribution("exp:3ms").essential();
        /// how long a write takes
        writes: Distribution = distribution("exp:6ms").essential();
        /// who answers reads
        reads_from: ReadsFrom = choice();
        /// from a write at the primary until a replica has it
        replication_lag: Distribution = distribution("exp:40ms");
        /// from the death of the primary until a replica takes its place; off waits for it to come back
        failover: Option<Duration> = duration("30s", "1s", "1h").or("off");
        /// from the death of a machine until it serves again
        restart: Distribution = distribution("const:60s");
    }
}

part_metrics! {
    struct DatabaseMeters {
        /// reads of a value that had been written anew before
        stale_reads_total: Counter in Count, chart 0;
        /// writes that a failover lost
        lost_writes_total: Counter in Count;
    }
}

const FIGURES: [Figure; 2] = [
    own(
        "stale",
        "stale_reads_total",
        Statistic::Value,
        Unit::Count,
        "reads of a value that was written anew before",
    ),
    own(
        "lost",
        "lost_writes_total",
        Statistic::Value,
        Unit::Count,
        "writes that a failover lost",
    ),
];

#[derive(Debug)]
pub struct Database;

impl Kind for Database {
    fn word(&self) -> &'static str {
        "database"
    }

    fn help(&self) -> &'static str {
        "a primary that takes the writes, and replicas that answer reads a little later"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("[(", ")]")
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        DatabaseMeters::specs(component, chart)
    }

    /// The machine that is full first: the primary, which has all the writes, or a replica that has the reads.
    fn station(&self, load: &Load<'_>) -> Station {
        let (reads, writes) = (load.time("reads"), load.time("writes"));
        let (machines, slots) = (load.component.replicas() as f64, load.part("slots"));
        let (wanted, written) = (load.flow.rps - load.flow.writes, load.flow.writes);
        let from = load.component.settings.value("reads_from").to_string();
        let at_primary = match from.as_str() {
            "primary" => wanted,
            "replicas" if machines > 1.0 => {
                let each = wanted / (machines - 1.0);
                if written * writes.mean < each * reads.mean {
                    return Station::of(each, slots, reads);
                }
                0.0
            }
            _ => wanted / machines,
        };
        let time = mixed(at_primary, reads, written, writes);
        Station::of(at_primary + written, slots, time)
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        Rc::new(Primary {
            knobs: Knobs::of(start.own),
            place: Cell::new(0),
            machines: start.component.replicas(),
            meters: DatabaseMeters::of(&start.base.instruments.meters, &start.component.name),
            replicated_at: RefCell::default(),
            on_the_way: RefCell::default(),
        })
    }
}

struct Primary {
    knobs: Rc<Knobs>,
    /// The place of the primary among the machines.
    place: Cell<usize>,
    machines: usize,
    meters: DatabaseMeters,
    /// When the replicas have the last write of each user; bounded by the users.
    replicated_at: RefCell<BTreeMap<u64, SimTime>>,
    /// When each write that only the primary has will be at the replicas.
    on_the_way: RefCell<VecDeque<SimTime>>,
}

impl Work for Primary {
    fn slots(&self) -> Option<usize> {
        Some(self.knobs.slots.get())
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        stand.answers(self, Self::answer);
    }

    /// Writes go to the primary. One that takes no reads is on no list of the balancer: clients know it by its name.
    fn pick(&self, component: &Component, ask: &Ask) -> Option<Picked> {
        if !ask.write {
            return component.balanced(ask);
        }
        let primary = component.machine(self.place.get() as u32 + 1);
        let known = component.is_listed(&primary) || !self.is_listed(&primary);
        known.then_some((primary, None))
    }

    fn is_listed(&self, machine: &Machine) -> bool {
        match self.knobs.reads_from.get() {
            ReadsFrom::Any => true,
            ReadsFrom::Primary => self.is_primary(machine),
            ReadsFrom::Replicas => !self.is_primary(machine) || self.machines == 1,
        }
    }

    fn title(&self, machine: &Machine) -> &'static str {
        if self.machines > 1 && self.is_primary(machine) {
            "primary"
        } else {
            ""
        }
    }

    fn restart(&self, luck: &mut Draw) -> Duration {
        self.knobs.restart.borrow().sample(luck)
    }

    /// When it is the primary, a replica takes its place after a while, without the writes that had not come to it.
    fn fell(self: Rc<Self>, world: &Rc<World>, component: &Component, machine: &Rc<Machine>) {
        let is_lost = self.is_primary(machine) && self.machines > 1;
        let Some(after) = self.knobs.failover.get().filter(|_| is_lost) else {
            return;
        };
        let now = world.now();
        let on_the_way = self.on_the_way.borrow();
        let lost = on_the_way.iter().filter(|at| **at > now).count() as u64;
        drop(on_the_way);
        let (world, machine, life) = (Rc::clone(world), Rc::clone(machine), machine.life.get());
        let (sim, place) = (world.sim.clone(), component.place);
        sim.spawn(async move {
            engine::sleep(after).await;
            if machine.life.get() == life {
                self.fail_over(&world, &world.components[place], lost);
            }
        });
    }
}

impl Primary {
    fn is_primary(&self, machine: &Machine) -> bool {
        machine.number as usize == self.place.get() + 1
    }

    async fn answer(&self, here: Here<'_>) -> Answer {
        let server = &here.machine.server;
        if server.busy() + server.queue_len() >= self.knobs.connections.get() {
            return Answer::Shed;
        }
        let ask = &here.call.ask;
        let luck = &mut here.luck();
        if ask.write {
            if !self.is_primary(here.machine) {
                return Answer::Failed;
            }
            let takes = self.knobs.writes.borrow().sample(luck);
            server.serve(takes).await;
            if self.machines > 1 {
                let lag = self.knobs.replication_lag.borrow().sample(luck);
                self.replicate(engine::now() + lag, ask.user);
            }
            return Answer::Done;
        }
        let takes = self.knobs.reads.borrow().sample(luck);
        server.serve(takes).await;
        let replicated_at = self.replicated_at.borrow().get(&ask.user).copied();
        let is_stale = replicated_at.is_some_and(|at| engine::now() < at);
        if is_stale && !self.is_primary(here.machine) {
            self.meters.stale_reads_total.increment();
        }
        Answer::Done
    }

    fn replicate(&self, at: SimTime, user: u64) {
        let mut on_the_way = self.on_the_way.borrow_mut();
        // In order, as a log is: no write overtakes the one before.
        let at = on_the_way.back().map_or(at, |last| at.max(*last));
        on_the_way.push_back(at);
        let now = engine::now();
        while on_the_way.front().is_some_and(|there| *there <= now) {
            on_the_way.pop_front();
        }
        self.replicated_at.borrow_mut().insert(user, at);
    }

    fn fail_over(&self, world: &World, component: &Component, lost: u64) {
        let machines = component.machines();
        let mut there = machines.iter();
        let Some(next) = there.position(|machine| machine.is_up()) else {
            let name = &component.name;
            return world.warn(format!("{name} has no machine that could take over"));
        };
        self.place.set(next);
        self.on_the_way.borrow_mut().clear();
        self.meters.lost_writes_total.add(lost);
        for machine in machines.iter() {
            component.list(machine, world.now());
        }
        world.warn(format!(
            "{} {} is the primary now; {lost} writes had not come to it",
            component.name,
            next + 1
        ));
    }
}
