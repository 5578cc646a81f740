//! The fleet: how many replicas there are, how each comes and goes, and what the balancer hears of it.

use super::pattern::Balancer;
use super::replica::{Replica, Standing};
use super::settings::{Liveness, Readiness};
use super::world::{Tamper, World};
use crate::engine::{self, Purpose, Source as _};
use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// Machines stand in three zones.
pub const ZONES: usize = 3;
/// After so long without a word from a machine its replicas are started elsewhere: 40 s until the node is
/// not ready, and 300 s of toleration (Kubernetes' defaults).
const MACHINE_LOST: Duration = Duration::from_secs(340);
/// Failures of a probe that count, and how long it waits for an answer.
const FAILURES: u32 = 3;
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

pub struct Fleet {
    pub world: Rc<World>,
    pub balancer: RefCell<Balancer<Rc<Replica>>>,
    /// The balancer knows one more.
    pub listed: Notify,
    replicas: RefCell<Vec<Rc<Replica>>>,
    desired: Cell<usize>,
    version: Cell<u64>,
    made: Cell<u32>,
    zones_down: [Cell<bool>; ZONES],
    cold_starts: Purpose,
    phases: Purpose,
}

impl Fleet {
    /// With as many replicas as it should have, all of them ready.
    pub fn open(world: &Rc<World>) -> Rc<Self> {
        let fleet = Rc::new(Self {
            world: Rc::clone(world),
            balancer: RefCell::new(Balancer::new(world.knobs.balancing())),
            listed: Notify::new(),
            replicas: RefCell::default(),
            desired: Cell::new(world.knobs.bounds().least as usize),
            version: Cell::new(1),
            made: Cell::new(0),
            zones_down: Default::default(),
            cold_starts: world.sim.purpose("cold start"),
            phases: world.sim.purpose("probe phase"),
        });
        for _ in 0..fleet.desired.get() {
            let replica = fleet.make();
            replica.is_up();
            let now = world.now().into();
            let mut balancer = fleet.balancer.borrow_mut();
            balancer.add(replica.number, Rc::clone(&replica), now);
        }
        world.sim.spawn(Rc::clone(&fleet).report_loads());
        fleet
    }

