//! The cluster: a root, leaves and their replicas, as nodes of the simulator; their faults.

use super::cancellation::{AtWork, Cancel, Uncancelled};
use super::health::{self, Alive, Probe};
use super::index::Index;
use super::policy::FaultsHit;
use super::replica::{Forget, Found, Replica, Search, TWIN_TAG, replica_name};
use super::table::Knobs;
use crate::engine::{self, Handle, Link, NodeId, Purpose, SimTime, Source};
use crate::workbench::meter::{Gauge, Ratio};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// All nodes of the lab and what they share.
pub struct Cluster {
    pub sim: Handle,
    pub root: NodeId,
    pub fan_out: usize,
    pub replicas: usize,
    pub index: Index,
    /// By leaf, then by replica.
    nodes: Vec<Rc<Replica>>,
    luck: Purpose,
    whose_length: Purpose,
    balance: Purpose,
    slow_by_hand: RefCell<Vec<bool>>,
    knobs: Rc<Knobs>,
    /// Searches in progress.
    busy: Cell<usize>,
    extra_load: Rc<Ratio>,
    utilization: Rc<Gauge>,
}

impl Cluster {
    /// Builds the nodes and installs what the leaves do.
    pub fn build(
        sim: &Handle,
        knobs: &Rc<Knobs>,
        extra_load: Rc<Ratio>,
        utilization: Rc<Gauge>,
    ) -> Rc<Self> {
        let (fan_out, replicas) = (knobs.fan_out.get(), knobs.replicas.get());
        let slots = knobs.slots.get();
        let root = sim.add_server("root");
        let replica = |number: usize| {
            let name = replica_name(number / replicas, number % replicas, replicas);
            Rc::new(Replica::new(sim.add_server(&name), slots))
        };
        let cluster = Rc::new(Self {
            sim: sim.clone(),
            root,
            fan_out,
            replicas,
            index: Index::new(sim.seed(), fan_out),
            nodes: (0..fan_out * replicas).map(replica).collect(),
            luck: sim.purpose("service"),
            whose_length: sim.purpose("query share"),
            balance: sim.purpose("balance"),
            slow_by_hand: RefCell::new(vec![false; fan_out]),
            knobs: Rc::clone(knobs),
            busy: Cell::new(0),
            extra_load,
            utilization,
        });
        cluster.apply_network();
        cluster.apply_slowness();
        for leaf in 0..fan_out {
            for replica in 0..replicas {
                cluster.open(leaf, replica);
            }
        }
        cluster
    }

    /// Installs what a replica does. From outside the node: so it serves every life of it.
    fn open(self: &Rc<Self>, leaf: usize, number: usize) {
        let replica = Rc::clone(self.replica(leaf, number));
        let node = replica.node;
        let cluster = Rc::clone(self);
        let serving = Rc::clone(&replica);
        self.sim.net().serve(node, move |search: Search, _| {
            let (cluster, replica) = (Rc::clone(&cluster), Rc::clone(&serving));
            async move {
                if cluster.cancel() == Cancel::None {
                    let sim = cluster.sim.clone();
                    let search = cluster.search(replica, leaf, number, search);
                    Uncancelled::new(sim, node, search).finish().await
                } else {
                    cluster.search(replica, leaf, number, search).await
                }
            }
        });
        let answers = |_: Probe, _| std::future::ready(Alive);
        self.sim.net().serve(node, answers);
        self.sim.net().receive(node, move |forget: Forget, _| {
            replica.forget(forget.request);
            std::future::ready(())
        });
    }

    /// A search at a leaf: waits for a slot, works, answers. A tied one tells its twin when it gets
    /// its slot, and may be withdrawn until then.
    async fn search(
        self: Rc<Self>,
        replica: Rc<Replica>,
        leaf: usize,
        number: usize,
        search: Search,
    ) -> Found {
        let request = &search.request;
        let seat = if let Some(twin) = search.twin {
            let Some(mut waiting) = replica.may_be_withdrawn(request.number) else {
                return Found::Withdrawn;
            };
            let seat = tokio::select! {
                biased;
                // The sender is dropped unused when a crash empties the list: then nobody withdraws.
                Ok(()) = &mut waiting.withdrawn => return Found::Withdrawn,
                seat = replica.server.admit() => seat,
            };
            drop(waiting);
            let forget = Forget {
                request: request.number,
            };
            engine::net().send_keyed(twin, forget, request.number, TWIN_TAG);
            seat
        } else {
            replica.server.admit().await
        };
        if request.search_begins(leaf) {
            self.extra_load.part.increment();
        }
        let service = self.service(request.number, leaf, number);
        AtWork::new(&self, &replica, seat, service)
            .finish(service)
            .await;
        Found::Hits(self.index.search(leaf, search.query).to_vec())
    }

