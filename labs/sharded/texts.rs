//! Which text which version of a key was.
//!
//! The lab's own values are versions: how often a key was written. A client writes text. What a shard serves
//! stale is then seen as what it is: an older text.

use super::keys::KeyId;
use super::shard::Version;
use std::collections::{BTreeMap, VecDeque};

/// Texts that are remembered, the newest ones.
const TEXTS_MAX: usize = 10_000;

/// The texts that clients have written. Bounded: the oldest are forgotten.
#[derive(Default)]
pub struct Texts {
    by_version: BTreeMap<(KeyId, Version), String>,
    order: VecDeque<(KeyId, Version)>,
}

impl Texts {
    pub fn keep(&mut self, key: KeyId, version: Version, text: String) {
        if self.by_version.insert((key, version), text).is_none() {
            self.order.push_back((key, version));
        }
        if self.order.len() > TEXTS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_version.remove(&oldest);
        }
    }

    /// None of a version that the workload wrote, or that nobody has written yet.
    pub fn of(&self, key: KeyId, version: Version) -> Option<&str> {
        self.by_version.get(&(key, version)).map(String::as_str)
    }
}
