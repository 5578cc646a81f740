//! The memory of a cache shard: bounded, with a choice of what it evicts.

use super::shard::{Name, Version};
use crate::choices;
use crate::engine::hash::BuildMixer;
use crate::engine::{SimTime, Source, Stream};
use indexmap::IndexMap;
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
    /// In an order that means nothing: what a sample is drawn from.
    entries: IndexMap<Name, Entry, BuildMixer>,
    /// Of each size.
    by_use: [ByUse; CLASSES],
    uses: u64,
    /// Of each size, with slabs.
    pages: [usize; CLASSES],
    fetched: BTreeMap<Name, Fetched>,
    luck: Stream,
}

struct Entry {
    version: Version,
    expires: SimTime,
    /// Uses are numbered.
    used: u64,
    /// Its neighbours by last use, by their places among the entries.
    older: Option<u32>,
    newer: Option<u32>,
}

/// A list through the entries of one size, by last use.
#[derive(Debug, Clone, Copy, Default)]
struct ByUse {
    oldest: Option<u32>,
    newest: Option<u32>,
    count: usize,
}

impl Memory {
    pub fn new(capacity: usize, eviction: Eviction, ttl: Option<Duration>, luck: Stream) -> Self {
        Self {
            capacity,
            eviction,
            ttl,
            entries: IndexMap::default(),
            by_use: Default::default(),
            uses: 0,
            pages: [0; CLASSES],
            fetched: BTreeMap::new(),
            luck,
        }
    }

    /// The value; none is a miss, and somebody will fetch it.
    pub fn get(&mut self, name: Name, now: SimTime) -> Option<Version> {
        match self.entries.get_full(&name) {
            Some((place, _, entry)) if now < entry.expires => {
                let version = entry.version;
                self.unlink(place);
                self.is_used(place);
                return Some(version);
            }
            Some((place, ..)) => self.remove(place),
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
        let place = self.entries.get_index_of(&name);
        let in_memory = place.map_or(0, |place| self.entries[place].version);
        let is_new = version >= fetched.at_least.max(in_memory);
        fetched.misses -= 1;
        if fetched.misses == 0 {
            self.fetched.remove(&name);
        }
        if is_new {
            self.replace(place, name, version, now);
        }
    }

    pub fn put(&mut self, name: Name, version: Version, now: SimTime) {
        self.replace(self.entries.get_index_of(&name), name, version, now);
    }

    /// Puts a value in, for the one at this place, if there is one.
    fn replace(&mut self, before: Option<usize>, name: Name, version: Version, now: SimTime) {
        if let Some(place) = before {
            self.remove(place);
        }
        let entry = Entry {
            version,
            expires: self.ttl.map_or(SimTime::MAX, |ttl| now + ttl),
            used: 0,
            older: None,
            newer: None,
        };
        let (place, _) = self.entries.insert_full(name, entry);
        self.is_used(place);
        self.evict();
    }

    /// The value was written and has this version now: what is older goes, and does not come in. A name that is
    /// not there takes no room.
    pub fn delete(&mut self, name: Name, version: Version) {
        if let Some(fetched) = self.fetched.get_mut(&name) {
            fetched.at_least = fetched.at_least.max(version);
        }
        if let Some((place, _, entry)) = self.entries.get_full(&name)
            && entry.version < version
        {
            self.remove(place);
        }
    }

    /// Puts an entry at the newest end of its list.
    fn is_used(&mut self, place: usize) {
        self.uses += 1;
        let list = &mut self.by_use[class(self.entries.keys()[place])];
        let older = list.newest.replace(place as u32);
        list.oldest = list.oldest.or(list.newest);
        list.count += 1;
        let entry = &mut self.entries[place];
        (entry.used, entry.older, entry.newer) = (self.uses, older, None);
        if let Some(older) = older {
            self.entries[older as usize].newer = Some(place as u32);
        }
    }

    /// Takes an entry out of its list.
    fn unlink(&mut self, place: usize) {
        let Entry { older, newer, .. } = self.entries[place];
        self.by_use[class(self.entries.keys()[place])].count -= 1;
        self.join(place, older, newer);
    }

    /// Makes neighbours of these two, at the end of the list where there is but one.
    fn join(&mut self, of: usize, older: Option<u32>, newer: Option<u32>) {
        let list = &mut self.by_use[class(self.entries.keys()[of])];
        match older {
            Some(older) => self.entries[older as usize].newer = newer,
            None => list.oldest = newer,
        }
        match newer {
            Some(newer) => self.entries[newer as usize].older = older,
            None => list.newest = older,
        }
    }

    fn remove(&mut self, place: usize) {
        self.unlink(place);
        self.entries.swap_remove_index(place);
        // The last entry has come into its place: its neighbours must know.
        if let Some((_, moved)) = self.entries.get_index(place) {
            let (older, newer, here) = (moved.older, moved.newer, Some(place as u32));
            self.join(place, older, here);
            self.join(place, here, newer);
        }
    }

    fn evict(&mut self) {
        while let Some(victim) = self.victim() {
            self.remove(victim);
        }
    }

    /// The place of what must go, as long as there is more than there is room for.
    fn victim(&mut self) -> Option<usize> {
        if self.eviction == Eviction::Slab {
            let full = (0..CLASSES).find(|class| !self.fits(*class))?;
            self.by_use[full].oldest.map(|place| place as usize)
        } else if self.entries.len() <= self.capacity {
            None
        } else if self.eviction == Eviction::Sampled {
            let count = self.entries.len() as u64;
            let sample: [usize; SAMPLES] = std::array::from_fn(|_| self.luck.below(count) as usize);
            let used = |place: &usize| self.entries[*place].used;
            sample.into_iter().min_by_key(used)
        } else {
            let oldest = self.by_use.iter().filter_map(|list| list.oldest);
            let places = oldest.map(|place| place as usize);
            places.min_by_key(|place| self.entries[*place].used)
        }
    }

    /// The values of this size fit into its pages, or into a free one that it takes.
    fn fits(&mut self, class: usize) -> bool {
        let needed = self.by_use[class]
            .count
            .div_ceil((self.capacity / PAGES).max(1));
        let others: usize = self.pages.iter().sum::<usize>() - self.pages[class];
        self.pages[class] = self.pages[class].max(needed.min(PAGES.saturating_sub(others)));
        needed <= self.pages[class]
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
        self.by_use = Default::default();
        self.fetched.clear();
    }

    /// Share of it that is in use.
    pub fn filled(&self) -> f64 {
        self.entries.len() as f64 / self.capacity.max(1) as f64
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let listed = self.by_use.iter().map(|list| list.count).sum();
        self.entries.len().max(listed)
    }
}

/// The size of a key's values: any mix will do, as long as it is the same everywhere.
pub fn class(name: Name) -> usize {
    (name.key.0.wrapping_mul(0x9e37_79b1) >> 30) as usize % CLASSES
}
