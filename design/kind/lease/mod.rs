//! A lease: candidates compete for it, and its owner does a job again and again, as in the lab of ownership election.
//!
//! - here: its parameters, and its parts as they run; `candidate`: one life of a candidate, and the work of its
//!   ownerships; `beliefs`: who takes itself to be the owner.

mod beliefs;
mod candidate;

use super::{Calls, Kind};
use crate::format::require::{Figure, own};
use crate::format::{Component as Written, number};
use crate::system::component::Component;
use crate::system::lots::Lots;
use crate::system::machine::Machine;
use crate::system::meters::part_metrics;
use crate::system::work::{Mishap, Order, Stand, Start, Work};
use crate::system::world::{Tamper, World};
use crate::theory::{Flow, Load, Station};
use beliefs::Beliefs;
use ddlab_labs::election::Client;
use ddlab_labs::election::lease_server::{LeaseServer, Witness};
use ddlab_labs::election::pattern::{Token, Written as Answered};
use ddlab_labs::election::store::{Backend, Holder, Session};
use ddlab_labs::election::timetable::Timetable;
use ddlab_labs::election::warehouse::{Request, Warehouse};
use ddlab_labs::engine::{self, Draw, NodeId, Purpose, SimTime};
use ddlab_labs::knobs;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::invariant::Invariant;
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_text::Unit;
use std::cell::Cell;
use std::future::ready;

/// Before a job counts as missed: so that a candidate has time to become the owner.
const JOBS_IN_GRACE: u64 = 2;

knobs! {
    pub struct Knobs;
    pub enum Turned { }

    "lease" {
        /// processes that compete for the lease; the first is started first, and is the first owner
        candidates: usize = count(3, 1, 9).restarts().essential();
        /// the store of the lease: who decides expiry, and what the token is
        backend: Backend = choice().restarts().essential();
        /// how long a grant lasts without a renewal; zookeeper grants 4 to 40 s, etcd no less than 2 s
        lease: Duration = duration("15s", "100ms", "1h").essential();
        /// an owner that could not renew for so long stops; counts as two thirds of the lease at most
        renew_deadline: Duration = duration("10s", "50ms", "1h").essential();
        /// from one renewal to the next; a fifth of the deadline at most; those who wait ask after 1 to 2.2
        /// times as long
        retry_period: Duration = duration("2s", "10ms", "1h");
        /// sql_lock: the server ends a session that was silent for so long
        keepalive: Option<Duration> = duration("30s", "1s", "3h").starting_at("off");
        /// k8s_lease: the owner keeps it as Kubernetes' library does, or by the stricter rule of the pattern
        client: Client = choice().restarts();
        /// etcd: candidates queue by revision, as in its own recipe, and don't race for one key
        in_line: bool = switch(false).restarts();
        /// the storage refuses a token lower than the highest it has seen
        fencing: bool = switch(true).essential();
        /// a job is due so often, owned or not
        job_every: Duration = duration("1s", "10ms", "1h").essential();
        /// from what the owner reads to what it writes, without what it waits for others
        job_takes: Distribution = distribution("exp:200ms").essential();
        /// the work and the renewals share one thread: while a job is decided, nothing is renewed
        work_blocks: bool = switch(false);
        /// one call after the other, or all at once
        calls_in: Order = choice();
        /// from the death of a candidate until it is back
        restart: Distribution = distribution("const:20s");
    }
}

part_metrics! {
    struct LeaseMeters {
        /// candidates that believe to be the owner
        believers: Gauge in Count, chart 0;
        /// time with two believers or more
        split_brain_ms_total: Counter in Milliseconds;
        /// time without any believer
        ownerless_ms_total: Counter in Milliseconds;
        /// ownerships that began
        elections_total: Counter in Count;
        /// jobs written, accepted or not
        writes_total: Counter in Count;
        /// writes accepted from an owner after a newer one had come to the storage
        dual_writes_total: Counter in Count;
        /// writes refused for their token
        fenced_writes_total: Counter in Count;
        /// jobs not done when two more had fallen due
        jobs_missed_total: Counter in Count;
        /// jobs that were written again after they were done
        jobs_doubled_total: Counter in Count;
    }
}

const STORE_DOWN: Mishap = Mishap {
    word: "store_down",
    help: "the store of the lease is down; redis_ttl comes back without the lock and its counter, so that a token may come twice and the fence lets both in",
    ends: Some("store_up"),
};
const STORAGE_CUT: Mishap = Mishap {
    word: "storage_cut",
    help: "nothing passes between a candidate and the storage that its work writes to; the lease store it reaches",
    ends: Some("storage_heal"),
};

