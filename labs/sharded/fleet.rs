//! The fleet: the shards as nodes, and the map that says who owns which key.

use super::memory::Memory;
use super::pattern::{
    CannotResize, Jump, Key, Lookup, Maglev, Modulo, Range, Rendezvous, Ring, ShardId, Strategy,
    Weights, bounded,
};
use super::shard::{Delete, Deleted, Fill, Forget, Get, Got, Shard};
use super::table::Knobs;
use crate::choices;
use crate::engine::{self, Handle, Purpose};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Shards at most, those that have left included.
pub const SHARDS_MAX: u32 = 256;

/// The shard that hot keys get when each is to have a machine of its own: outside the map.
pub const DEDICATED: ShardId = ShardId(0);
/// The shard whose size is a knob.
const LARGE: ShardId = ShardId(1);

pub struct Fleet {
    sim: Handle,
    /// By number; those that have left stay, so that they can come back under their name.
    shards: RefCell<BTreeMap<ShardId, Rc<Shard>>>,
    map: RefCell<Box<dyn Strategy>>,
    /// Calls between router and the shards of the map.
    in_flight: Cell<usize>,
    knobs: Rc<Knobs>,
    luck: Purpose,
}

/// Why the fleet can't change so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResizeError {
    #[error("there are {SHARDS_MAX} shards, the most that the lab allows")]
    Full,
    #[error(transparent)]
    Strategy(#[from] CannotResize),
}

choices! {
    pub enum StrategyName {
        Modulo,
        Ring,
        Jump,
        Rendezvous,
        Maglev,
        Range,
        Lookup,
    }
}

choices! {
    /// What a shard that comes back remembers.
    pub enum Rejoin {
        Flushed,
        AsItWas,
    }
}

impl StrategyName {
    /// It is computed from the members alone, and not a table that is changed step by step.
    fn is_computed(self) -> bool {
        !matches!(self, Self::Range | Self::Lookup)
    }

    /// The map of a fleet of this name over these shards; `vnodes` are for a ring, `keys` for ranges.
    pub fn map(
        self,
        fleet: &str,
        shards: &[ShardId],
        vnodes: usize,
        weights: Weights,
        keys: usize,
    ) -> Box<dyn Strategy> {
        match self {
            Self::Modulo => Box::new(Modulo::new(shards)),
            Self::Ring => Box::new(Ring::new(fleet, shards, vnodes, weights)),
            Self::Jump => Box::new(Jump::new(shards)),
            Self::Rendezvous => Box::new(Rendezvous::new(fleet, shards, weights)),
            Self::Maglev => Box::new(Maglev::new(fleet, shards, weights)),
            Self::Range => Box::new(Range::new(shards, keys as u64)),
            Self::Lookup => Box::new(Lookup::new(shards)),
        }
    }
}

/// The strategy that the knobs name, over these shards. Their names depend on the seed, as those of the
/// keys do: another seed is another fleet, with another ring.
fn strategy(sim: &Handle, knobs: &Knobs, shards: &[ShardId]) -> Box<dyn Strategy> {
    let fleet = format!("cache{}", sim.seed());
    let by_size = knobs
        .weights
        .get()
        .then(|| (LARGE, knobs.first_size.get() as u32));
    let weights = Weights::new(by_size);
    let (vnodes, keys) = (knobs.vnodes.get(), knobs.keys.get());
    knobs
        .strategy
        .get()
        .map(&fleet, shards, vnodes, weights, keys)
}

impl Fleet {
    pub fn new(sim: &Handle, knobs: &Rc<Knobs>) -> Rc<Self> {
        let count = knobs.shards.get() as u32;
        let ids: Vec<ShardId> = (1..=count).map(ShardId).collect();
        let fleet = Rc::new(Self {
            sim: sim.clone(),
            shards: RefCell::default(),
            map: RefCell::new(strategy(sim, knobs, &ids)),
            in_flight: Cell::new(0),
            knobs: Rc::clone(knobs),
            luck: sim.purpose("shards"),
        });
        fleet.open(DEDICATED);
        for id in ids {
            fleet.open(id);
        }
        fleet
    }

    /// Builds the node of a shard and installs what it does, for every life of it.
    fn open(self: &Rc<Self>, id: ShardId) {
        let node = self.sim.add_server(&shard_name(id));
        let size = self.size(id);
        let shard = Rc::new(Shard::new(
            node,
            size * self.knobs.shard_slots.get(),
            Memory::new(
                size * self.knobs.shard_memory.get(),
                self.knobs.eviction.get(),
                self.knobs.ttl.get(),
                self.sim.stream(&format!("evictions of {}", shard_name(id))),
            ),
        ));
        self.shards.borrow_mut().insert(id, Rc::clone(&shard));
        let net = self.sim.net();
        let (fleet, serving) = (Rc::clone(self), Rc::clone(&shard));
        net.serve(node, move |get: Get, _| {
            let (fleet, shard) = (Rc::clone(&fleet), Rc::clone(&serving));
            async move {
                let key = [get.request, u64::from(id.0), u64::from(get.name.copy), 0];
                fleet.work(&shard, &key).await;
                let found = shard.memory.borrow_mut().get(get.name, engine::now());
                shard.count_read(found.is_some());
                Got(found)
            }
        });
        let (fleet, serving) = (Rc::clone(self), Rc::clone(&shard));
        net.serve(node, move |delete: Delete, _| {
            let (fleet, shard) = (Rc::clone(&fleet), Rc::clone(&serving));
            async move {
                let copy = u64::from(delete.name.copy);
                let key = [delete.request, u64::from(id.0), copy, 1];
                fleet.work(&shard, &key).await;
                let mut memory = shard.memory.borrow_mut();
                memory.delete(delete.name, delete.version);
                Deleted
            }
        });
        let filled = Rc::clone(&shard);
        net.receive(node, move |fill: Fill, _| {
            let mut memory = filled.memory.borrow_mut();
            memory.fill(fill.name, fill.version, engine::now());
            std::future::ready(())
        });
        net.receive(node, move |forget: Forget, _| {
            let mut memory = shard.memory.borrow_mut();
            memory.delete(forget.name, forget.version);
            std::future::ready(())
        });
    }

