//! Scatter/gather: roots that ask all leaves at once and merge what comes back, by the policy of the lab.

use super::Kind;
use crate::format::number;
use crate::format::require::{Figure, own};
use crate::system::call::Answer;
use crate::system::component::Component;
use crate::system::machine::Machine;
use crate::system::meters::part_metrics;
use crate::system::work::{Here, Stand, Start, Work};
use crate::system::world::{Base, Tamper, World};
use crate::theory::{Load, Station};
use ddlab_labs::engine::{self, Draw, Purpose, Source as _};
use ddlab_labs::scatter_gather::pattern::{
    self, Ask, Completeness, Gathered, Leaf, LeafError, gather,
};
use ddlab_labs::scatter_gather::{PolicyName, Quantile};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::invariant::Invariant;
use ddlab_labs::workbench::knob::{Knob, KnobSettings, Or};
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_labs::workbench::theory::slowest;
use ddlab_labs::{choices, knobs};
use ddlab_text::Unit;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

choices! {
    /// What a root does about leaves that are slow.
    pub enum Policy { WaitAll, Hedge, Redundant }
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Slots, Policy }

    "scatter_gather" {
        /// machines that ask the leaves
        roots: usize = count(2, 1, 50).restarts();
        /// leaves that each request asks
        leaves: usize = count(20, 1, 500).restarts().essential();
        /// machines that hold the same leaf
        replicas: usize = count(2, 1, 5).restarts().essential();
        /// how long a leaf works on one search
        work: Distribution = distribution("lognormal:8ms,0.4").essential();
        /// searches whose length is the query's own, the same on every replica; of the rest it is the machine's
        query_share: f64 = share(0.1, 0.1);
        /// searches that a leaf's machine works on at once; more wait in line
        slots: usize = count(8, 1, 1_000) => Slots;
        /// a root's only core works so long on each answer of a leaf: sends, reads, merges
        root_cost: Duration = duration("50us", "0s", "100ms");
        /// answers that may wait for a root's core; with more it refuses requests
        root_queue: Option<usize> = count(10_000, 1, 1_000_000).or("inf");
        /// what a root does about leaves that are slow
        policy: Policy = choice().essential() => Policy;
        /// after this a root answers with what it has, whatever the policy
        deadline: Option<Duration> = duration("1s", "1ms", "1m").or("off").essential() => Policy;
        /// the share of the leaves that suffices, whatever the policy: 1 is all
        quorum: f64 = share(1.0, 0.01) => Policy;
        /// hedge: ask a second replica after this time, or this quantile of late
        hedge_after: Or<Duration, Quantile> =
            duration("20ms", "100us", "1m").or_one_of(Quantile::P95) => Policy;
        /// hedge: at most this share of extra calls; well above the share that is late on an ordinary day
        hedge_budget: f64 = share(0.1, 0.01) => Policy;
        /// redundant: replicas that are asked at once
        copies: usize = count(2, 1, 5) => Policy;
        /// from the death of a machine until it serves again
        cold_start: Distribution = distribution("const:20s");
    }
}

part_metrics! {
    struct GatherMeters {
        /// leaves that answered, of leaves asked
        completeness_ratio: Ratio in Share, chart 0;
        /// answers that lack a leaf
        partial_total: Counter in Count;
        /// second copies that were sent by the policy hedge
        hedges_total: Counter in Count;
        /// second copies that the budget did not allow
        hedges_refused_total: Counter in Count;
    }
}

const FIGURES: [Figure; 3] = [
    own(
        "completeness",
        "completeness_ratio",
        Statistic::Value,
        Unit::Share,
        "share of the leaves that were in an answer",
    ),
    own(
        "partial",
        "partial_total",
        Statistic::Value,
        Unit::Count,
        "answers that lack a leaf",
    ),
    own(
        "hedges",
        "hedges_total",
        Statistic::Value,
        Unit::Count,
        "second copies that were sent by the policy hedge",
    ),
];

#[derive(Debug)]
pub struct ScatterGather;

