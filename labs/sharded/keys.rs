//! The keys and how often each is asked for.

use super::pattern::Key;
use super::table::Knobs;
use crate::engine::{Handle, Purpose, Ranks, Source};
use std::cell::RefCell;
use std::rc::Rc;

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
    popularity: RefCell<Ranks>,
    knobs: Rc<Knobs>,
    luck: Purpose,
}

impl Keys {
    /// The names depend on the seed, so that which shard holds the most popular key does too. Their
    /// order is that of popularity: the newest lot is the most wanted one, which is what a range
    /// partitioned store has to live with.
    pub fn new(sim: &Handle, knobs: &Rc<Knobs>) -> Self {
        let names = sim.purpose("names");
        let named = |place: u64| {
            let name = format!("lot:{}", names.draw(&[place]).next_u64());
            Key::new(place, &name)
        };
        let keys = Self {
            all: (0..knobs.keys.get() as u64).map(named).collect(),
            popularity: RefCell::default(),
            knobs: Rc::clone(knobs),
            luck: sim.purpose("keys"),
        };
        keys.apply_skew();
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
    pub fn apply_skew(&self) {
        let ranks = Ranks::zipf(self.all.len(), self.knobs.skew.get());
        *self.popularity.borrow_mut() = ranks;
    }

    /// The key that gets its share of all requests, whatever its rank, if there is such a key.
    fn celebrity(&self) -> Option<KeyId> {
        let number = self.knobs.celebrity_key.get()?;
        (number <= self.all.len()).then(|| KeyId(number as u32 - 1))
    }

    /// What a request asks for; the same in every run of the seed, but for the celebrity's.
    pub fn pick(&self, request: u64) -> KeyId {
        let mut draw = self.luck.draw(&[request]);
        let (by_rank, by_fame) = (draw.uniform(), draw.uniform());
        match self.celebrity() {
            Some(key) if by_fame < self.knobs.celebrity_share.get() => key,
            _ => KeyId(self.popularity.borrow().pick(by_rank) as u32),
        }
    }
}