const fn total(word: &'static str, metric: &'static str, unit: Unit, help: &'static str) -> Figure {
    own(word, metric, Statistic::Value, unit, help)
}

const FIGURES: [Figure; 5] = [
    total(
        "split_brain",
        "split_brain_ms_total",
        Unit::Milliseconds,
        "time in which two took themselves to be the owner",
    ),
    total(
        "ownerless",
        "ownerless_ms_total",
        Unit::Milliseconds,
        "time in which nobody did",
    ),
    total(
        "dual_writes",
        "dual_writes_total",
        Unit::Count,
        "writes of an owner that had a successor already",
    ),
    total(
        "missed",
        "jobs_missed_total",
        Unit::Count,
        "jobs not done when two more were due",
    ),
    total(
        "doubled",
        "jobs_doubled_total",
        Unit::Count,
        "jobs done more than once",
    ),
];

#[derive(Debug)]
pub struct Lease;

impl Kind for Lease {
    fn word(&self) -> &'static str {
        "lease"
    }

    fn help(&self) -> &'static str {
        "candidates of which one owns a lease at a time, and does a job again and again; nobody calls it"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("{{", "}}")
    }

    fn calls(&self) -> Calls {
        Calls::Many
    }

    fn machine(&self) -> &'static str {
        "candidate"
    }

    fn is_called(&self) -> bool {
        false
    }

    fn machines(&self, settings: &KnobSettings) -> usize {
        number(settings, "candidates").map_or(1, |candidates| candidates as usize)
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        LeaseMeters::specs(component, chart)
    }

    fn mishaps(&self) -> &'static [Mishap] {
        &[STORE_DOWN, STORAGE_CUT]
    }

    fn station(&self, load: &Load<'_>) -> Station {
        Station::of(load.flow.passed_on, 1.0, load.time("job_takes")).then(load.others_ms)
    }

    fn passes_on(&self, component: &Written, _: Flow) -> f64 {
        1.0 / crate::theory::span(&component.settings, "job_every").as_secs_f64()
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        let (base, name) = (start.base, &start.component.name);
        let (sim, knobs) = (&base.sim, Knobs::of(start.own));
        let store = knobs.backend.get().store(knobs.in_line.get());
        let server = LeaseServer::new(store, Nobody);
        let meters = Rc::new(LeaseMeters::of(&base.instruments.meters, name));
        let group = Rc::new(Group {
            store: server.open(sim, &format!("{name} lease store")),
            storage: sim.add_server(&format!("{name} storage")),
            beliefs: Beliefs::new(sim, start.component.replicas(), &meters),
            server,
            warehouse: Warehouse::default(),
            timetable: Timetable::default(),
            jobs: sim.purpose(&format!("{name} job")),
            fence: Rc::clone(&base.checks.invariants.fence),
            lots: base.lots.clone().filter(|lots| lots.are_closed_by(name)),
            tamper: Cell::new(Tamper::Nothing),
            name: name.as_str().into(),
            meters,
            knobs,
        });
        group.server.set_keepalive(group.knobs.keepalive.get());
        let storage = Rc::clone(&group);
        sim.net().serve(group.storage, move |request: Request, _| {
            ready(storage.take(request))
        });
        group
    }
}

/// A lease with its store, its candidates and the storage that its owner writes to.
struct Group {
    knobs: Rc<Knobs>,
    name: Rc<str>,
    store: NodeId,
    storage: NodeId,
    server: Rc<LeaseServer>,
    warehouse: Warehouse,
    timetable: Timetable,
    beliefs: Rc<Beliefs>,
    meters: Rc<LeaseMeters>,
    jobs: Purpose,
    fence: Rc<Invariant>,
    /// The lots that its job closes.
    lots: Option<Rc<Lots>>,
    tamper: Cell<Tamper>,
}

/// Nobody looks on at the store: what counts is what candidates believe.
struct Nobody;

impl Witness for Nobody {
    fn store_says(&self, _: Option<Holder>, _: SimTime) {}

    fn granted(&self, _: Holder, _: Option<(Session, SimTime)>, _: SimTime) {}
}

impl Work for Group {
    fn slots(&self) -> Option<usize> {
        None
    }

    /// Nobody calls it.
    fn serve(self: Rc<Self>, _: Stand) {}