impl Kind for ScatterGather {
    fn word(&self) -> &'static str {
        "scatter_gather"
    }

    fn help(&self) -> &'static str {
        "roots that ask all leaves of an index at once, and merge what comes back"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("[\\", "\\]")
    }

    fn machine(&self) -> &'static str {
        "machine"
    }

    fn machines(&self, settings: &KnobSettings) -> usize {
        let [roots, leaves, replicas] = sizes(settings);
        roots + leaves * replicas
    }

    /// `leaf 3` is the first replica of the third leaf, `leaf 3 replica 2` the second.
    fn machine_of(&self, settings: &KnobSettings, words: &[&str]) -> Option<u32> {
        let [roots, leaves, replicas] = sizes(settings);
        let (leaf, replica) = match words {
            ["leaf", leaf] => (leaf, "1"),
            ["leaf", leaf, "replica", replica] => (leaf, *replica),
            _ => return None,
        };
        let within = |text: &str, most: usize| {
            let number: usize = text.parse().ok()?;
            (1..=most).contains(&number).then(|| number - 1)
        };
        let (leaf, replica) = (within(leaf, leaves)?, within(replica, replicas)?);
        Some((roots + leaf * replicas + replica + 1) as u32)
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        GatherMeters::specs(component, chart)
    }

    /// The slowest of all leaves, by order statistics.
    fn station(&self, load: &Load<'_>) -> Station {
        let own = load.time("work");
        let slots = load.part("slots") * load.part("replicas");
        let station = Station::of(load.flow.rps, slots, own);
        let station = match slowest_ms(load) {
            Some(ms) => station.then(ms - own.mean),
            None => station.doubted("the slowest of a mix has no closed form"),
        };
        if load.component.settings.value("policy").to_string() == "wait_all" {
            station.doubted("it waits for the longest of the lines before its leaves")
        } else {
            station.doubted("its second copies cut the slowest leaves off")
        }
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        Rc::new(Cluster::new(start))
    }
}

/// Roots, leaves, replicas of each leaf.
fn sizes(settings: &KnobSettings) -> [usize; 3] {
    ["roots", "leaves", "replicas"].map(|name| {
        let number = number(settings, name);
        number.map_or(1, |number| number as usize)
    })
}

/// The mean of the slowest of all leaves, in ms; none where that has no closed form.
fn slowest_ms(load: &Load<'_>) -> Option<f64> {
    const POINTS: u32 = 1_000;
    let text = load.component.settings.value("work").to_string();
    let work: Distribution = text.parse().ok()?;
    let leaves = load.part("leaves") as usize;
    let point = |nth| slowest(&work, leaves, (f64::from(nth) + 0.5) / f64::from(POINTS));
    let spans: Option<Vec<f64>> = (0..POINTS).map(point).collect();
    Some(spans?.iter().sum::<f64>() / f64::from(POINTS) * 1e3)
}

struct Cluster {
    knobs: Rc<Knobs>,
    roots: usize,
    leaves: usize,
    replicas: usize,
    /// Of each root, with what it has learnt.
    policies: RefCell<Vec<Rc<pattern::Policy>>>,
    /// Machines of leaves that roots believe to be up, by number.
    known: RefCell<BTreeSet<u32>>,
    balance: Purpose,
    whose_length: Purpose,
    meters: GatherMeters,
    hedges: Hedges,
    tamper: Tamper,
}

/// What hedges there were, and might be.
struct Hedges {
    in_budget: Rc<Invariant>,
    sent: Cell<u64>,
    allowed: Cell<f64>,
}

/// What travels to a leaf.
struct Search {
    /// The luck of the request.
    luck: [u64; 2],
}

impl Work for Cluster {
    fn slots(&self) -> Option<usize> {
        Some(self.knobs.slots.get())
    }

    fn slots_of(&self, machine: u32) -> Option<usize> {
        if self.is_root(machine) {
            Some(1)
        } else {
            self.slots()
        }
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        if self.is_root(stand.machine.number) {
            return stand.answers(self, Self::answer);
        }
        let (net, node) = (stand.world.sim.net(), stand.machine.node);
        let stand = Rc::new(stand);
        net.serve(node, move |search: Search, _| {
            let (leaves, stand) = (Rc::clone(&self), Rc::clone(&stand));
            async move { leaves.search(&stand, &search).await }
        });
    }

    fn is_listed(&self, machine: &Machine) -> bool {
        self.is_root(machine.number)
    }

    fn restart(&self, luck: &mut Draw) -> Duration {
        self.knobs.cold_start.borrow().sample(luck)
    }

    fn turned(&self) {
        *self.policies.borrow_mut() = policies(&self.knobs, self.roots, self.tamper);
    }

