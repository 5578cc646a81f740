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
const ENOUGH: f64 = 200.0;

/// The proxy's knowledge of hot keys.
pub struct HotKeys {
    mitigation: Cell<Mitigation>,
    knobs: Rc<Knobs>,
    /// The keys that were asked for in each of the last ticks, the present one last.
    asked: RefCell<VecDeque<Vec<KeyId>>>,
    /// By key, how often in all of these.
    counts: RefCell<Vec<u32>>,
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
            asked: RefCell::new(VecDeque::from([Vec::new()])),
            counts: RefCell::new(vec![0; knobs.keys.get()]),
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
        self.counts.borrow_mut()[key.0 as usize] += 1;
        if let Some(tick) = self.asked.borrow_mut().back_mut() {
            tick.push(key);
        }
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
        let (mut asked, mut counts) = (self.asked.borrow_mut(), self.counts.borrow_mut());
        let total: usize = asked.iter().map(Vec::len).sum();
        let found = self.look(&counts, total as f64);
        if asked.len() == TICKS {
            for key in asked.pop_front().into_iter().flatten() {
                counts[key.0 as usize] -= 1;
            }
        }
        asked.push_back(Vec::new());
        found
    }

    /// By the counts of the last ticks, who became hot and who cooled down.
    fn look(&self, counts: &[u32], total: f64) -> (Vec<KeyId>, Vec<KeyId>) {
        if total < ENOUGH {
            return (Vec::new(), Vec::new());
        }
        let share = |key: &KeyId| f64::from(counts[key.0 as usize]) / total;
        let (mut hot, least) = (self.hot.borrow_mut(), self.knobs.hot_share.get());
        let cooled = |key: &KeyId| share(key) < least / 2.0;
        let cold: Vec<KeyId> = hot.iter().copied().filter(cooled).collect();
        let wanted = |key: &KeyId| share(key) >= least && !hot.contains(key);
        let keys = (0..counts.len() as u32).map(KeyId);
        let new: Vec<KeyId> = keys.filter(wanted).collect();
        hot.retain(|key| !cold.contains(key));
        hot.extend(&new);
        *self.shares.borrow_mut() = hot.iter().map(|key| (*key, share(key))).collect();
        if self.mitigation.get() != Mitigation::None {
            new.iter().chain(&cold).for_each(|key| self.renew(*key));
        }
        (new, cold)
    }
}