    /// How long a search takes at this replica. The length of some searches is the query's own, the
    /// same draw on every replica; that of the others is drawn by each replica for itself. So of
    /// searches that are slow on one replica with probability p, two replicas are both slow on the
    /// share s p + (1 - s) p^2.
    fn service(&self, request: u64, leaf: usize, replica: usize) -> Duration {
        let (leaf, share) = (leaf as u64, self.knobs.query_share.get());
        let of_query = share > 0.0 && self.whose_length.draw(&[request, leaf]).chance(share);
        let drawn_by = if of_query { u64::MAX } else { replica as u64 };
        let mut draw = self.luck.draw(&[request, leaf, drawn_by]);
        self.knobs.service.borrow().sample(&mut draw)
    }

    /// What cancelling a search costs just now.
    pub fn cancel(&self) -> Cancel {
        self.knobs.cancel.get()
    }

    pub fn slot_taken(&self) {
        self.busy_is(self.busy.get() + 1);
    }

    pub fn slot_freed(&self) {
        self.busy_is(self.busy.get() - 1);
    }

    fn busy_is(&self, busy: usize) {
        self.busy.set(busy);
        self.utilization
            .set(busy as f64 / self.capacity(), self.sim.now());
    }

    /// All slots; with unlimited ones the number of replicas.
    fn capacity(&self) -> f64 {
        (self.nodes.len() * self.knobs.slots.get().unwrap_or(1)) as f64
    }

    pub fn now(&self) -> SimTime {
        self.sim.now()
    }

    pub fn replica(&self, leaf: usize, replica: usize) -> &Rc<Replica> {
        &self.nodes[leaf * self.replicas + replica]
    }

    /// The replicas of a leaf in the balancer's order for this request: from one at random (the same
    /// in every run of the seed) onwards in turn, and those that may not be asked last.
    pub fn in_order(&self, request: u64, leaf: usize) -> impl Iterator<Item = usize> {
        let first = if self.replicas == 1 {
            0
        } else {
            let mut draw = self.balance.draw(&[request, leaf as u64]);
            draw.below(self.replicas as u64) as usize
        };
        let in_turn = move || (first..first + self.replicas).map(|place| place % self.replicas);
        let may_be_asked = move |number: &usize| self.may_be_asked(leaf, *number);
        in_turn()
            .filter(may_be_asked)
            .chain(in_turn().filter(move |number| !may_be_asked(number)))
    }

    pub fn may_be_asked(&self, leaf: usize, number: usize) -> bool {
        !self.knobs.health.get() || !self.replica(leaf, number).health.is_ejected()
    }

    /// A call to a replica has failed.
    pub fn failed(&self, replica: &Rc<Replica>) {
        if self.knobs.health.get() {
            health::failed(&self.sim, self.root, replica);
        }
    }

    /// A call to a replica was given up.
    pub fn given_up(&self, replica: &Rc<Replica>) {
        if self.knobs.health.get() {
            health::suspect(&self.sim, self.root, replica);
        }
    }

    pub fn apply_network(&self) {
        let link = Link::new(self.knobs.network.borrow().clone());
        self.sim.net().set_default_link(link);
    }

    pub fn apply_slots(&self) {
        self.busy_is(self.busy.get());
        self.sim.enter(|| {
            for replica in &self.nodes {
                replica.server.set_slots(self.knobs.slots.get());
            }
        });
    }

    /// The leaf that is slow by knob, from 0, if there is such a leaf.
    fn straggler(&self) -> Option<usize> {
        let leaf = self.knobs.straggler.get()? - 1;
        (leaf < self.fan_out).then_some(leaf)
    }

    /// Slows a leaf (from 0), or lets it recover, by hand or by knob.
    pub fn set_slow(&self, leaf: usize, slow: bool) {
        self.slow_by_hand.borrow_mut()[leaf] = slow;
        if !slow && self.straggler() == Some(leaf) {
            let nobody = self.knobs.straggler.turn(&None);
            nobody.expect("`none` is a word of the straggler");
        }
        self.apply_slowness();
    }

    pub fn apply_slowness(&self) {
        let (by_hand, straggler) = (self.slow_by_hand.borrow(), self.straggler());
        for leaf in 0..self.fan_out {
            let slow = by_hand[leaf] || straggler == Some(leaf);
            for number in 0..self.replicas {
                let hit = slow && (number == 0 || self.hits_all());
                let factor = if hit {
                    self.knobs.straggler_factor.get()
                } else {
                    1.0
                };
                self.replica(leaf, number).server.slow(factor);
            }
        }
    }

    fn hits_all(&self) -> bool {
        self.knobs.faults_hit.get() == FaultsHit::All
    }

    /// The replicas of a leaf that a fault hits.
    pub fn hit(&self, leaf: usize) -> impl Iterator<Item = &Rc<Replica>> {
        let count = if self.hits_all() { self.replicas } else { 1 };
        (0..count).map(move |number| self.replica(leaf, number))
    }

    /// All replicas of a leaf: what is mended is mended everywhere.
    pub fn all_of(&self, leaf: usize) -> impl Iterator<Item = &Rc<Replica>> {
        (0..self.replicas).map(move |number| self.replica(leaf, number))
    }
}
