//! One cache shard: its memory, its queue, what it is asked.

use super::keys::KeyId;
use crate::engine::{NodeId, Server, SimTime};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};

/// The name of a cached copy. A key that becomes hot, or cools down, is cached under names of a new
/// epoch: nobody can meet a copy from the time before, of which no write has told since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub key: KeyId,
    pub epoch: u32,
    pub copy: u8,
}

/// How many writes a value has seen: what a stale read is told by.
pub type Version = u32;

/// What travels to a shard.
pub struct Get {
    pub name: Name,
    pub request: u64,
}

/// None is a miss.
pub struct Got(pub Option<Version>);

/// The value was written: forget what is older.
pub struct Delete {
    pub name: Name,
    pub version: Version,
    pub request: u64,
}

pub struct Deleted;

/// What a miss has brought from the origin. Takes no service: a cache stores beside its work.
#[derive(Clone, Copy)]
pub struct Fill {
    pub name: Name,
    pub version: Version,
}

/// Late news for a replica of a hot key.
#[derive(Clone, Copy)]
pub struct Forget {
    pub name: Name,
    pub version: Version,
}

/// Ticks over which the load of a shard is counted.
const TICKS: usize = 10;

/// What a shard was asked within a tick.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    calls: u64,
    reads: u64,
    hits: u64,
}

pub struct Shard {
    pub node: NodeId,
    pub desk: Server,
    pub memory: RefCell<Memory>,
    /// Calls between router and shard, both ways: what bounded loads go by.
    pub in_flight: Cell<usize>,
    counted: Cell<Counted>,
    recent: RefCell<VecDeque<Counted>>,
}

impl Shard {
    pub fn new(node: NodeId, slots: usize, memory: usize) -> Self {
        Self {
            node,
            desk: Server::new(Some(slots)),
            memory: RefCell::new(Memory::new(memory)),
            in_flight: Cell::new(0),
            counted: Cell::default(),
            recent: RefCell::default(),
        }
    }

    /// A call goes out to it.
    pub fn count(&self) {
        let mut counted = self.counted.get();
        counted.calls += 1;
        self.counted.set(counted);
    }

    /// A read is answered.
    pub fn count_read(&self, hit: bool) {
        let mut counted = self.counted.get();
        counted.reads += 1;
        counted.hits += u64::from(hit);
        self.counted.set(counted);
    }

    /// A tick ends.
    pub fn tick(&self) {
        let mut recent = self.recent.borrow_mut();
        if recent.len() == TICKS {
            recent.pop_front();
        }
        recent.push_back(self.counted.take());
    }

    /// Calls of the last ticks.
    pub fn load(&self) -> u64 {
        self.recent.borrow().iter().map(|tick| tick.calls).sum()
    }

    /// Share of the reads of the last ticks that found something.
    pub fn hit_ratio(&self) -> Option<f64> {
        let recent = self.recent.borrow();
        let reads: u64 = recent.iter().map(|tick| tick.reads).sum();
        let hits: u64 = recent.iter().map(|tick| tick.hits).sum();
        (reads > 0).then(|| hits as f64 / reads as f64)
    }

    /// A resize makes what was counted before it meaningless.
    pub fn count_afresh(&self) {
        self.recent.borrow_mut().clear();
        self.counted.take();
    }
}

/// A bounded memory that evicts what was used least recently.
pub struct Memory {
    capacity: usize,
    entries: BTreeMap<Name, Entry>,
    /// By last use; uses are numbered.
    by_use: BTreeMap<u64, Name>,
    uses: u64,
}

struct Entry {
    version: Version,
    /// Deleted: no value, but the memory of how new it must be. It keeps a slow miss from bringing
    /// back what a write has just deleted (a lease does the same in memcache).
    deleted: bool,
    used: u64,
}

impl Memory {
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: BTreeMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
        }
    }

    pub fn get(&mut self, name: Name) -> Option<Version> {
        let entry = self.entries.get_mut(&name).filter(|entry| !entry.deleted)?;
        self.by_use.remove(&entry.used);
        self.uses += 1;
        entry.used = self.uses;
        self.by_use.insert(self.uses, name);
        Some(entry.version)
    }

    pub fn fill(&mut self, name: Name, version: Version) {
        self.put(name, version, false);
    }

    pub fn delete(&mut self, name: Name, version: Version) {
        self.put(name, version, true);
    }

    fn put(&mut self, name: Name, version: Version, deleted: bool) {
        if let Some(known) = self.entries.get(&name) {
            let newer = version > known.version || (version == known.version && known.deleted);
            if !newer {
                return;
            }
            self.by_use.remove(&known.used);
        }
        self.uses += 1;
        let used = self.uses;
        let entry = Entry {
            version,
            deleted,
            used,
        };
        self.entries.insert(name, entry);
        self.by_use.insert(used, name);
        self.evict();
    }

    fn evict(&mut self) {
        while self.entries.len() > self.capacity {
            let Some((_, oldest)) = self.by_use.pop_first() else {
                return;
            };
            self.entries.remove(&oldest);
        }
    }

    pub fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
        self.evict();
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.by_use.clear();
    }

    /// Share of it that is in use.
    pub fn filled(&self) -> f64 {
        self.entries.len() as f64 / self.capacity.max(1) as f64
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.entries.len().max(self.by_use.len())
    }
}

/// A value kept for a while, in front of the shards.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub version: Version,
    pub until: SimTime,
}