    fn opened(self: Rc<Self>, world: &Rc<World>, component: &Component) {
        self.tamper.set(world.tamper);
        self.know(world, component);
        world.sim.spawn(self.keep_the_timetable());
    }

    fn rose(self: Rc<Self>, world: &Rc<World>, component: &Component, machine: &Rc<Machine>) {
        let stand = Stand {
            world: Rc::clone(world),
            place: component.place,
            machine: Rc::clone(machine),
        };
        candidate::begin(&self, stand);
    }

    /// Its kernel closes its connections, if the store can be reached.
    fn fell(self: Rc<Self>, world: &Rc<World>, _: &Component, machine: &Rc<Machine>) {
        let hears = world.sim.is_up(self.store) && world.sim.net().passes(machine.node, self.store);
        if hears {
            // What it was before it fell.
            let life = machine.life.get() - 1;
            self.server
                .hangs_up(candidate::session(machine, life), world.now());
        }
    }

    fn restart(&self, luck: &mut Draw) -> Duration {
        self.knobs.restart.borrow().sample(luck)
    }

    fn turned(&self) {
        self.server.set_keepalive(self.knobs.keepalive.get());
    }

    fn title(&self, machine: &Machine) -> &'static str {
        if self.beliefs.believes(machine.number as usize - 1) {
            "owner"
        } else {
            ""
        }
    }

    fn measure(&self, _: &World) {
        self.beliefs.settle();
    }

    fn befalls(&self, world: &World, machine: &Machine, mishap: &Mishap, begins: bool) -> String {
        let (sim, store) = (&world.sim, self.store);
        if *mishap == STORAGE_CUT {
            let (node, number) = (machine.node, machine.number);
            if begins {
                sim.net().cut(node, self.storage);
                return format!("{number} is cut off from its storage");
            }
            sim.net().heal(node, self.storage);
            return format!("{number} reaches its storage again");
        }
        if begins && sim.is_up(store) {
            sim.crash(store);
            self.server.crashed(world.now());
        } else if !begins && !sim.is_up(store) {
            sim.restart(store);
        }
        let word = if begins { "down" } else { "back" };
        format!("has a lease store that is {word}")
    }
}

impl Group {
    /// Tells the store's server the machines of the candidates.
    fn know(&self, world: &Rc<World>, component: &Component) {
        let machines = component.machines();
        let nodes: Vec<NodeId> = machines.iter().map(|machine| machine.node).collect();
        let (there, place, store) = (Rc::downgrade(world), component.place, self.store);
        let kernel_answers = move |who: Session| {
            there.upgrade().is_some_and(|world| {
                let machine = world.components[place].machine(who.candidate + 1);
                let is_same = candidate::session(&machine, machine.life.get()) == who;
                let node = machine.node;
                is_same && world.sim.is_up(node) && world.sim.net().passes(node, store)
            })
        };
        self.server.know(&nodes, kernel_answers);
    }

    /// Jobs fall due whether or not there is an owner. One that is not done when two more have fallen due was missed;
    /// whoever owns next makes it up.
    async fn keep_the_timetable(self: Rc<Self>) {
        loop {
            engine::sleep(self.knobs.job_every.get()).await;
            let job = self.timetable.next();
            if let Some(lots) = &self.lots {
                lots.is_over(job);
            }
            if self.warehouse.done() < job.saturating_sub(JOBS_IN_GRACE) {
                self.meters.jobs_missed_total.increment();
            }
        }
    }

    /// A request at the storage.
    fn take(&self, request: Request) -> Answered {
        let fenced = self.knobs.fencing.get();
        let leaks = self.tamper.get() == Tamper::LeakyFence;
        let taken = self.warehouse.take(request, fenced && !leaks);
        let Some(job) = request.job else {
            return taken.answer;
        };
        let meters = &self.meters;
        meters.writes_total.increment();
        if taken.answer == Answered::Fenced {
            meters.fenced_writes_total.increment();
            return taken.answer;
        }
        let is_fresh = taken.highest.is_none_or(|highest| request.token >= highest);
        self.fence.check(is_fresh || !fenced, || {
            let (name, highest) = (
                &self.name,
                taken.highest.map_or(0, |Token(highest)| highest),
            );
            format!(
                "{name}: job {job} with token {} after {highest}",
                request.token
            )
        });
        if let Some(lots) = &self.lots {
            lots.closes(job, request.ownership);
        }
        meters.dual_writes_total.add(u64::from(taken.is_stale));
        meters.jobs_doubled_total.add(u64::from(taken.is_doubled));
        taken.answer
    }
}
