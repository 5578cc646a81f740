//! Sharding: every key has one owner, and a request goes to the owner of its key.
//!
//! A [`Strategy`] is the map that a router holds: it says who owns a key, and what changes when a
//! shard comes or leaves. They differ in what a resize moves, in balance, and in what they cost:
//!
//! | strategy | who owns a key | 10 → 11 moves | mind |
//! |---|---|---|---|
//! | [`Modulo`] | the remainder of its hash | 91 % | never change the number |
//! | [`Ring`] | the first point after its hash | 9 % | points: balance is 1/√points |
//! | [`Jump`] | where its jumps end | 9 % | only the last shard may leave |
//! | [`Rendezvous`] | the highest bidder | 9 % | a hash a shard for each lookup |
//! | [`Maglev`] | a table that shards fill in turns | 9 % and a bit | extra moves |
//! | [`Range`] | a table of intervals of the key itself | half of one range | hot ends |
//! | [`Lookup`] | a table of slots, as in Redis Cluster | 9 % | a table to agree on |
//!
//! [`bounded`] puts a cap on any of them. No strategy cuts one hot key in two: that takes copies of
//! the key, for which [`Strategy::owners`] names the places.
//!
//! **Equal members make an equal map.** A router that starts an hour later, and reads its list in another
//! order, must send every key to the same shard: so members are kept in the order of their numbers, never
//! in that of their joining. Only the two tables remember how they came about; routers copy those.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// A shard, by a number that it keeps for life. From 1, as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub u32);

/// How many times as many keys as any other a shard should own, for machines that differ. A shard without a
/// weight has 1.
#[derive(Debug, Clone, Default)]
pub struct Weights(BTreeMap<ShardId, u32>);

impl Weights {
    pub fn new(weights: impl IntoIterator<Item = (ShardId, u32)>) -> Self {
        Self(weights.into_iter().collect())
    }

    pub fn of(&self, shard: ShardId) -> usize {
        self.0.get(&shard).map_or(1, |weight| *weight as usize)
    }

    /// Each shard as many times as it weighs.
    fn repeat(&self, shards: &[ShardId]) -> Vec<ShardId> {
        let times = |shard: &ShardId| std::iter::repeat_n(*shard, self.of(*shard));
        shards.iter().flat_map(times).collect()
    }

    /// What the shards weigh together.
    fn total(&self, shards: &[ShardId]) -> usize {
        let named = self
            .0
            .iter()
            .filter(|(shard, _)| shards.binary_search(shard).is_ok());
        named.fold(shards.len(), |total, (_, weight)| {
            total + *weight as usize - 1
        })
    }
}

/// What a router knows of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its place in the order of all keys; ranges go by it.
    pub place: u64,
    pub hash: u64,
    /// Of [`SLOTS`], as in Redis Cluster.
    pub slot: u16,
}

impl Key {
    pub fn new(place: u64, name: &str) -> Self {
        Self {
            place,
            hash: hash64(name),
            slot: slot(name.as_bytes()),
        }
    }
}

/// Why the map can't change so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotResize {
    #[error("the last shard can't leave: the keys need an owner")]
    Only,
    #[error("jump hash numbers its buckets, so only the last one, shard {}, can leave", .last.0)]
    NotTheLast { last: ShardId },
    #[error("jump hash numbers its buckets, so a newcomer's number must be above {}", .last.0)]
    NotTheNext { last: ShardId },
}

/// A map from keys to shards, of at least one shard.
pub trait Strategy {
    /// The one owner of the key.
    fn owner(&self, key: &Key) -> ShardId;

    /// The shards in the order of their numbers.
    fn shards(&self) -> &[ShardId];

    /// Takes in a shard that is not in the map.
    fn add(&mut self, shard: ShardId) -> Result<(), CannotResize>;

    /// Takes out a shard that is in the map.
    fn remove(&mut self, shard: ShardId) -> Result<(), CannotResize>;

    /// How much of the keys a shard weighs against another, and all together.
    fn weight(&self, _: ShardId) -> usize {
        1
    }

    fn total_weight(&self) -> usize {
        self.shards().len()
    }

    /// A resize moves no key between two shards that were there before and after.
    fn is_consistent(&self) -> bool {
        true
    }

