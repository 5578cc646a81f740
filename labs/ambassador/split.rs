//! A request splitter: a share of the requests goes to another version of a service, the rest to the one that is there.
//!
//! Source: B. Burns, Designing Distributed Systems, "Using an Ambassador to Do Experimentation or Request Splitting".

use xxhash_rust::xxh3::xxh3_64;

/// Which version of the service a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The one that has been there.
    Stable,
    /// The one that is tried.
    Canary,
}

/// What decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitBy {
    /// The key: whoever has seen one version goes on seeing it.
    Key,
    /// Chance, for each request anew.
    Chance,
}

// region: split
/// The version for a request about this key. `share` goes to the canary; `dice` is uniform between 0 and 1.
///
/// By key a larger share moves keys to the canary and none back.
pub fn version_for(key: u64, by: SplitBy, share: f64, dice: f64) -> Version {
    let place = match by {
        SplitBy::Key => xxh3_64(&key.to_le_bytes()) as f64 / u64::MAX as f64,
        SplitBy::Chance => dice,
    };
    if place < share {
        Version::Canary
    } else {
        Version::Stable
    }
}
// endregion: split
