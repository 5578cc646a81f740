//! The proxy: takes requests in, sends each to the owner of its key, measures and checks what came of
//! it, and watches load and keys.

use super::checks::{Checks, Members};
use super::fleet::{DEDICATED, Fleet, ResizeError, shard_name};
use super::hot::{HotKeys, Mitigation};
use super::keys::{KeyId, Keys};
use super::origin::Origin;
use super::pattern::{Key, ShardId};
use super::request::{Kind, Request};
use super::shard::{Kept, Name, Version};
use super::survey::Survey;
use super::table::{Knobs, ProxyMeters, SPEC};
use super::{Tamper, waterfall};
use crate::engine::{self, Handle, Link, NodeId, Purpose, SimTime, Source};
use crate::workbench::instruments::Instruments;
use crate::workbench::journal::Overload;
use crate::workbench::meter::Begun;
use crate::workbench::workload::{ALIVE_MAX, Rate};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

/// Requests in progress at most; beyond, they are shed. It bounds the memory of an overload.
const IN_PROGRESS_MAX: usize = 5_000;
/// How often load and hot keys are looked at.
const TICK: Duration = Duration::from_millis(500);

/// Fetches in progress, by what is fetched.
type Flights = BTreeMap<Name, Rc<tokio::sync::Mutex<Option<Version>>>>;
type Front = BTreeMap<(KeyId, u32), Rc<tokio::sync::Mutex<Option<Kept>>>>;

pub struct Proxy {
    pub sim: Handle,
    pub node: NodeId,
    pub keys: Keys,
    pub fleet: Rc<Fleet>,
    pub origin: Rc<Origin>,
    pub hot: HotKeys,
    /// The map as the picture shows it.
    pub survey: Survey,
    pub instruments: Rc<Instruments>,
    pub meters: Rc<ProxyMeters>,
    pub checks: Checks,
    pub front: RefCell<Front>,
    pub flights: RefCell<Flights>,
    /// The owners by the map of the router that has not heard of the last resize yet.
    pub lagging: RefCell<Option<Rc<Vec<ShardId>>>>,
    pub knobs: Rc<Knobs>,
    pub rate: Rate,
    pub lag: Purpose,
    in_progress: Cell<usize>,
    overload: Overload,
    origin_calls: Cell<u64>,
    pub tamper: Tamper,
}

impl Proxy {
    /// Builds the world: proxy, shards with warm caches, origin.
    pub fn new(sim: &Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let keys = Keys::new(sim, knobs);
        let instruments = Instruments::new(sim, &SPEC);
        let node = sim.add_server("proxy");
        let origin = Origin::open(sim, sim.add_server("origin"), knobs, tamper.forgets);
        let fleet = Fleet::new(sim, knobs);
        let survey = Survey::new(knobs, &keys, |key| fleet.owner(key));
        let proxy = Rc::new(Self {
            sim: sim.clone(),
            survey,
            node,
            fleet,
            origin,
            hot: HotKeys::new(knobs),
            meters: ProxyMeters::of(&instruments.meters),
            checks: Checks::new(&instruments, keys.len()),
            instruments,
            front: RefCell::default(),
            flights: RefCell::default(),
            lagging: RefCell::default(),
            knobs: Rc::clone(knobs),
            rate: Rate::new(&knobs.arrival_rps, &knobs.arrivals),
            lag: sim.purpose("replica lag"),
            in_progress: Cell::new(0),
            overload: Overload::default(),
            origin_calls: Cell::new(0),
            keys,
            tamper,
        });
        proxy.apply_network();
        proxy.warm_up();
        proxy.meters.keys_moved_ratio.set(0.0, sim.now());
        proxy
    }

