//! What a cache does: the owner of a key answers from its memory, or fetches the value from the origin and keeps it.

use super::call::{Answer, Ask, Call};
use super::machine::Machine;
use super::meters::CacheMeters;
use crate::kind::cache::{self, Knobs};
use ddlab_labs::engine::{self, Draw, Handle, Purpose, Source as _};
use ddlab_labs::sharded::keys::KeyId;
use ddlab_labs::sharded::memory::{Eviction, Memory};
use ddlab_labs::sharded::pattern::{
    Jump, Key, Maglev, Modulo, Rendezvous, Ring, ShardId, Strategy, Weights,
};
use ddlab_labs::sharded::shard::{Name, Version};
use ddlab_labs::workbench::instruments::Instruments;
use ddlab_labs::workbench::knob::Settings;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

pub struct Cache {
    pub knobs: Rc<Knobs>,
    map: Box<dyn Strategy>,
    keys: Vec<Key>,
    /// Up to which uniform number each key is picked, the most popular first; the last is 1.
    cumulative: Vec<f64>,
    luck: Purpose,
    memories: Vec<RefCell<Memory>>,
    /// How often each key was written; bounded by the keys.
    versions: RefCell<BTreeMap<u32, Version>>,
    meters: CacheMeters,
}

impl Cache {
    pub fn new(sim: &Handle, instruments: &Instruments, name: &str, own: &Rc<Settings>) -> Self {
        let knobs = Knobs::of(own);
        let shards: Vec<ShardId> = (1..=knobs.shards.get() as u32).map(ShardId).collect();
        let memory = |shard: &ShardId| {
            let luck = sim.stream(&format!("{name} memory {}", shard.0));
            RefCell::new(Memory::new(knobs.memory.get(), Eviction::Lru, None, luck))
        };
        let names = sim.purpose(&format!("{name} names"));
        let key = |place: u64| Key::new(place, &names.draw(&[place]).next_u64().to_string());
        let mut sum = 0.0;
        let weights = (1..=knobs.keys.get()).map(|rank| {
            sum += libm::pow(rank as f64, -knobs.skew.get());
            sum
        });
        let mut cumulative: Vec<f64> = weights.collect();
        cumulative.iter_mut().for_each(|upto| *upto /= sum);
        Self {
            map: map(name, &knobs, &shards),
            keys: (0..knobs.keys.get() as u64).map(key).collect(),
            cumulative,
            luck: sim.purpose(&format!("{name} keys")),
            memories: shards.iter().map(memory).collect(),
            versions: RefCell::default(),
            meters: CacheMeters::of(&instruments.meters, name),
            knobs,
        }
    }

    /// The place of the key that a request asks for.
    fn key(&self, ask: &Ask) -> usize {
        let luck = self.luck.draw(&[ask.key]).uniform();
        let found = self.cumulative.partition_point(|upto| *upto < luck);
        found.min(self.keys.len() - 1)
    }

    /// The machines that may answer, by number: the owner of the key first, then who takes over while it is gone.
    pub fn in_line(&self, ask: &Ask) -> impl Iterator<Item = u32> {
        self.map.in_line(&self.keys[self.key(ask)]).map(|shard| shard.0)
    }

    /// A process that died has lost its memory.
    pub fn forget(&self, machine: &Machine) {
        self.memories[machine.number as usize - 1].borrow_mut().clear();
    }

    pub fn memory_turned(&self) {
        let capacity = self.knobs.memory.get();
        let memories = self.memories.iter();
        memories.for_each(|memory| memory.borrow_mut().set_capacity(capacity));
    }

    pub async fn answer(&self, machine: &Machine, call: &Call, draw: &mut Draw) -> Answer {
        let server = &machine.server;
        let limit = self.knobs.shed.get();
        if limit.is_some_and(|limit| server.queue_len() >= limit && server.load() >= 1.0) {
            return Answer::Shed;
        }
        let takes = self.knobs.work.borrow().sample(draw);
        server.serve(takes).await;
        let key = self.key(&call.ask) as u32;
        let name = Name {
            key: KeyId(key),
            epoch: 0,
            copy: 0,
        };
        let memory = &self.memories[machine.number as usize - 1];
        if call.ask.write {
            return self.write(machine, call, name).await;
        }
        let found = memory.borrow_mut().get(name, engine::now());
        self.meters.hit_ratio.whole.increment();
        if let Some(version) = found {
            self.meters.hit_ratio.part.increment();
            self.meters.stale_reads_total.add(u64::from(version < self.version(key)));
            return Answer::Done;
        }
        let version = self.version(key);
        if !self.ask_origin(machine, call).await {
            return Answer::Failed;
        }
        memory.borrow_mut().fill(name, version, engine::now());
        Answer::Done
    }

    /// To the origin first; the copy here is dropped then.
    async fn write(&self, machine: &Machine, call: &Call, name: Name) -> Answer {
        if !self.ask_origin(machine, call).await {
            return Answer::Failed;
        }
        let version = self.version(name.key.0) + 1;
        self.versions.borrow_mut().insert(name.key.0, version);
        self.memories[machine.number as usize - 1].borrow_mut().delete(name, version);
        Answer::Done
    }

    fn version(&self, key: u32) -> Version {
        self.versions.borrow().get(&key).copied().unwrap_or_default()
    }

    async fn ask_origin(&self, machine: &Machine, call: &Call) -> bool {
        let callers = Rc::clone(&machine.callers.borrow());
        let ask = &call.ask;
        for caller in callers.iter() {
            let passed_on = caller.pass_on(call.luck(), ask.user, ask.depth, ask.write);
            if passed_on.await.is_err() {
                return false;
            }
        }
        true
    }
}

fn map(name: &str, knobs: &Knobs, shards: &[ShardId]) -> Box<dyn Strategy> {
    let weights = Weights::default();
    match knobs.strategy.get() {
        cache::Strategy::Ring => Box::new(Ring::new(name, shards, knobs.vnodes.get(), weights)),
        cache::Strategy::Jump => Box::new(Jump::new(shards)),
        cache::Strategy::Rendezvous => Box::new(Rendezvous::new(name, shards, weights)),
        cache::Strategy::Maglev => Box::new(Maglev::new(name, shards, weights)),
        cache::Strategy::Modulo => Box::new(Modulo::new(shards)),
    }
}