    fn rose(self: Rc<Self>, world: &Rc<World>, _: &Component, machine: &Rc<Machine>) {
        self.hears_of(world, machine);
    }

    fn fell(self: Rc<Self>, world: &Rc<World>, _: &Component, machine: &Rc<Machine>) {
        self.hears_of(world, machine);
    }
}

/// The pattern's policy of each root.
fn policies(knobs: &Knobs, roots: usize, tamper: Tamper) -> Vec<Rc<pattern::Policy>> {
    let policy = match knobs.policy.get() {
        Policy::WaitAll => PolicyName::WaitAll,
        Policy::Hedge => PolicyName::Hedge,
        Policy::Redundant => PolicyName::Redundant,
    };
    let overspend = if tamper == Tamper::OverspendHedges {
        3.0
    } else {
        1.0
    };
    let budget = overspend * knobs.hedge_budget.get();
    let of_root = |_| {
        Rc::new(pattern::Policy {
            copies: policy.copies(knobs.hedge_after.get(), budget, knobs.copies.get(), None),
            deadline: knobs.deadline.get(),
            enough: knobs.quorum.get(),
        })
    };
    (0..roots).map(of_root).collect()
}

impl Cluster {
    fn new(start: &Start<'_>) -> Self {
        let (base, name): (&Base, _) = (start.base, &start.component.name);
        let knobs = Knobs::of(start.own);
        let [roots, leaves, replicas] =
            [&knobs.roots, &knobs.leaves, &knobs.replicas].map(Knob::get);
        let machines = (roots + 1) as u32..=(roots + leaves * replicas) as u32;
        Self {
            policies: RefCell::new(policies(&knobs, roots, base.tamper)),
            known: RefCell::new(machines.collect()),
            balance: base.sim.purpose(&format!("{name} balance")),
            whose_length: base.sim.purpose(&format!("{name} query share")),
            meters: GatherMeters::of(&base.instruments.meters, name),
            hedges: Hedges {
                in_budget: Rc::clone(&base.checks.invariants.hedges),
                sent: Cell::new(0),
                allowed: Cell::new(0.0),
            },
            tamper: base.tamper,
            roots,
            leaves,
            replicas,
            knobs,
        }
    }

    fn is_root(&self, machine: u32) -> bool {
        machine as usize <= self.roots
    }

    /// Roots hear of a change of a leaf a little later.
    fn hears_of(self: Rc<Self>, world: &Rc<World>, machine: &Rc<Machine>) {
        if self.is_root(machine.number) {
            return;
        }
        let machine = Rc::clone(machine);
        world.sim.spawn(async move {
            engine::sleep(self.endpoints_lag()).await;
            let mut known = self.known.borrow_mut();
            if machine.is_up() {
                known.insert(machine.number);
            } else {
                known.remove(&machine.number);
            }
        });
    }

    async fn answer(&self, here: Here<'_>) -> Answer {
        if here.is_line_full(self.knobs.root_queue.get()) {
            return Answer::Shed;
        }
        let leaf = |leaf| OneLeaf {
            of: self,
            here,
            leaf,
            asked: RefCell::default(),
        };
        let leaves: Vec<OneLeaf<'_>> = (0..self.leaves).map(leaf).collect();
        let root = here.machine.number as usize - 1;
        let policy = Rc::clone(&self.policies.borrow()[root]);
        let gathered = gather(&leaves, &(), &policy).await;
        self.measure(&gathered)
    }

    fn measure(&self, gathered: &Gathered) -> Answer {
        let completeness = &self.meters.completeness_ratio;
        completeness.part.add(gathered.answered as u64);
        completeness.whole.add(self.leaves as u64);
        match gathered.completeness() {
            Completeness::Complete => Answer::Done,
            Completeness::Partial => {
                self.meters.partial_total.increment();
                Answer::Done
            }
            Completeness::Failed => Answer::Failed,
        }
    }

    /// A search at a leaf. The length of some is the query's own, the same on every replica; that of the others is
    /// drawn by each replica for itself.
    async fn search(&self, stand: &Stand, search: &Search) -> Answer {
        let component = &stand.world.components[stand.place];
        let _visit = component.visits.enter();
        let (leaf, replica) = self.leaf_of(&stand.machine);
        let [key, nth] = search.luck;
        let share = self.knobs.query_share.get();
        let mut whose = self.whose_length.draw(&[key, nth, leaf]);
        let drawn_by = if whose.chance(share) {
            u64::MAX
        } else {
            replica
        };
        let mut luck = component.work.draw(&[key, nth, leaf, drawn_by]);
        let takes = self.knobs.work.borrow().sample(&mut luck);
        let work = async || {
            stand.machine.server.serve(takes).await;
            Answer::Done
        };
        component.through_helpers(&stand.machine, work).await
    }