    /// Every shard has its keys in memory, the most popular ones last used: the run begins on an
    /// ordinary day and not with empty caches.
    fn warm_up(&self) {
        let members = self.fleet.members();
        let members = Members {
            before: &[],
            after: &members,
        };
        let owner = |key| self.fleet.owner(self.keys.get(key));
        self.checks.resized(&self.keys, owner, &members, true);
        self.check_late_router(members.after);
        let mut all: Vec<_> = self.keys.iter().collect();
        all.reverse();
        for (id, key) in all {
            let shard = self.fleet.shard(self.fleet.owner(key));
            let name = self.hot.scheme(id).name(0);
            shard.memory.borrow_mut().put(name, 0, self.sim.now());
        }
    }

    /// Changes the map, in one step or several; checks and counts what has moved in all.
    fn resize<T, E>(
        self: &Rc<Self>,
        change: impl FnOnce(&Rc<Fleet>) -> Result<T, E>,
    ) -> Result<(T, f64), E> {
        let before = self.fleet.members();
        let owners = self.checks.owners();
        let changed = change(&self.fleet)?;
        self.leave_a_router_behind(owners);
        let after = self.fleet.members();
        let members = Members {
            before: &before,
            after: &after,
        };
        let promised = (self.tamper.promises)(self.fleet.is_consistent());
        let owner = |key| self.fleet.owner(self.keys.get(key));
        let moved = self.checks.resized(&self.keys, owner, &members, promised);
        self.meters.keys_moved_ratio.set(moved, self.sim.now());
        self.check_late_router(&after);
        let joined = after.iter().filter(|id| !before.contains(id)).copied();
        let joined: Vec<ShardId> = joined.collect();
        let owner = |key: &Key| self.fleet.owner(key);
        self.survey.resized(&self.keys, owner, joined, moved);
        for id in after {
            self.fleet.shard(id).count_afresh();
        }
        Ok((changed, moved))
    }

    /// A shard joins; returns what came of it, in words.
    pub fn add_shard(self: &Rc<Self>) -> Result<String, ResizeError> {
        let (id, moved) = self.resize(Fleet::add)?;
        Ok(resized(&[id], "joined", moved))
    }

    /// A shard leaves; returns what came of it, in words.
    pub fn remove_shard(self: &Rc<Self>, id: ShardId) -> Result<String, ResizeError> {
        let ((), moved) = self.resize(|fleet| fleet.remove(id))?;
        Ok(resized(&[id], "left", moved))
    }

    /// Shard by shard, the newest first to leave, as a fleet is resized; stops where the strategy does. Tells
    /// what moved in all.
    pub fn resize_to(self: &Rc<Self>, count: usize) {
        let steps = |fleet: &Rc<Fleet>| {
            let (mut changed, mut stopped) = (Vec::new(), None);
            while stopped.is_none() && fleet.members().len() != count {
                let members = fleet.members();
                let newest = *members.last().expect("a map has a shard");
                let step = if members.len() < count {
                    fleet.add()
                } else {
                    fleet.remove(newest).map(|()| newest)
                };
                match step {
                    Ok(id) => changed.push(id),
                    Err(error) => stopped = Some(error),
                }
            }
            changed.sort_unstable();
            Ok::<_, Infallible>((changed, stopped))
        };
        let what = if self.fleet.members().len() < count {
            "joined"
        } else {
            "left"
        };
        let (journal, now) = (&self.instruments.journal, self.sim.now());
        let Ok(((changed, stopped), moved)) = self.resize(steps);
        if !changed.is_empty() {
            journal.warn(now, resized(&changed, what, moved));
        }
        if let Some(error) = stopped {
            journal.warn(now, error.to_string());
        }
    }

    /// One of the two routers hears of the resize later.
    fn leave_a_router_behind(self: &Rc<Self>, owners: Vec<ShardId>) {
        let Some(lag) = self.knobs.router_lag.get() else {
            return;
        };
        let owners = Rc::new(owners);
        *self.lagging.borrow_mut() = Some(Rc::clone(&owners));
        let proxy = Rc::clone(self);
        self.sim.spawn_on(self.node, async move {
            engine::sleep(lag).await;
            let mut lagging = proxy.lagging.borrow_mut();
            // Unless another resize has come meanwhile.
            if lagging.as_ref().is_some_and(|now| Rc::ptr_eq(now, &owners)) {
                *lagging = None;
            }
        });
    }

