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
        Slab,
    }
}

/// Sizes of values that a memory with slabs tells apart. Which one a key's values have is the key's own.
const CLASSES: usize = 4;
/// Pages that a memory with slabs has. The first value of a size takes one, and further ones as it fills them,
/// until all are taken: from then on it evicts among its own size. A page is never given back, as in Memcached with
/// `slab_automove=0`; its default, 1, moves pages slowly in the background.
const PAGES: usize = 16;

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
    /// Of each size, by last use; uses are numbered.
    by_use: [BTreeMap<u64, Name>; CLASSES],
    uses: u64,
    /// Of each size, with slabs.
    pages: [usize; CLASSES],
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
            by_use: Default::default(),
            uses: 0,
            pages: [0; CLASSES],
            fetched: BTreeMap::new(),
            luck,
        }
    }

    /// The value; none is a miss, and somebody will fetch it.
    pub fn get(&mut self, name: Name, now: SimTime) -> Option<Version> {
        match self.entries.get_mut(&name) {
            Some(entry) if now < entry.expires => {
                let by_use = &mut self.by_use[class(name)];
                by_use.remove(&entry.used);
                self.uses += 1;
                entry.used = self.uses;
                by_use.insert(self.uses, name);
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
        self.by_use[class(name)].insert(self.uses, name);
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
        self.by_use[class(name)].remove(&entry.used);
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
        while let Some(victim) = self.victim() {
            self.remove(victim);
        }
    }

    /// What must go, as long as there is more than there is room for.
    fn victim(&mut self) -> Option<Name> {
        let oldest =
            |of: &BTreeMap<u64, Name>| of.first_key_value().map(|(used, name)| (*used, *name));
        if self.eviction == Eviction::Slab {
            let full = (0..CLASSES).find(|class| !self.fits(*class))?;
            return oldest(&self.by_use[full]).map(|(_, name)| name);
        }
        if self.entries.len() <= self.capacity {
            return None;
        }
        match self.eviction {
            Eviction::Sampled => self.least_used_of_a_sample(),
            _ => self
                .by_use
                .iter()
                .filter_map(oldest)
                .min()
                .map(|(_, name)| name),
        }
    }

    /// The values of this size fit into its pages, or into a free one that it takes.
    fn fits(&mut self, class: usize) -> bool {
        let needed = self.by_use[class]
            .len()
            .div_ceil((self.capacity / PAGES).max(1));
        let others: usize = self.pages.iter().sum::<usize>() - self.pages[class];
        self.pages[class] = self.pages[class].max(needed.min(PAGES.saturating_sub(others)));
        needed <= self.pages[class]
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
        if self.eviction != eviction {
            self.pages = [0; CLASSES];
        }
        self.eviction = eviction;
    }

    /// Of what comes in from now on.
    pub fn set_ttl(&mut self, ttl: Option<Duration>) {
        self.ttl = ttl;
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.names.clear();
        self.by_use = Default::default();
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
            .max(self.by_use.iter().map(BTreeMap::len).sum())
            .max(self.names.len())
    }
}

/// The size of a key's values: any mix will do, as long as it is the same everywhere.
pub fn class(name: Name) -> usize {
    (name.key.0.wrapping_mul(0x9e37_79b1) >> 30) as usize % CLASSES
}