    /// All shards, the owner first and then who takes over when those before are full or gone.
    fn in_line<'a>(&'a self, key: &Key) -> Box<dyn Iterator<Item = ShardId> + 'a> {
        let (shards, owner) = (self.shards(), self.owner(key));
        let first = shards.partition_point(|shard| *shard < owner);
        Box::new(shards[first..].iter().chain(&shards[..first]).copied())
    }

    /// The first in line, all different: where copies of the key live. Fewer than `copies` when there
    /// are fewer shards.
    fn owners(&self, key: &Key, copies: usize) -> Vec<ShardId> {
        self.in_line(key).take(copies).collect()
    }
}

/// The members in the order of their numbers.
pub fn in_order(shards: &[ShardId]) -> Vec<ShardId> {
    let mut shards = shards.to_vec();
    shards.sort_unstable();
    shards
}

/// Puts the shard into its place in the list.
pub fn join(shards: &mut Vec<ShardId>, shard: ShardId) {
    shards.insert(shards.partition_point(|other| *other < shard), shard);
}

/// Takes the shard out of the list, unless it is the only one.
pub fn leave(shards: &mut Vec<ShardId>, shard: ShardId) -> Result<(), CannotResize> {
    if shards.len() == 1 {
        return Err(CannotResize::Only);
    }
    shards.retain(|other| *other != shard);
    Ok(())
}

// region: modulo
/// The line that everyone writes first. The number of shards is in the formula: when it changes,
/// nearly every remainder does.
pub struct Modulo {
    shards: Vec<ShardId>,
}

impl Modulo {
    pub fn new(shards: &[ShardId]) -> Self {
        let shards = in_order(shards);
        Self { shards }
    }
}

impl Strategy for Modulo {
    fn owner(&self, key: &Key) -> ShardId {
        self.shards[(key.hash % self.shards.len() as u64) as usize]
    }

    fn shards(&self) -> &[ShardId] {
        &self.shards
    }

    fn add(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        join(&mut self.shards, shard);
        Ok(())
    }

    fn remove(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        leave(&mut self.shards, shard)
    }

    fn is_consistent(&self) -> bool {
        false
    }
}
// endregion

// region: ring
/// Shards are hashed onto the circle of the keys, each at many points. A newcomer's points cut
/// stretches off their owners, and nobody else trades.
pub struct Ring {
    fleet: String,
    shards: Vec<ShardId>,
    /// Two shards may hash to one point. Both stay, and the lower number owns it, whoever came first.
    points: BTreeSet<(u64, ShardId)>,
    /// Points of a shard of weight 1; one of weight 3 has three times as many.
    vnodes: usize,
    weights: Weights,
}

impl Ring {
    /// `fleet` is the name that all shards share: `cache` for `cache-1`, `cache-2`… Names survive machines.
    pub fn new(fleet: &str, shards: &[ShardId], vnodes: usize, weights: Weights) -> Self {
        let shards = in_order(shards);
        let mut ring = Self {
            fleet: fleet.to_owned(),
            points: BTreeSet::new(),
            vnodes,
            weights,
            shards: Vec::new(),
        };
        ring.points = shards
            .iter()
            .flat_map(|shard| ring.points_of(*shard))
            .collect();
        ring.shards = shards;
        ring
    }

    /// A ring with these points.
    #[cfg(test)]
    pub fn with_points(points: impl IntoIterator<Item = (u64, ShardId)>) -> Self {
        let mut ring = Self::new("", &[], 0, Weights::default());
        ring.points = points.into_iter().collect();
        ring.shards = in_order(
            &ring
                .points
                .iter()
                .map(|(_, shard)| *shard)
                .collect::<Vec<_>>(),
        );
        ring
    }

    fn points_of(&self, shard: ShardId) -> impl Iterator<Item = (u64, ShardId)> + use<> {
        let name = format!("{}-{}", self.fleet, shard.0);
        let points = self.vnodes * self.weights.of(shard);
        (0..points).map(move |point| (hash64(&format!("{name}#{point}")), shard))
    }

    fn clockwise(&self, hash: u64) -> impl Iterator<Item = ShardId> {
        let here = (hash, ShardId(0));
        let (after, around) = (self.points.range(here..), self.points.range(..here));
        after.chain(around).map(|(_, shard)| *shard)
    }
}

impl Strategy for Ring {
    fn owner(&self, key: &Key) -> ShardId {
        let first = self.clockwise(key.hash).next();
        first.expect("a map has a shard and a shard has a point")
    }

    fn shards(&self) -> &[ShardId] {
        &self.shards
    }

