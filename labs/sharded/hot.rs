//! Which keys are hot, as the proxy sees it, and what it does about them.
//!
//! No router knows beforehand which key will be wanted: it counts. A key becomes hot when it had more
//! than a share of the recent requests, and cools down below half of that, so that it does not
//! change its mind all the time.

use super::keys::KeyId;
use super::shard::Name;
use super::table::Knobs;
use crate::choices;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// What is done about hot keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mitigation {
    None,
    /// So many copies; a read takes any, a write waits for the first and the others lag.
    ReplicaReads {
        copies: u8,
    },
    /// So many copies; a read takes any, a write waits until all have forgotten.
    SplitForReads {
        copies: u8,
    },
    /// So many rows; a write takes any, a read adds all up.
    SplitForWrites {
        rows: u8,
    },
    /// A shard of its own.
    Dedicated,
    /// A small cache in the proxy itself.
    FrontCache,
}

choices! {
    pub enum MitigationName {
        None,
        ReplicaReads,
        SplitKeys,
        Dedicated,
        FrontCache,
    }
}

choices! {
    pub enum SplitFor {
        Reads,
        Writes,
    }
}

impl Mitigation {
    /// What the knobs say to do about hot keys.
    fn of(knobs: &Knobs) -> Self {
        let copies = knobs.hot_copies.get() as u8;
        match (knobs.mitigation.get(), knobs.split_for.get()) {
            (MitigationName::None, _) => Self::None,
            (MitigationName::ReplicaReads, _) => Self::ReplicaReads { copies },
            (MitigationName::SplitKeys, SplitFor::Writes) => Self::SplitForWrites { rows: copies },
            (MitigationName::SplitKeys, SplitFor::Reads) => Self::SplitForReads { copies },
            (MitigationName::Dedicated, _) => Self::Dedicated,
            (MitigationName::FrontCache, _) => Self::FrontCache,
        }
    }
}

/// How a key is cached just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    pub key: KeyId,
    /// Counts the changes of scheme of this key.
    pub epoch: u32,
    pub mitigation: Mitigation,
}

impl Scheme {
    pub fn name(self, copy: u8) -> Name {
        Name {
            key: self.key,
            epoch: self.epoch,
            copy,
        }
    }

    /// How many names the key is cached under.
    pub fn copies(self) -> u8 {
        match self.mitigation {
            Mitigation::ReplicaReads { copies } | Mitigation::SplitForReads { copies } => copies,
            Mitigation::SplitForWrites { rows } => rows,
            Mitigation::None | Mitigation::Dedicated | Mitigation::FrontCache => 1,
        }
    }
}

/// Ticks over which requests are counted.
const TICKS: usize = 10;
/// Fewer requests than this say nothing about a share.
const ENOUGH: u64 = 200;

/// The proxy's knowledge of hot keys.
pub struct HotKeys {
    mitigation: Cell<Mitigation>,
    knobs: Rc<Knobs>,
    now: RefCell<BTreeMap<KeyId, u64>>,
    past: RefCell<VecDeque<BTreeMap<KeyId, u64>>>,
    hot: RefCell<Vec<KeyId>>,
    /// Of the hot keys, as the last tick found them.
    shares: RefCell<BTreeMap<KeyId, f64>>,
    /// Of keys that were hot at some time.
    epochs: RefCell<BTreeMap<KeyId, u32>>,
}

impl HotKeys {
    pub fn new(knobs: &Rc<Knobs>) -> Self {
        Self {
            mitigation: Cell::new(Mitigation::of(knobs)),
            knobs: Rc::clone(knobs),
            now: RefCell::default(),
            past: RefCell::default(),
            hot: RefCell::default(),
            shares: RefCell::default(),
            epochs: RefCell::default(),
        }
    }

    /// Another cure: every hot key changes its scheme.
    pub fn apply_mitigation(&self) {
        let mitigation = Mitigation::of(&self.knobs);
        if self.mitigation.replace(mitigation) != mitigation {
            self.hot.borrow().iter().for_each(|key| self.renew(*key));
        }
    }

    pub fn mitigation(&self) -> Mitigation {
        self.mitigation.get()
    }

    fn renew(&self, key: KeyId) {
        *self.epochs.borrow_mut().entry(key).or_default() += 1;
    }

    /// The hot keys with their shares of the recent requests, the hottest first.
    pub fn hottest(&self) -> Vec<(KeyId, f64)> {
        let shares = self.shares.borrow();
        let mut hottest: Vec<_> = shares.iter().map(|(key, share)| (*key, *share)).collect();
        hottest.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        hottest
    }

    pub fn count(&self, key: KeyId) {
        *self.now.borrow_mut().entry(key).or_default() += 1;
    }

    pub fn len(&self) -> usize {
        self.hot.borrow().len()
    }

    /// How the key is cached from now on.
    pub fn scheme(&self, key: KeyId) -> Scheme {
        let mitigation = if self.hot.borrow().contains(&key) {
            self.mitigation.get()
        } else {
            Mitigation::None
        };
        let epoch = self.epochs.borrow().get(&key).copied().unwrap_or(0);
        Scheme {
            key,
            epoch,
            mitigation,
        }
    }

    /// A tick ends; returns who became hot and who cooled down.
    pub fn tick(&self) -> (Vec<KeyId>, Vec<KeyId>) {
        let mut past = self.past.borrow_mut();
        if past.len() == TICKS {
            past.pop_front();
        }
        past.push_back(self.now.take());
        let mut counts: BTreeMap<KeyId, u64> = BTreeMap::new();
        for (key, count) in past.iter().flatten() {
            *counts.entry(*key).or_default() += count;
        }
        let total: u64 = counts.values().sum();
        if total < ENOUGH {
            return (Vec::new(), Vec::new());
        }
        let share = |key: &KeyId| counts.get(key).copied().unwrap_or(0) as f64 / total as f64;
        let (mut hot, least) = (self.hot.borrow_mut(), self.knobs.hot_share.get());
        let cooled = |key: &KeyId| share(key) < least / 2.0;
        let cold: Vec<KeyId> = hot.iter().copied().filter(cooled).collect();
        let wanted = |key: &KeyId| share(key) >= least && !hot.contains(key);
        let new: Vec<KeyId> = counts.keys().copied().filter(wanted).collect();
        hot.retain(|key| !cold.contains(key));
        hot.extend(&new);
        *self.shares.borrow_mut() = hot.iter().map(|key| (*key, share(key))).collect();
        if self.mitigation.get() != Mitigation::None {
            new.iter().chain(&cold).for_each(|key| self.renew(*key));
        }
        (new, cold)
    }
}
