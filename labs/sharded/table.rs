//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::fleet::{Rejoin, SHARDS_MAX, StrategyName};
use super::hot::{MitigationName, SplitFor};
use super::memory::Eviction;
use crate::workbench::prelude::*;

lab_spec! {
    id: "sharded",
    title: "Sharded service",
    chapter: 6,
    promise: "see what a resize throws away, and why no hash helps against one hot key",
    scene: SceneKind::Shards,
    metrics: ProxyMeters::specs(),
}

/// As many keys as a resize can look up one by one while somebody watches.
const KEYS_MAX: u32 = 100_000;

knobs! {
    pub struct Knobs;
    pub enum Turned { Rate, Skew, Celebrity, Shards, ShardSlots, ShardMemory, OriginSlots, Network, Mitigation }

    "load" {
        /// requests that arrive at the proxy, a second
        arrival_rps: f64 = quantity("rps", 2_000.0, 1.0, 100_000.0).essential() => Rate;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
        /// keys, numbered from the most popular
        keys: usize = count(10_000, 10, KEYS_MAX).restarts();
        /// Zipf's exponent: how much more popular keys are asked for; 0 is not at all
        skew: f64 = quantity("", 0.99, 0.0, 3.0).in_steps_of(0.05).essential() => Skew;
        /// requests that read; the rest write
        read_ratio: f64 = share(0.95, 0.01);
        /// a key that everybody wants, whatever its rank
        celebrity_key: Option<usize> = count(1, 1, KEYS_MAX).starting_at("none").essential() => Celebrity;
        /// the celebrity's share of all requests
        celebrity_share: f64 = share(0.4, 0.05).essential() => Celebrity;
        /// a request that takes longer is given up: an error
        timeout: Duration = duration("1s", "1ms", "1m");
    }
    "map" {
        /// cache shards; turning it adds shards, or takes the newest ones away
        shards: usize = count(5, 1, SHARDS_MAX).essential() => Shards;
        /// how the owner of a key is found
        strategy: StrategyName = choice().restarts().essential();
        /// ring: points that each shard has on it
        vnodes: usize = count(100, 1, 1_000).restarts();
        /// a shard takes at most 1 + this times the mean of calls in flight; the rest goes to the next
        bounded_load: Option<f64> = quantity("", 0.25, 0.01, 10.0).starting_at("off");
        /// every second request goes through a router that hears of a resize so much later; not with bounded_load,
        /// and not for a hot key that lives on several shards
        router_lag: Option<Duration> = duration("2s", "1ms", "1h").starting_at("off");
        /// a shard that comes back to the map is flushed first, or remembers what it did
        rejoin: Rejoin = choice();
        /// ring, rendezvous, maglev: a shard owns keys by its size, and not as many as any other
        weights: bool = switch(true).restarts();
    }
    "machines" {
        /// how long a shard works on one call
        shard_service: Distribution = distribution("exp:1ms");
        /// shard 1 is so many times as large as the others, in slots and in memory
        first_size: usize = count(1, 1, 16).restarts();
        /// calls that a shard works on at a time
        shard_slots: usize = count(1, 1, 1_000) => ShardSlots;
        /// keys that a shard remembers before it evicts
        shard_memory: usize = count(4_000, 1, 1_000_000) => ShardMemory;
        /// a full shard evicts the least recently used of all, of five at random (as Redis), or of that size (as Memcached)
        eviction: Eviction = choice() => ShardMemory;
        /// how long an entry lives in a shard
        ttl: Option<Duration> = duration("10s", "1ms", "1h").starting_at("off") => ShardMemory;
        /// how long the origin works on one call
        origin_service: Distribution = distribution("exp:20ms");
        /// calls that the origin works on at a time
        origin_slots: usize = count(20, 1, 10_000) => OriginSlots;
        /// how long a message takes, one way
        network: Distribution = distribution("const:0.25ms") => Network;
    }
    "hot keys" {
        /// what the proxy does about keys that are hot
        mitigation: MitigationName = choice().essential() => Mitigation;
        /// replica_reads, split_keys: shards that a hot key lives on
        hot_copies: usize = count(3, 1, 16) => Mitigation;
        /// a key is hot above this share of the requests, until it falls below half of it
        hot_share: f64 = share(0.04, 0.01);
        /// split_keys: write all and read any, or write any and read all
        split_for: SplitFor = choice() => Mitigation;
        /// replica_reads: how much later than the first the other copies hear of a write
        replica_lag: Distribution = distribution("exp:50ms");
        /// misses of a key that is being fetched wait for that fetch
        single_flight: bool = switch(false);
        /// front_cache: how long the proxy keeps a value
        front_ttl: Duration = duration("1s", "1ms", "1m");
    }
}