    fn add(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        join(&mut self.shards, shard);
        let points = self.points_of(shard);
        self.points.extend(points);
        Ok(())
    }

    fn remove(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        leave(&mut self.shards, shard)?;
        self.points.retain(|(_, owner)| *owner != shard);
        Ok(())
    }

    fn weight(&self, shard: ShardId) -> usize {
        self.weights.of(shard)
    }

    fn total_weight(&self) -> usize {
        self.weights.total(&self.shards)
    }

    fn in_line<'a>(&'a self, key: &Key) -> Box<dyn Iterator<Item = ShardId> + 'a> {
        let mut seen = BTreeSet::new();
        Box::new(
            self.clockwise(key.hash)
                .filter(move |shard| seen.insert(*shard)),
        )
    }
}
// endregion

// region: jump
/// No memory but the list: for each new bucket a key either stays or jumps to it.
pub struct Jump {
    shards: Vec<ShardId>,
}

impl Jump {
    pub fn new(shards: &[ShardId]) -> Self {
        let shards = in_order(shards);
        Self { shards }
    }
}

/// The bucket of `key` among `buckets`, from 0 (Lamping and Veach, arXiv:1406.2294).
pub fn jump(mut key: u64, buckets: u32) -> u32 {
    let (mut bucket, mut next) = (0_i64, 0_i64);
    while next < i64::from(buckets) {
        bucket = next;
        key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        let stretch = (1_u64 << 31) as f64 / ((key >> 33) + 1) as f64;
        next = ((bucket + 1) as f64 * stretch) as i64;
    }
    bucket as u32
}

impl Strategy for Jump {
    fn owner(&self, key: &Key) -> ShardId {
        self.shards[jump(key.hash, self.shards.len() as u32) as usize]
    }

    fn shards(&self) -> &[ShardId] {
        &self.shards
    }

    fn add(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        match self.shards.last() {
            Some(last) if *last > shard => Err(CannotResize::NotTheNext { last: *last }),
            _ => {
                self.shards.push(shard);
                Ok(())
            }
        }
    }

    fn remove(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        match self.shards.last() {
            Some(last) if *last != shard => Err(CannotResize::NotTheLast { last: *last }),
            _ => leave(&mut self.shards, shard),
        }
    }
}
// endregion

// region: rendezvous
/// Every shard bids for the key and the highest bid wins. When the winner leaves, the runner-up of
/// each key takes over: its load spreads over all who stay.
pub struct Rendezvous {
    /// The hash of the name that all shards share.
    fleet: u64,
    shards: Vec<ShardId>,
    weights: Weights,
}

impl Rendezvous {
    pub fn new(fleet: &str, shards: &[ShardId], weights: Weights) -> Self {
        Self {
            fleet: hash64(fleet),
            shards: in_order(shards),
            weights,
        }
    }

    /// Its highest bid: a shard of weight 3 bids three times.
    fn bid(&self, key: &Key, shard: ShardId) -> u64 {
        let bid = |nth| scatter(key.hash ^ scatter(self.fleet ^ u64::from(shard.0) ^ nth << 32));
        let bids = (0..self.weights.of(shard) as u64).map(bid);
        bids.max().unwrap_or(0)
    }
}

impl Strategy for Rendezvous {
    fn owner(&self, key: &Key) -> ShardId {
        let winner = self
            .shards
            .iter()
            .max_by_key(|shard| self.bid(key, **shard));
        *winner.expect("a map has a shard")
    }

    fn shards(&self) -> &[ShardId] {
        &self.shards
    }

    fn add(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        join(&mut self.shards, shard);
        Ok(())
    }

    fn remove(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        leave(&mut self.shards, shard)
    }

    fn weight(&self, shard: ShardId) -> usize {
        self.weights.of(shard)
    }

    fn total_weight(&self) -> usize {
        self.weights.total(&self.shards)
    }

    fn in_line<'a>(&'a self, key: &Key) -> Box<dyn Iterator<Item = ShardId> + 'a> {
        let mut bidders: BinaryHeap<(u64, ShardId)> = self
            .shards
            .iter()
            .map(|shard| (self.bid(key, *shard), *shard))
            .collect();
        Box::new(std::iter::from_fn(move || Some(bidders.pop()?.1)))
    }
}
// endregion

// region: maglev
/// A table of a prime number of slots in which shards take turns, each along its own permutation.
/// Perfectly balanced; a resize moves a few slots more than it must.
pub struct Maglev {
    fleet: String,
    shards: Vec<ShardId>,
    weights: Weights,
    table: Vec<ShardId>,
}