    /// The leaf, and which of its replicas, from 0.
    fn leaf_of(&self, machine: &Machine) -> (u64, u64) {
        let place = machine.number as usize - 1 - self.roots;
        (
            (place / self.replicas) as u64,
            (place % self.replicas) as u64,
        )
    }

    fn number(&self, leaf: usize, replica: usize) -> u32 {
        (self.roots + leaf * self.replicas + replica + 1) as u32
    }
}

/// A leaf as one request sees it.
struct OneLeaf<'a> {
    of: &'a Cluster,
    here: Here<'a>,
    leaf: usize,
    /// Replicas that were asked for this request, by the number of their machine.
    asked: RefCell<Vec<u32>>,
}

impl OneLeaf<'_> {
    /// Its machines in the order of this request: from one at random onwards in turn.
    fn in_order(&self) -> impl Iterator<Item = u32> {
        let [key, nth] = self.here.call.luck();
        let mut draw = self.of.balance.draw(&[key, nth, self.leaf as u64]);
        let replicas = self.of.replicas;
        let first = draw.below(replicas as u64) as usize;
        (first..first + replicas).map(move |place| self.of.number(self.leaf, place % replicas))
    }

    /// The next that is known to be up, and was not asked yet.
    fn next(&self) -> Option<u32> {
        let (known, asked) = (self.of.known.borrow(), self.asked.borrow());
        let mut in_order = self.in_order();
        in_order.find(|number| known.contains(number) && !asked.contains(number))
    }
}

impl Leaf for OneLeaf<'_> {
    type Query = ();

    fn replicas(&self) -> usize {
        let known = self.of.known.borrow();
        let up = self.in_order().filter(|number| known.contains(number));
        up.count().max(1)
    }

    async fn search(&self, (): &(), ask: Ask) -> pattern::Answer {
        self.of.goes_out(ask);
        let _visit = self.here.component.visits.enter();
        loop {
            let number = self.next().or_else(|| self.in_order().next());
            let number = number.expect("a leaf has a replica");
            self.asked.borrow_mut().push(number);
            let node = self.here.component.machine(number).node;
            let search = Search {
                luck: self.here.call.luck(),
            };
            let (call, at) = (self.here.call, (self.here.component.place, number));
            let spot = call.spot.as_ref();
            let step = spot.and_then(|spot| spot.enter(self.here.world, at, ask.nth as u64 + 1));
            let mut call = engine::net().call::<Search, Answer>(node, search);
            if let Some(step) = &step {
                call = call.traced(&step.trace);
            }
            let found = call.await;
            if let Some(step) = step {
                step.is_answered(found == Ok(Answer::Done));
            }
            match found {
                Ok(Answer::Done) => {
                    let cost = self.of.knobs.root_cost.get();
                    if !cost.is_zero() {
                        self.here.machine.server.serve(cost).await;
                    }
                    return Ok(Vec::new());
                }
                // A search changes nothing, so it may be made again; each replica is asked once.
                _ if self.next().is_some() => {}
                Ok(_) => return Err(LeafError::Failed("the leaf refuses it".to_owned())),
                Err(error) => return Err(LeafError::Failed(error.to_string())),
            }
        }
    }

    fn hedge_refused(&self) {
        self.of.meters.hedges_refused_total.increment();
    }
}

impl Cluster {
    /// The pattern asks a leaf.
    fn goes_out(&self, ask: Ask) {
        if self.knobs.policy.get() != Policy::Hedge {
            return;
        }
        let hedges = &self.hedges;
        if ask.nth == 0 {
            let allowed = hedges.allowed.get() + self.knobs.hedge_budget.get();
            return hedges.allowed.set(allowed);
        }
        self.meters.hedges_total.increment();
        hedges.sent.set(hedges.sent.get() + 1);
        let (sent, allowed) = (hedges.sent.get(), hedges.allowed.get());
        hedges.in_budget.check(sent as f64 <= allowed + 1e-6, || {
            format!("{sent} hedges were sent, and {allowed:.1} were allowed")
        });
    }
}