pub static PROXY: Role = Role::new("proxy", "proxies", Rank::Head).that_asks();
pub static SHARD: Role = Role::new("shard", "shards", Rank::Member);
pub static ORIGIN: Role = Role::new("origin", "origins", Rank::Tail);

actions! {
    pub enum Act {
        /// a shard joins, with an empty cache
        'A' AddShard;
        /// a shard leaves the map: the newest one, or the one that is named
        'D' RemoveShard(Option<u32>) = on_or(&SHARD, "the newest");
        /// the shard's process dies, with all that it remembered
        'K' Crash(u32) = on(&SHARD);
        /// the shard's process starts again, with an empty cache
        'U' Restart(u32) = on(&SHARD);
        /// nothing passes between proxy and shard, and nobody is told; the shard remembers
        'X' Cut(u32) = on(&SHARD);
        /// messages between proxy and shard pass again
        'M' Heal(u32) = on(&SHARD);
        /// this key gets celebrity_share of all requests
        'C' Celebrity(f64) = number("key", 1, KEYS_MAX);
        /// nobody is a celebrity any more
        'N' Calm;
    }
}

metrics! {
    pub struct ProxyMeters {
        /// from a request's arrival to its answer, of all that were answered
        latency_ms: Histogram in Milliseconds, chart 1;
        /// reads answered from caches alone, of all reads answered
        hit_ratio: Ratio in Share, chart 3;
        /// calls that reached the origin: misses and writes, a second
        origin_rps: Gauge in PerSecond, chart 2;
        /// calls to the fullest shard for its size, over the mean, in the last five seconds
        shard_load_max_over_mean: Gauge in Count, chart 4;
        /// standard deviation of the calls to shards for their size, over their mean
        shard_load_cv: Gauge in Count, chart 5;
        /// keys that the last resize gave another owner
        keys_moved_ratio: Gauge in Share;
        /// calls to shards, of all requests: above one where a key is split
        calls_per_request: Ratio in Count;
        /// requests that failed or were given up
        errors_total: Counter in Count;
        /// reads that lack a write which was acknowledged before they began
        stale_reads_total: Counter in Count;
        /// requests that arrived: answered, failed, in progress or shed
        requests_total: Counter in Count;
        /// writes that were begun
        writes_total: Counter in Count;
        /// requests turned away: too many in progress
        shed_total: Counter in Count;
        /// keys that the proxy takes for hot
        hot_keys: Gauge in Count;
        /// requests between arrival and answer
        in_progress: Gauge in Count;
    }
}

endpoints! {
    pub enum Asked {
        /// read a key by its number (1 is the most popular) or by `named:` and any name; says which shard served it, hit or miss
        Read(String) = get("/keys/{key}").example("/keys/1");
        /// write a key: the origin takes the value, the shards that cache the key forget theirs
        Write((String, String)) =
            put("/keys/{key}", "the value, text of at most 256 bytes").example("/keys/1");
    }
}

invariants! {
    pub struct Invariants {
        one_owner: "every key has exactly one owner";
        no_write_lost: "no acknowledged write is lost";
        consistent:
            "a resize moves no key between two shards that stay (not for modulo and maglev)";
        equal_maps: "a router that starts later has the same map";
    }
}