/// The paper's default (Eisenbud and others, NSDI 2016): prime, so that every skip visits all slots.
pub const MAGLEV_SLOTS: usize = 65_537;

impl Maglev {
    pub fn new(fleet: &str, shards: &[ShardId], weights: Weights) -> Self {
        let mut maglev = Self {
            fleet: fleet.to_owned(),
            shards: in_order(shards),
            weights,
            table: Vec::new(),
        };
        maglev.fill();
        maglev
    }

    /// A shard of weight 3 takes three turns where others take one, all along its one permutation.
    fn fill(&mut self) {
        let size = MAGLEV_SLOTS as u64;
        let sequence = |shard: &ShardId| {
            let hash = |part| hash64(&format!("{}-{}/{part}", self.fleet, shard.0));
            let (offset, skip) = (hash("offset") % size, hash("skip") % (size - 1) + 1);
            (offset as usize, skip as usize)
        };
        let turns = self.weights.repeat(&self.shards);
        let sequences: Vec<_> = turns.iter().map(sequence).collect();
        let taken = take_turns(&sequences, MAGLEV_SLOTS).into_iter();
        self.table = taken.map(|turn| turns[turn]).collect();
    }
}

/// Who gets each slot when each of several, in turn, takes the next free slot of its sequence: offset,
/// offset + skip, offset + 2 skip… around a table of prime size.
pub fn take_turns(sequences: &[(usize, usize)], size: usize) -> Vec<usize> {
    let mut table = vec![usize::MAX; size];
    let mut at: Vec<usize> = sequences.iter().map(|(offset, _)| *offset).collect();
    let mut turns = (0..sequences.len()).cycle();
    for _ in 0..size {
        let Some(who) = turns.next() else { break };
        while table[at[who]] != usize::MAX {
            at[who] = (at[who] + sequences[who].1) % size;
        }
        table[at[who]] = who;
    }
    table
}

impl Strategy for Maglev {
    fn owner(&self, key: &Key) -> ShardId {
        self.table[(key.hash % self.table.len() as u64) as usize]
    }

    fn shards(&self) -> &[ShardId] {
        &self.shards
    }

    fn add(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        join(&mut self.shards, shard);
        self.fill();
        Ok(())
    }

    fn remove(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        leave(&mut self.shards, shard)?;
        self.fill();
        Ok(())
    }

    fn weight(&self, shard: ShardId) -> usize {
        self.weights.of(shard)
    }

    fn total_weight(&self) -> usize {
        self.weights.total(&self.shards)
    }

    fn is_consistent(&self) -> bool {
        false
    }
}
// endregion

// region: bounded
/// What each of `shards` may carry of `load`, with `eps` to spare: ceil((1 + eps) load / shards). A shard of
/// weight 3 counts as three (Mirrokni, Thorup, Zadimoghaddam, arXiv:1608.01350).
pub fn capacity(load: usize, shards: usize, eps: f64) -> usize {
    // Less a trifle: 1.1 x 100 is 110.00000000000001, and means 110.
    ((1.0 + eps) * load as f64 / shards.max(1) as f64 - 1e-9).ceil() as usize
}

/// The owner of the key, or the next in line that has room; `total` is the load of all shards together.
/// The key may then be in two places.
pub fn bounded(
    strategy: &dyn Strategy,
    key: &Key,
    eps: f64,
    total: usize,
    load: impl Fn(ShardId) -> usize,
) -> ShardId {
    let all = strategy.total_weight();
    let has_room = |shard: &ShardId| {
        let share = (total + 1) * strategy.weight(*shard);
        load(*shard) < capacity(share, all, eps)
    };
    let owner = strategy.owner(key);
    if has_room(&owner) {
        return owner;
    }
    let roomy = strategy.in_line(key).find(has_room);
    // All full can't be: the capacities add up to more than the load.
    roomy.unwrap_or(owner)
}
// endregion

/// FNV-1a, then a finaliser that scatters names as alike as `shard-1#7` and `shard-1#8`. Written
/// down, because every router must compute the same number.
pub fn hash64(text: &str) -> u64 {
    scatter(text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, byte| {
        (h ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    }))
}

fn scatter(mut h: u64) -> u64 {
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

pub use super::tables::{Lookup, Range, SLOTS, slot};
