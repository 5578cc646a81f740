//! What must hold, held against a ledger that the proxy does not read.

use super::keys::{KeyId, Keys};
use super::pattern::ShardId;
use super::shard::Version;
use super::table::Invariants;
use crate::workbench::instruments::Instruments;
use std::cell::RefCell;

/// The invariants of the lab, and what they go by.
pub struct Checks {
    invariants: Invariants,
    /// Owner of each key since the last resize.
    owners: RefCell<Vec<ShardId>>,
    /// The newest version of each key that a client was told is safe.
    acknowledged: RefCell<Vec<Version>>,
    /// Writes that clients were told are safe, by key.
    writes: RefCell<Vec<Version>>,
}

/// Who was in the map before and after a resize.
pub struct Members<'a> {
    pub before: &'a [ShardId],
    pub after: &'a [ShardId],
}

impl Checks {
    pub fn new(instruments: &Instruments, keys: usize) -> Self {
        Self {
            invariants: Invariants::of(instruments),
            owners: RefCell::default(),
            acknowledged: RefCell::new(vec![0; keys]),
            writes: RefCell::new(vec![0; keys]),
        }
    }

    /// The map has changed (or is there for the first time): every key is looked up. Returns the
    /// share of the keys that moved.
    pub fn resized(
        &self,
        keys: &Keys,
        owner: impl Fn(KeyId) -> ShardId,
        members: &Members<'_>,
        promised: bool,
    ) -> f64 {
        let now: Vec<ShardId> = keys.iter().map(|(key, _)| owner(key)).collect();
        let before = self.owners.replace(now);
        let now = self.owners.borrow();
        for (key, owner) in (0..).map(KeyId).zip(now.iter()) {
            self.invariants
                .one_owner
                .check(members.after.contains(owner), || {
                    format!(
                        "key {} is owned by shard {}, which is not in the map",
                        key.number(),
                        owner.0
                    )
                });
        }
        let mut moved = 0;
        for (key, (from, to)) in (0..).map(KeyId).zip(before.iter().zip(now.iter())) {
            if from == to {
                continue;
            }
            moved += 1;
            let between_stayers = members.after.contains(from) && members.before.contains(to);
            if promised {
                self.invariants.consistent.check(!between_stayers, || {
                    format!(
                        "key {} moved from shard {} to shard {}, and both stay",
                        key.number(),
                        from.0,
                        to.0
                    )
                });
            }
        }
        f64::from(moved) / keys.len() as f64
    }

    /// The owner of each key since the last resize.
    pub fn owners(&self) -> Vec<ShardId> {
        self.owners.borrow().clone()
    }

    /// A router has started after the last resize; `owner` is by its map.
    pub fn late_router(&self, keys: &Keys, owner: impl Fn(KeyId) -> ShardId) {
        let owners = self.owners.borrow();
        for ((key, _), here) in keys.iter().zip(owners.iter()) {
            let there = owner(key);
            self.invariants.equal_maps.check(there == *here, || {
                format!(
                    "key {} is on shard {}, and on shard {} for a router that starts now",
                    key.number(),
                    here.0,
                    there.0
                )
            });
        }
    }

    /// A request goes to the one that the proxy takes for the owner.
    pub fn routed(&self, request: u64, key: KeyId, to: ShardId) {
        let owner = self.owners.borrow()[key.0 as usize];
        self.invariants.one_owner.check(owner == to, || {
            format!(
                "request {request} took shard {} for the owner of key {}, it is shard {}",
                to.0,
                key.number(),
                owner.0
            )
        });
    }

    /// A client is told that its write is safe; `stored` is how many writes of the key the origin
    /// has, `version` what this write was told it is.
    pub fn acknowledged(&self, request: u64, key: KeyId, stored: Version, version: Version) {
        let at = key.0 as usize;
        let newest = &mut self.acknowledged.borrow_mut()[at];
        *newest = version.max(*newest);
        let writes = &mut self.writes.borrow_mut()[at];
        *writes += 1;
        // More than acknowledged may be stored: some clients gave up before they were told.
        self.invariants.no_write_lost.check(stored >= *writes, || {
            format!(
                "request {request}: key {} had {writes} writes acknowledged, the origin has {stored}",
                key.number()
            )
        });
    }

    /// What a read of one copy that begins now must see at least, or it is stale.
    pub fn at_least(&self, key: KeyId) -> Version {
        self.acknowledged.borrow()[key.0 as usize]
    }

    /// The same for a read that adds rows up. The version of a write counts all rows, and so other
    /// writes that may not be acknowledged yet; here only those count that are.
    pub fn at_least_of_rows(&self, key: KeyId) -> Version {
        self.writes.borrow()[key.0 as usize]
    }
}
