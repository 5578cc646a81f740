//! What the machines of a cache remember, and how a request is answered from it.

use crate::format::require::{Figure, own};
use crate::format::{self, number};
use crate::system::call::{Answer, Ask};
use crate::system::machine::Machine;
use crate::system::meters::part_metrics;
use crate::system::work::{Here, Start};
use crate::theory::Flow;
use ddlab_labs::engine::{self, Handle, Purpose, Ranks, Source as _};
use ddlab_labs::sharded::{Eviction, KeyId, Memory, Name, Version, hit_ratio};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_text::Unit;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

part_metrics! {
    pub struct CacheMeters {
        /// reads that found their key in memory, of all reads
        hit_ratio: Ratio in Share, chart 0;
        /// reads of a value that had been written anew before
        stale_reads_total: Counter in Count;
    }
}

pub const FIGURES: [Figure; 2] = [
    own(
        "hits",
        "hit_ratio",
        Statistic::Value,
        Unit::Share,
        "share of the reads that found their key in memory",
    ),
    own(
        "stale",
        "stale_reads_total",
        Statistic::Value,
        Unit::Count,
        "reads of a value that was written anew before",
    ),
];

/// Each key's share of the requests, the most popular first: Zipf's law.
fn popularity(keys: usize, skew: f64) -> Vec<f64> {
    let weights = (1..=keys).map(|rank| libm::pow(rank as f64, -skew));
    let mut shares: Vec<f64> = weights.collect();
    let all: f64 = shares.iter().sum();
    for share in &mut shares {
        *share /= all;
    }
    shares
}

/// Requests a second that a memory with this room for keys passes on once it is warm: the reads that miss, by Che's
/// approximation, and all writes.
pub fn passed_on(component: &format::Component, room: usize, flow: Flow) -> f64 {
    let part = |name| number(&component.settings, name).unwrap_or_default();
    let shares = popularity(part("keys") as usize, part("skew"));
    let reads = (flow.rps - flow.writes).max(0.0);
    let share = reads / flow.rps.max(f64::MIN_POSITIVE);
    flow.writes + reads * (1.0 - hit_ratio(&shares, room, share))
}

/// Share of the requests that are for the most popular key while that is hot.
const HOT_SHARE: f64 = 0.6;

/// How much each machine remembers.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    pub keys: usize,
    pub eviction: Eviction,
    pub ttl: Option<Duration>,
    /// Machines that a key is read from.
    pub copies: usize,
}

pub struct Store {
    name: String,
    room: Cell<Room>,
    /// One key is asked for far more than all others.
    pub hot: Cell<bool>,
    /// Of each machine, by number.
    memories: RefCell<Vec<Memory>>,
    /// The most popular key first.
    popularity: Ranks,
    luck: Purpose,
    /// How often each key was written; bounded by the keys.
    versions: RefCell<BTreeMap<u32, Version>>,
    meters: CacheMeters,
}

impl Store {
    /// Of so many keys, as popular as Zipf's law says.
    pub fn new(start: &Start<'_>, keys: usize, skew: f64, room: Room) -> Self {
        let (sim, name) = (&start.base.sim, start.component.name.clone());
        let mut sum = 0.0;
        let upto = popularity(keys, skew).into_iter().map(|share| {
            sum += share;
            sum
        });
        let store = Self {
            room: Cell::new(room),
            hot: Cell::new(false),
            memories: RefCell::default(),
            popularity: Ranks::new(upto.collect()),
            luck: sim.purpose(&format!("{name} keys")),
            versions: RefCell::default(),
            meters: CacheMeters::of(&start.base.instruments.meters, &name),
            name,
        };
        store.grow(sim, start.component.replicas());
        store
    }

    /// Memories for so many machines, if there are fewer.
    pub fn grow(&self, sim: &Handle, machines: usize) {
        let mut memories = self.memories.borrow_mut();
        let room = self.room.get();
        for number in memories.len() + 1..=machines {
            let luck = sim.stream(&format!("{} memory {number}", self.name));
            memories.push(Memory::new(room.keys, room.eviction, room.ttl, luck));
        }
    }

    pub fn set_room(&self, room: Room) {
        self.room.set(room);
        for memory in self.memories.borrow_mut().iter_mut() {
            memory.set_capacity(room.keys);
            memory.set_eviction(room.eviction);
            memory.set_ttl(room.ttl);
        }
    }

    /// A machine has lost what it remembered.
    pub fn forget(&self, machine: &Machine) {
        self.with(machine, Memory::clear);
    }

    /// The place of the key that a request asks for.
    pub fn key(&self, ask: &Ask) -> usize {
        let place = ask.place.get().unwrap_or_else(|| self.draw_key(ask));
        ask.place.set(Some(place));
        place
    }

    fn draw_key(&self, ask: &Ask) -> usize {
        let mut draw = self.luck.draw(&[ask.key]);
        let luck = draw.uniform();
        if self.hot.get() && draw.chance(HOT_SHARE) {
            return 0;
        }
        self.popularity.pick(luck)
    }

    fn with<T>(&self, machine: &Machine, act: impl FnOnce(&mut Memory) -> T) -> T {
        act(&mut self.memories.borrow_mut()[machine.number as usize - 1])
    }

    fn version(&self, key: u32) -> Version {
        let versions = self.versions.borrow();
        versions.get(&key).copied().unwrap_or_default()
    }

    /// From the memory of this machine, or from the origin.
    pub async fn answer(&self, here: Here<'_>) -> Answer {
        let key = self.key(&here.call.ask) as u32;
        let name = Name {
            key: KeyId(key),
            epoch: 0,
            copy: 0,
        };
        if here.call.ask.write {
            // To the origin first; then the copy here goes.
            if !here.passes_on().await {
                return Answer::Failed;
            }
            let version = self.version(key) + 1;
            self.versions.borrow_mut().insert(key, version);
            if self.room.get().copies > 1 {
                let mut memories = self.memories.borrow_mut();
                memories
                    .iter_mut()
                    .for_each(|memory| memory.delete(name, version));
            } else {
                self.with(here.machine, |memory| memory.delete(name, version));
            }
            return Answer::Done;
        }
        let found = self.with(here.machine, |memory| memory.get(name, engine::now()));
        self.meters.hit_ratio.whole.increment();
        if let Some(version) = found {
            self.meters.hit_ratio.part.increment();
            let is_stale = version < self.version(key);
            self.meters.stale_reads_total.add(u64::from(is_stale));
            return Answer::Done;
        }
        let version = self.version(key);
        if !here.passes_on().await {
            return Answer::Failed;
        }
        self.with(here.machine, |memory| {
            memory.fill(name, version, engine::now());
        });
        Answer::Done
    }
}