    /// A router that starts now, and reads its list in another order, has the same map.
    fn check_late_router(&self, members: &[ShardId]) {
        let mut list = members.to_vec();
        list.reverse();
        (self.tamper.list)(&mut list);
        if let Some(map) = self.fleet.map_of(&list) {
            let owner = |key| map.owner(self.keys.get(key));
            self.checks.late_router(&self.keys, owner);
        }
    }

    /// Takes requests in for ever.
    pub async fn serve(self: Rc<Self>) {
        let mut gaps = self.sim.stream("arrivals");
        let kinds = self.sim.purpose("kinds");
        for number in 1.. {
            self.rate.next_arrival(&mut gaps).await;
            let counted = self.meters.requests_total.enter();
            let key = self.keys.pick(number);
            self.hot.count(key);
            if self.is_full() {
                self.shed();
                continue;
            }
            let reads = kinds.draw(&[number]).chance(self.knobs.read_ratio.get());
            let kind = if reads { Kind::Read } else { Kind::Write };
            let request = Request::new(number, key, kind, engine::now());
            self.sim
                .spawn_on(self.node, Rc::clone(&self).answer(request, counted));
        }
    }

    fn is_full(&self) -> bool {
        self.in_progress.get() >= IN_PROGRESS_MAX || self.sim.alive() >= ALIVE_MAX
    }

    fn shed(&self) {
        self.meters.shed_total.increment();
        self.overload
            .say(engine::now(), &self.instruments.journal, || {
                format!(
                    "{} requests in progress, {} messages under way; {} shed so far",
                    self.in_progress.get(),
                    self.sim.net().counters().in_flight,
                    self.meters.shed_total.since_start()
                )
            });
    }

    /// One request of somebody outside; none when it is shed.
    pub async fn take_in(&self, request: &Request) -> Option<Result<Version, Ended>> {
        let _counted = self.meters.requests_total.enter();
        self.hot.count(request.key);
        if self.is_full() {
            self.shed();
            return None;
        }
        Some(self.fulfil(request).await)
    }

    async fn answer(self: Rc<Self>, request: Request, _counted: Begun) {
        // Who asked is part of the workload: nobody waits for the version.
        let _ = self.fulfil(&request).await;
    }

    /// The version that was read or written, or how the request ended instead.
    async fn fulfil(&self, request: &Request) -> Result<Version, Ended> {
        self.in_progress_is(self.in_progress.get() + 1);
        self.meters.calls_per_request.whole.increment();
        let limit = self.knobs.timeout.get();
        let mut version = None;
        let outcome = match request.kind {
            Kind::Read => {
                let at_least = match self.hot.scheme(request.key).mitigation {
                    Mitigation::SplitForWrites { .. } => self.checks.at_least_of_rows(request.key),
                    _ => self.checks.at_least(request.key),
                };
                let read = engine::timeout(limit, self.read(request)).await;
                let outcome = outcome(&read);
                if let Ok(Ok(found)) = read {
                    version = Some(found);
                    self.meters.hit_ratio.whole.increment();
                    let hit = request.all_hits.get();
                    self.meters.hit_ratio.part.add(u64::from(hit));
                    self.meters
                        .stale_reads_total
                        .add(u64::from(found < at_least));
                }
                outcome
            }
            Kind::Write => {
                self.meters.writes_total.increment();
                let write = engine::timeout(limit, self.write(request)).await;
                let outcome = outcome(&write);
                if let Ok(Ok(written)) = write {
                    version = Some(written.whole);
                    let stored = self.origin.value(request.key, super::origin::Part::Whole);
                    self.checks
                        .acknowledged(request.number, request.key, stored, written.whole);
                }
                outcome
            }
        };
        let now = engine::now();
        match outcome {
            Ended::Answered => self
                .meters
                .latency_ms
                .record((now - request.arrived).into()),
            Ended::TimedOut | Ended::Failed => self.meters.errors_total.increment(),
        }
        self.instruments
            .traces
            .offer(request.number, request.arrived, now, || {
                waterfall::trace(request, outcome, now)
            });
        self.in_progress_is(self.in_progress.get() - 1);
        version.ok_or(outcome)
    }

