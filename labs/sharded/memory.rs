//! The memory of a cache shard: bounded, with a choice of what it evicts.

use super::shard::{Name, Version};
use crate::choices;
use crate::engine::{SimTime, Source, Stream};
use std::collections::BTreeMap;
use std::time::Duration;

choices! {
    /// Which entry makes room for a new one.
    pub enum Eviction {
        Lru,
        Sampled,
    }
}

/// Entries that sampled eviction looks at: `maxmemory-samples` of Redis, 5 unless set.
const SAMPLES: usize = 5;

/// A name that somebody fetches after a miss. While it is fetched the memory knows how new the value must be, so
/// that a slow miss can't bring back what a write has made old meanwhile. (Memcache at Facebook gives the miss a
/// lease for this, which a delete takes away: Nishtala and others, *Scaling Memcache at Facebook*, NSDI 2013,
/// section 3.2.1.)
#[derive(Default)]
struct Fetched {
    /// Misses that have not brought a value yet.
    misses: u32,
    at_least: Version,
}

/// Names that are remembered as being fetched. What is fetched for a forgotten one does not come in: a miss more.
const FETCHED_MAX: usize = 10_000;

pub struct Memory {
    capacity: usize,
    eviction: Eviction,
    /// How long an entry lives; none without end.
    ttl: Option<Duration>,
    entries: BTreeMap<Name, Entry>,
    /// All names, in no order: what a sample is drawn from.
    names: Vec<Name>,
    /// By last use; uses are numbered.
    by_use: BTreeMap<u64, Name>,
    uses: u64,
    fetched: BTreeMap<Name, Fetched>,
    luck: Stream,
}

struct Entry {
    version: Version,
    expires: SimTime,
    used: u64,
    /// Its place among the names.
    place: usize,
}

impl Memory {
    pub fn new(capacity: usize, eviction: Eviction, ttl: Option<Duration>, luck: Stream) -> Self {
        Self {
            capacity,
            eviction,
            ttl,
            entries: BTreeMap::new(),
            names: Vec::new(),
            by_use: BTreeMap::new(),
            uses: 0,
            fetched: BTreeMap::new(),
            luck,
        }
    }

    /// The value; none is a miss, and somebody will fetch it.
    pub fn get(&mut self, name: Name, now: SimTime) -> Option<Version> {
        match self.entries.get_mut(&name) {
            Some(entry) if now < entry.expires => {
                self.by_use.remove(&entry.used);
                self.uses += 1;
                entry.used = self.uses;
                self.by_use.insert(self.uses, name);
                return Some(entry.version);
            }
            Some(_) => self.remove(name),
            None => {}
        }
        self.fetched.entry(name).or_default().misses += 1;
        if self.fetched.len() > FETCHED_MAX {
            self.fetched.pop_first();
        }
        None
    }

    /// A miss brings its value, if that is as new as it must be.
    pub fn fill(&mut self, name: Name, version: Version, now: SimTime) {
        let Some(fetched) = self.fetched.get_mut(&name) else {
            return;
        };
        let in_memory = self.entries.get(&name).map_or(0, |entry| entry.version);
        let is_new = version >= fetched.at_least.max(in_memory);
        fetched.misses -= 1;
        if fetched.misses == 0 {
            self.fetched.remove(&name);
        }
        if is_new {
            self.put(name, version, now);
        }
    }

    pub fn put(&mut self, name: Name, version: Version, now: SimTime) {
        self.remove(name);
        self.uses += 1;
        let entry = Entry {
            version,
            expires: self.ttl.map_or(SimTime::MAX, |ttl| now + ttl),
            used: self.uses,
            place: self.names.len(),
        };
        self.names.push(name);
        self.by_use.insert(self.uses, name);
        self.entries.insert(name, entry);
        self.evict();
    }

    /// The value was written and has this version now: what is older goes, and does not come in. A name that is
    /// not there takes no room.
    pub fn delete(&mut self, name: Name, version: Version) {
        if let Some(fetched) = self.fetched.get_mut(&name) {
            fetched.at_least = fetched.at_least.max(version);
        }
        if self
            .entries
            .get(&name)
            .is_some_and(|entry| entry.version < version)
        {
            self.remove(name);
        }
    }

    fn remove(&mut self, name: Name) {
        let Some(entry) = self.entries.remove(&name) else {
            return;
        };
        self.by_use.remove(&entry.used);
        self.names.swap_remove(entry.place);
        if let Some(moved) = self
            .names
            .get(entry.place)
            .and_then(|name| self.entries.get_mut(name))
        {
            moved.place = entry.place;
        }
    }

    fn evict(&mut self) {
        while self.entries.len() > self.capacity {
            let victim = match self.eviction {
                Eviction::Lru => self.by_use.first_key_value().map(|(_, name)| *name),
                Eviction::Sampled => self.least_used_of_a_sample(),
            };
            self.remove(victim.expect("what is above its capacity has entries"));
        }
    }

    fn least_used_of_a_sample(&mut self) -> Option<Name> {
        let count = self.names.len() as u64;
        let sample = std::array::from_fn(|_| self.names[self.luck.below(count) as usize]);
        let sample: [Name; SAMPLES] = sample;
        sample
            .into_iter()
            .min_by_key(|name| self.entries[name].used)
    }

    pub fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
        self.evict();
    }

    pub fn set_eviction(&mut self, eviction: Eviction) {
        self.eviction = eviction;
    }

    /// Of what comes in from now on.
    pub fn set_ttl(&mut self, ttl: Option<Duration>) {
        self.ttl = ttl;
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.names.clear();
        self.by_use.clear();
        self.fetched.clear();
    }

    /// Share of it that is in use.
    pub fn filled(&self) -> f64 {
        self.entries.len() as f64 / self.capacity.max(1) as f64
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.entries
            .len()
            .max(self.by_use.len())
            .max(self.names.len())
    }
}
