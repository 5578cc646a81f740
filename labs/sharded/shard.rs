//! One cache shard: its memory, its queue, what it is asked.

use super::keys::KeyId;
use super::memory::Memory;
use crate::engine::{NodeId, Server, SimTime};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// The name of a cached copy. A key that becomes hot, or cools down, is cached under names of a new
/// epoch: nobody can meet a copy from the time before, of which no write has told since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    pub server: Server,
    pub memory: RefCell<Memory>,
    /// Calls between router and shard, both ways: what bounded loads go by.
    pub in_flight: Cell<usize>,
    counted: Cell<Counted>,
    recent: RefCell<VecDeque<Counted>>,
}

impl Shard {
    pub fn new(node: NodeId, slots: usize, memory: Memory) -> Self {
        Self {
            node,
            server: Server::new(Some(slots)),
            memory: RefCell::new(memory),
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

/// A value kept for a while, in front of the shards.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub version: Version,
    pub until: SimTime,
}