    fn in_progress_is(&self, requests: usize) {
        self.in_progress.set(requests);
        self.meters.in_progress.set(requests as f64, engine::now());
    }

    pub fn in_progress(&self) -> usize {
        self.in_progress.get()
    }

    /// Looks at load and keys, for ever.
    pub async fn watch(self: Rc<Self>) {
        loop {
            engine::sleep(TICK).await;
            let now = engine::now();
            let calls = self.origin.calls.get();
            let since = calls - self.origin_calls.replace(calls);
            let origin_rps = since as f64 / TICK.as_secs_f64();
            self.meters.origin_rps.set(origin_rps, now);
            self.watch_load(now);
            self.watch_keys(now);
        }
    }

    fn watch_load(&self, now: SimTime) {
        let mut watched = self.fleet.members();
        self.fleet.shard(DEDICATED).tick();
        for id in &watched {
            self.fleet.shard(*id).tick();
        }
        if self.dedicated_in_use() {
            watched.push(DEDICATED);
        }
        let loads: Vec<f64> = watched
            .iter()
            .map(|id| self.fleet.shard(*id).load() as f64 / self.fleet.size(*id) as f64)
            .collect();
        let mean = loads.iter().sum::<f64>() / loads.len() as f64;
        if mean > 0.0 {
            let max = loads.iter().copied().fold(0.0, f64::max);
            let square = |load: &f64| (load - mean) * (load - mean);
            let variance = loads.iter().map(square).sum::<f64>() / loads.len() as f64;
            self.meters.shard_load_max_over_mean.set(max / mean, now);
            self.meters.shard_load_cv.set(variance.sqrt() / mean, now);
        }
    }

    /// Hot keys have a shard of their own, and there are some.
    pub fn dedicated_in_use(&self) -> bool {
        self.hot.mitigation() == Mitigation::Dedicated && self.hot.len() > 0
    }

    fn watch_keys(&self, now: SimTime) {
        let (hot, cold) = self.hot.tick();
        for key in hot {
            let owner = shard_name(self.fleet.owner(self.keys.get(key)));
            let text = format!("key {} is hot, on {owner}", key.number());
            self.instruments.journal.info(now, text);
        }
        for key in cold {
            let text = format!("key {} has cooled down", key.number());
            self.instruments.journal.info(now, text);
        }
        self.meters.hot_keys.set(self.hot.len() as f64, now);
        // What nobody waits for and nobody may read any more.
        self.front
            .borrow_mut()
            .retain(|(key, epoch), _| self.hot.scheme(*key).epoch == *epoch);
    }

    pub fn apply_network(&self) {
        let link = Link::new(self.knobs.network.borrow().clone());
        self.sim.net().set_default_link(link);
    }
}

fn resized(shards: &[ShardId], what: &str, moved: f64) -> String {
    let who = match shards {
        [first, .., last] => format!("shards {} to {}", first.0, last.0),
        [one] => shard_name(*one),
        [] => "no shard".to_owned(),
    };
    let percent = moved * 100.0;
    format!("{who} {what}: {percent:.1} % of the keys moved")
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Answered,
    TimedOut,
    Failed,
}

fn outcome<T, E, L>(result: &Result<Result<T, E>, L>) -> Ended {
    match result {
        Ok(Ok(_)) => Ended::Answered,
        Ok(Err(_)) => Ended::Failed,
        Err(_) => Ended::TimedOut,
    }
}
