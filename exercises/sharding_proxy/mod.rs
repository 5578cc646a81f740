//! `sharding-proxy`: routes keys to shards by consistent hashing.
//!
//! - [`proxy`]: the program with its shards, and where it sends which key.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod proxy;

use checks::{faults, hot, routing};

crate::exercise! {
    "sharding_proxy",
    routing::passes_through("The pattern", "Requests and answers pass through, and a key has one shard"),
    routing::balance("How it works", "Every shard gets about the same number of keys"),
    routing::shard_added("How it works", "When a shard is added, keys move to it alone"),
    routing::shard_removed("How it works", "When a shard is removed, its keys alone move, to all others"),
    routing::copies_agree("How it works", "The shard depends on names, not on order or URLs"),
    faults::dead_shard("What goes wrong", "A dead shard costs its own keys, and they go nowhere else"),
    faults::hanging_shard("What goes wrong", "A shard that hangs costs TRY_MS, and delays its own keys alone"),
    faults::bad_file("What goes wrong", "A file that makes no sense is not taken"),
    hot::hot_key("What goes wrong", "A hot key is read from COPIES shards and written to all of them"),
    hot::hot_key_survives("What goes wrong", "A hot key can be read while one of its shards is dead"),
}
