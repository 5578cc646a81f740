//! The keys and how often each is asked for.

use super::pattern::Key;
use crate::engine::{Handle, Purpose, Source};
use std::cell::{Cell, RefCell};

/// A key by its rank: 0 is the most popular one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

impl KeyId {
    /// As people and actions number it, from 1.
    pub fn number(self) -> u32 {
        self.0 + 1
    }
}

/// All keys, and the luck that picks one for each request.
pub struct Keys {
    all: Vec<Key>,
    /// Up to which uniform number each rank is picked; the last is 1.
    cumulative: RefCell<Vec<f64>>,
    celebrity: Cell<Option<KeyId>>,
    celebrity_share: Cell<f64>,
    luck: Purpose,
}

impl Keys {
    /// The names depend on the seed, so that which shard holds the most popular key does too. Their
    /// order is that of popularity: the newest lot is the most wanted one, which is what a range
    /// partitioned store has to live with.
    pub fn new(sim: &Handle, count: usize, skew: f64) -> Self {
        let names = sim.purpose("names");
        let named = |place: u64| {
            let name = format!("lot:{}", names.draw(&[place]).next_u64());
            Key::new(place, &name)
        };
        let keys = Self {
            all: (0..count as u64).map(named).collect(),
            cumulative: RefCell::default(),
            celebrity: Cell::new(None),
            celebrity_share: Cell::new(0.0),
            luck: sim.purpose("keys"),
        };
        keys.set_skew(skew);
        keys
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn get(&self, key: KeyId) -> &Key {
        &self.all[key.0 as usize]
    }

    /// The key at this place in the order of all keys, which is that of popularity.
    pub fn nth(&self, place: usize) -> &Key {
        &self.all[place]
    }

    /// The most popular first.
    pub fn iter(&self) -> impl Iterator<Item = (KeyId, &Key)> {
        let ids = (0..).map(KeyId);
        ids.zip(&self.all)
    }

    /// Zipf's law: the key of rank k is asked for with weight k^-skew.
    pub fn set_skew(&self, skew: f64) {
        let mut sum = 0.0;
        let weights = (1..=self.all.len()).map(|rank| {
            sum += libm::pow(rank as f64, -skew);
            sum
        });
        let mut cumulative: Vec<f64> = weights.collect();
        for upto in &mut cumulative {
            *upto /= sum;
        }
        *self.cumulative.borrow_mut() = cumulative;
    }

    /// From now on one key gets its share of all requests, whatever its rank.
    pub fn set_celebrity(&self, key: Option<KeyId>) {
        self.celebrity.set(key);
    }

    pub fn set_celebrity_share(&self, share: f64) {
        self.celebrity_share.set(share);
    }

    /// What a request asks for; the same in every run of the seed, but for the celebrity's.
    pub fn pick(&self, request: u64) -> KeyId {
        let mut draw = self.luck.draw(&[request]);
        let (by_rank, by_fame) = (draw.uniform(), draw.uniform());
        match self.celebrity.get() {
            Some(key) if by_fame < self.celebrity_share.get() => key,
            _ => {
                let cumulative = self.cumulative.borrow();
                let rank = cumulative.partition_point(|upto| *upto < by_rank);
                KeyId(rank.min(self.all.len() - 1) as u32)
            }
        }
    }
}