    pub fn replicas(&self) -> Ref<'_, Vec<Rc<Replica>>> {
        self.replicas.borrow()
    }

    pub fn numbered(&self, number: u32) -> Option<Rc<Replica>> {
        let replicas = self.replicas.borrow();
        replicas
            .iter()
            .find(|replica| replica.number == number)
            .cloned()
    }

    pub fn ready(&self) -> usize {
        let replicas = self.replicas.borrow();
        replicas.iter().filter(|replica| replica.is_ready()).count()
    }

    pub fn desired(&self) -> usize {
        self.desired.get()
    }

    pub fn scale_to(self: &Rc<Self>, desired: usize) {
        self.desired.set(desired);
        self.reconcile();
    }

    pub fn roll_out(self: &Rc<Self>) {
        self.version.set(self.version.get() + 1);
        self.reconcile();
    }

    /// Makes the fleet what it should be, as far as surge and missing replicas allow it now.
    fn reconcile(self: &Rc<Self>) {
        let (desired, version) = (self.desired.get(), self.version.get());
        let (old, new): (Vec<_>, Vec<_>) = {
            let replicas = self.replicas.borrow();
            let staying = replicas.iter().filter(|replica| replica.stays()).cloned();
            staying.partition(|replica| replica.version < version)
        };
        let (surge, missing) = if old.is_empty() {
            (0, 0)
        } else {
            self.rollout_room()
        };
        let room = (desired + surge).saturating_sub(old.len() + new.len());
        for _ in 0..room.min(desired.saturating_sub(new.len())) {
            let replica = self.make();
            self.start(&replica);
        }
        // Of the old ones first what serves nobody; of the others the newest.
        let mut ready = self.ready();
        let mut going: Vec<Rc<Replica>> = old;
        let extra = new.len().saturating_sub(desired);
        going.extend(new.into_iter().rev().take(extra));
        going.sort_by_key(|replica| replica.is_ready());
        for replica in going {
            let serves = replica.is_ready();
            if serves && ready <= desired.saturating_sub(missing) {
                continue;
            }
            ready -= usize::from(serves);
            self.stop(&replica);
        }
    }

    /// How many more and how many fewer a rollout may have; at least one of the two.
    fn rollout_room(&self) -> (usize, usize) {
        let (knobs, desired) = (&self.world.knobs, self.desired.get() as f64);
        let surge = (desired * knobs.max_surge.get()).ceil() as usize;
        let missing = (desired * knobs.max_unavailable.get()).floor() as usize;
        if surge + missing == 0 {
            (1, 0)
        } else {
            (surge, missing)
        }
    }

    /// One more, in the zone that has the fewest.
    fn make(self: &Rc<Self>) -> Rc<Replica> {
        self.made.set(self.made.get() + 1);
        let in_zone = |zone: usize| {
            let replicas = self.replicas.borrow();
            let there = replicas
                .iter()
                .filter(|one| one.zone == zone && one.stays());
            (self.zones_down[zone].get(), there.count())
        };
        let zone = (0..ZONES).min_by_key(|zone| in_zone(*zone)).unwrap_or(0);
        let slots = self.world.knobs.slots.get();
        let replica = Replica::new(self.made.get(), zone, self.version.get(), slots);
        self.replicas.borrow_mut().push(Rc::clone(&replica));
        let probing = Rc::clone(self).probe(Rc::clone(&replica));
        self.world.sim.spawn(probing);
        replica
    }

    /// Its process starts, and serves after its cold start.
    fn start(self: &Rc<Self>, replica: &Rc<Replica>) {
        replica.standing.set(Standing::Starting);
        let world = &self.world;
        if !world.knobs.readiness.get() || world.tamper == Tamper::AnnounceEarly {
            // Without readiness a process that runs is taken for ready.
            replica.ready.set(true);
            self.announce(replica);
        }
        let (fleet, replica, life) = (Rc::clone(self), Rc::clone(replica), replica.life.get());
        world.sim.spawn(async move {
            let key = [u64::from(replica.number), life];
            let knobs = &fleet.world.knobs;
            let takes = knobs
                .cold_start
                .borrow()
                .sample(&mut fleet.cold_starts.draw(&key));
            engine::sleep(takes).await;
            if replica.life.get() == life && replica.standing.get() == Standing::Starting {
                replica.is_up();
                fleet.announce(&replica);
                fleet.reconcile();
            }
        });
    }

    /// The balancer hears that it is ready, a little later.
    fn announce(self: &Rc<Self>, replica: &Rc<Replica>) {
        let (fleet, replica) = (Rc::clone(self), Rc::clone(replica));
        self.world.sim.spawn(async move {
            engine::sleep(fleet.world.knobs.endpoints_lag.get()).await;
            let mut balancer = fleet.balancer.borrow_mut();
            if replica.ready.get() && !balancer.has(replica.number) {
                let now = fleet.world.now().into();
                balancer.add(replica.number, Rc::clone(&replica), now);
                fleet.listed.notify_waiters();
            }
        });
    }

    /// The balancer hears that it is not, a little later.
    fn withdraw(self: &Rc<Self>, replica: &Rc<Replica>) {
        let (fleet, replica) = (Rc::clone(self), Rc::clone(replica));
        self.world.sim.spawn(async move {
            engine::sleep(fleet.world.knobs.endpoints_lag.get()).await;
            if !replica.ready.get() {
                fleet.balancer.borrow_mut().remove(replica.number);
            }
        });
    }

    /// It is told to stop, and goes: with drain once it has served its last.
    fn stop(self: &Rc<Self>, replica: &Rc<Replica>) {
        let up = replica.standing.get() == Standing::Up;
        replica.ready.set(false);
        self.withdraw(replica);
        if !up || !self.world.knobs.drain.get() {
            self.kill(replica);
            return;
        }
        replica.standing.set(Standing::Leaving);
        let (fleet, replica) = (Rc::clone(self), Rc::clone(replica));
        self.world.sim.spawn(async move {
            let knobs = &fleet.world.knobs;
            let grace = knobs.grace.get();
            let asleep = knobs.drain_sleep.get().min(grace);
            engine::sleep(asleep).await;
            if replica.standing.get() != Standing::Leaving {
                return;
            }
            replica.standing.set(Standing::Closing);
            let cut = fleet.world.tamper == Tamper::CutTheDrain;
            let end = engine::sleep(if cut {
                Duration::ZERO
            } else {
                grace.saturating_sub(asleep)
            });
            let empty = async {
                while replica.in_progress() > 0 {
                    replica.emptied.notified().await;
                }
            };
            tokio::select! {
                biased;
                () = empty => {}
                () = end => {}
            }
            for _ in 0..replica.in_progress() {
                fleet.world.checks.dropped(replica.number, cut);
            }
            fleet.kill(&replica);
        });
    }

    /// It is gone, with what was in it.
    fn kill(self: &Rc<Self>, replica: &Rc<Replica>) {
        replica.standing.set(Standing::Gone);
        replica.end_process(self.world.knobs.slots.get());
        let mut replicas = self.replicas.borrow_mut();
        replicas.retain(|one| one.number != replica.number);
        drop(replicas);
        let fleet = Rc::clone(self);
        // Not from within what has decided it.
        self.world.sim.spawn(async move { fleet.reconcile() });
    }

    /// Its process dies, and is started again.
    pub fn crash(self: &Rc<Self>, replica: &Rc<Replica>) {
        if replica.stays() {
            replica.standing.set(Standing::Down);
            replica.end_process(self.world.knobs.slots.get());
            self.withdraw(replica);
            if !self.zones_down[replica.zone].get() {
                self.start(replica);
            }
        }
    }

    /// Whether it was let go.
    pub fn evict(self: &Rc<Self>, replica: &Rc<Replica>) -> bool {
        let left = self.ready() - usize::from(replica.is_ready());
        let least = self.world.knobs.pdb_min_available.get();
        let allowed = left >= least || self.world.tamper == Tamper::IgnoreBudget;
        if allowed {
            self.stop(replica);
            self.world.checks.evicted(left, least);
            self.reconcile();
        }
        allowed
    }

    /// The first zone that is up goes down. Returns its number, from 1.
    pub fn zone_down(self: &Rc<Self>) -> Option<usize> {
        let zone = (0..ZONES).find(|zone| !self.zones_down[*zone].get())?;
        self.zones_down[zone].set(true);
        for replica in self.in_zone(zone) {
            self.crash(&replica);
        }
        let fleet = Rc::clone(self);
        self.world.sim.spawn(async move {
            engine::sleep(MACHINE_LOST).await;
            if fleet.zones_down[zone].get() {
                for replica in fleet.in_zone(zone) {
                    fleet.kill(&replica);
                }
            }
        });
        Some(zone + 1)
    }

    pub fn zone_up(self: &Rc<Self>) {
        for zone in 0..ZONES {
            if self.zones_down[zone].replace(false) {
                for replica in self.in_zone(zone) {
                    if replica.standing.get() == Standing::Down {
                        self.start(&replica);
                    }
                }
            }
        }
    }

    fn in_zone(&self, zone: usize) -> Vec<Rc<Replica>> {
        let replicas = self.replicas.borrow();
        replicas
            .iter()
            .filter(|replica| replica.zone == zone)
            .cloned()
            .collect()
    }

    /// Readiness takes a replica out and in again; liveness restarts it.
    async fn probe(self: Rc<Self>, replica: Rc<Replica>) {
        let knobs = &self.world.knobs;
        let phase = self.phases.draw(&[u64::from(replica.number)]).uniform();
        engine::sleep(knobs.probe_every.get().mul_f64(phase)).await;
        let (mut not_ready, mut not_alive) = (0, 0);
        while replica.standing.get() != Standing::Gone {
            if replica.standing.get() == Standing::Up {
                let database = self.world.database_up.get();
                let ready = knobs.readiness_asks.get() == Readiness::Itself || database;
                let alive = match knobs.liveness_asks.get() {
                    Liveness::Process => true,
                    Liveness::Database => database,
                    Liveness::Endpoint => engine::timeout(PROBE_TIMEOUT, replica.probe())
                        .await
                        .is_ok(),
                };
                not_ready = if ready { 0 } else { not_ready + 1 };
                not_alive = if alive { 0 } else { not_alive + 1 };
                if replica.standing.get() == Standing::Up {
                    self.heed(&replica, not_ready, not_alive);
                }
                if not_alive >= FAILURES {
                    not_alive = 0;
                }
            }
            engine::sleep(knobs.probe_every.get()).await;
        }
    }

    fn heed(self: &Rc<Self>, replica: &Rc<Replica>, not_ready: u32, not_alive: u32) {
        let number = replica.number;
        if not_alive >= FAILURES {
            self.world.meters.restarts_total.increment();
            let text = format!("replica {number} fails its liveness probe and is restarted");
            self.world.warn(text);
            self.crash(replica);
        } else if not_ready == FAILURES && replica.ready.get() {
            replica.ready.set(false);
            self.world
                .warn(format!("replica {number} says that it is not ready"));
            self.withdraw(replica);
        } else if not_ready == 0 && !replica.ready.get() {
            replica.ready.set(true);
            self.announce(replica);
        }
    }

    /// Brings the balancer's knowledge of loads up to date, every `load_info_age`.
    async fn report_loads(self: Rc<Self>) {
        loop {
            let age = self.world.knobs.load_info_age.get();
            engine::sleep(age.max(Duration::from_millis(1))).await;
            if !age.is_zero() {
                self.balancer.borrow().report();
            }
        }
    }
}