    async fn work(&self, shard: &Shard, key: &[u64]) {
        let service = self
            .knobs
            .shard_service
            .borrow()
            .sample(&mut self.luck.draw(key));
        shard.server.serve(service).await;
    }

    /// How many times as large as the others a shard is.
    pub fn size(&self, id: ShardId) -> usize {
        if id == LARGE {
            self.knobs.first_size.get()
        } else {
            1
        }
    }

    /// A shard that is or was in the map, or the dedicated one.
    pub fn shard(&self, id: ShardId) -> Rc<Shard> {
        let shards = self.shards.borrow();
        Rc::clone(shards.get(&id).expect("every id in use has been opened"))
    }

    /// The map of a router that starts now and reads these members from its list; none where a map is not
    /// computed but copied.
    pub fn map_of(&self, members: &[ShardId]) -> Option<Box<dyn Strategy>> {
        let computed = self.knobs.strategy.get().is_computed();
        computed.then(|| strategy(&self.sim, &self.knobs, members))
    }

    /// The shards of the map, in order.
    pub fn members(&self) -> Vec<ShardId> {
        self.map.borrow().shards().to_vec()
    }

    pub fn is_consistent(&self) -> bool {
        self.map.borrow().is_consistent()
    }

    pub fn owner(&self, key: &Key) -> ShardId {
        self.map.borrow().owner(key)
    }

    pub fn owners(&self, key: &Key, copies: u8) -> Vec<ShardId> {
        self.map.borrow().owners(key, usize::from(copies))
    }

    /// Where a request for the key goes: to its owner, or on to the next when loads are bounded.
    pub fn route(&self, key: &Key) -> ShardId {
        let map = self.map.borrow();
        match self.knobs.bounded_load.get() {
            None => map.owner(key),
            Some(eps) => {
                let shards = self.shards.borrow();
                let total = self.in_flight.get();
                bounded(&**map, key, eps, total, |id| shards[&id].in_flight.get())
            }
        }
    }

    /// A call to a shard, in flight until this is dropped.
    pub fn call_to(self: &Rc<Self>, id: ShardId) -> InFlight {
        let call = InFlight {
            shard: self.shard(id),
            fleet: (id != DEDICATED).then(|| Rc::clone(self)),
        };
        call.count(|calls| calls + 1);
        call
    }

    pub fn is_bounded(&self) -> bool {
        self.knobs.bounded_load.get().is_some()
    }

    /// A shard joins: the lowest number that is free. One that was there before comes back flushed or, as
    /// one that was merely cut off, as it was.
    pub fn add(self: &Rc<Self>) -> Result<ShardId, ResizeError> {
        let members = self.members();
        let mut all = (1..=SHARDS_MAX).map(ShardId);
        let id = all.find(|id| !members.contains(id));
        let id = id.ok_or(ResizeError::Full)?;
        self.map.borrow_mut().add(id)?;
        let known = self.shards.borrow().get(&id).cloned();
        match known {
            None => self.open(id),
            Some(shard) => {
                if self.knobs.rejoin.get() == Rejoin::Flushed {
                    shard.memory.borrow_mut().clear();
                }
                if !self.sim.is_up(shard.node) {
                    self.sim.restart(shard.node);
                }
            }
        }
        Ok(id)
    }

    /// A shard leaves the map; what is on its way to it is still answered.
    pub fn remove(&self, id: ShardId) -> Result<(), ResizeError> {
        Ok(self.map.borrow_mut().remove(id)?)
    }

    pub fn apply_slots(&self) {
        let (shards, slots) = (self.shards.borrow(), self.knobs.shard_slots.get());
        self.sim.enter(|| {
            for (id, shard) in &*shards {
                shard.server.set_slots(Some(self.size(*id) * slots));
            }
        });
    }

    pub fn apply_memory(&self) {
        for (id, shard) in &*self.shards.borrow() {
            let mut memory = shard.memory.borrow_mut();
            memory.set_eviction(self.knobs.eviction.get());
            memory.set_ttl(self.knobs.ttl.get());
            memory.set_capacity(self.size(*id) * self.knobs.shard_memory.get());
        }
    }
}

/// A call between router and shard, counted as long as this lives.
pub struct InFlight {
    shard: Rc<Shard>,
    /// None for the shard that is outside the map.
    fleet: Option<Rc<Fleet>>,
}

impl InFlight {
    fn count(&self, changed: impl Fn(usize) -> usize) {
        let of_fleet = self.fleet.iter().map(|fleet| &fleet.in_flight);
        for calls in of_fleet.chain([&self.shard.in_flight]) {
            calls.set(changed(calls.get()));
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.count(|calls| calls - 1);
    }
}

pub fn shard_name(id: ShardId) -> String {
    match id {
        DEDICATED => "hot shard".to_owned(),
        ShardId(number) => format!("shard {number}"),
    }
}
