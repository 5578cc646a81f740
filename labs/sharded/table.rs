//! The lab's table: its knobs, actions, metrics and figures.

use super::fleet::SHARDS_MAX;
use super::outside::endpoints;
use crate::engine::SimTime;
use crate::workbench::figure::{FigureSpec, Readout};
use crate::workbench::frame::Statistic;
use crate::workbench::knob::KnobSpec;
use crate::workbench::lab::{ActionSpec, ArgumentKind, LabSpec, MetricKind, MetricSpec};
use crate::workbench::scene::SceneKind;
use std::sync::LazyLock;

pub static SPEC: LazyLock<LabSpec> = LazyLock::new(|| LabSpec {
    id: "sharded",
    title: "Sharded service",
    chapter: 6,
    promise: "see what a resize throws away, and why no hash helps against one hot key",
    scene: SceneKind::Shards,
    knobs: knobs(),
    actions: actions(),
    metrics: metrics(),
    endpoints: endpoints(),
    figures: figures(),
    experiments: include_str!("experiments.yaml"),
    source: include_str!("pattern.rs"),
});

const MS: u64 = 1_000_000;

/// As many keys as a resize can look up one by one while somebody watches.
const KEYS_MAX: u32 = 100_000;

fn knobs() -> Vec<KnobSpec> {
    let mut knobs = load();
    knobs.extend(map());
    knobs.extend(machines());
    knobs.extend(cures());
    knobs
}

fn load() -> Vec<KnobSpec> {
    vec![
        KnobSpec::quantity("arrival_rps", "rps", 2_000.0, 1.0, 100_000.0)
            .of("load", "requests that arrive at the proxy, a second"),
        KnobSpec::count("keys", 10_000, 10, KEYS_MAX)
            .restarts()
            .of("load", "keys, numbered from the most popular"),
        KnobSpec::quantity("skew", "", 0.99, 0.0, 3.0)
            .in_steps_of(0.05)
            .of(
                "load",
                "Zipf's exponent: how much more popular keys are asked for; 0 is not at all",
            ),
        KnobSpec::share("read_ratio", 0.95, 0.01).of("load", "requests that read; the rest write"),
        KnobSpec::count("celebrity_key", 1, 1, KEYS_MAX)
            .or_words(&["none"])
            .starting_at("none")
            .of("load", "a key that everybody wants, whatever its rank"),
        KnobSpec::share("celebrity_share", 0.4, 0.05)
            .of("load", "the celebrity's share of all requests"),
        KnobSpec::duration("timeout", 1_000 * MS, MS, 60_000 * MS)
            .of("load", "a request that takes longer is given up: an error"),
    ]
}

fn map() -> Vec<KnobSpec> {
    vec![
        KnobSpec::count("shards", 5, 1, SHARDS_MAX).of(
            "map",
            "cache shards; turning it adds shards, or takes the newest ones away",
        ),
        KnobSpec::choice(
            "strategy",
            &[
                "modulo",
                "ring",
                "jump",
                "rendezvous",
                "maglev",
                "range",
                "lookup",
            ],
        )
        .restarts()
        .of("map", "how the owner of a key is found"),
        KnobSpec::count("vnodes", 100, 1, 1_000)
            .restarts()
            .of("map", "ring: points that each shard has on it"),
        KnobSpec::quantity("bounded_load", "", 0.25, 0.01, 10.0)
            .or_words(&["off"])
            .starting_at("off")
            .of(
                "map",
                "a shard takes at most 1 + this times the mean of calls in flight; the rest walks on",
            ),
    ]
}

fn machines() -> Vec<KnobSpec> {
    vec![
        KnobSpec::distribution("shard_service", "exp:1ms")
            .of("machines", "how long a shard works on one call"),
        KnobSpec::count("shard_slots", 1, 1, 1_000)
            .of("machines", "calls that a shard works on at a time"),
        KnobSpec::count("shard_memory", 4_000, 1, 1_000_000)
            .of("machines", "keys that a shard remembers before it evicts"),
        KnobSpec::distribution("origin_service", "exp:20ms")
            .of("machines", "how long the origin works on one call"),
        KnobSpec::count("origin_slots", 20, 1, 10_000)
            .of("machines", "calls that the origin works on at a time"),
        KnobSpec::distribution("network", "const:0.25ms")
            .of("machines", "how long a message takes, one way"),
    ]
}

fn cures() -> Vec<KnobSpec> {
    vec![
        KnobSpec::choice(
            "mitigation",
            &[
                "none",
                "replica_reads",
                "split_keys",
                "dedicated",
                "front_cache",
            ],
        )
        .of("hot keys", "what the proxy does about keys that are hot"),
        KnobSpec::count("hot_copies", 3, 1, 16).of(
            "hot keys",
            "replica_reads, split_keys: shards that a hot key lives on",
        ),
        KnobSpec::share("hot_share", 0.04, 0.01).of(
            "hot keys",
            "a key is hot above this share of the requests, until it falls below half of it",
        ),
        KnobSpec::choice("split_for", &["reads", "writes"]).of(
            "hot keys",
            "split_keys: write all and read any, or write any and read all",
        ),
        KnobSpec::distribution("replica_lag", "exp:50ms").of(
            "hot keys",
            "replica_reads: how much later than the first the other copies hear of a write",
        ),
        KnobSpec::duration("front_ttl", 1_000 * MS, MS, 60_000 * MS)
            .of("hot keys", "front_cache: how long the proxy keeps a value"),
    ]
}

fn actions() -> Vec<ActionSpec> {
    let action = ActionSpec::new;
    let number = |unit, default| ArgumentKind::Number { unit, default };
    vec![
        action(
            "add_shard",
            'A',
            ArgumentKind::None,
            "a shard joins, with an empty cache",
        ),
        action(
            "remove_shard",
            'D',
            ArgumentKind::NodeOr {
                words: "the newest",
            },
            "a shard leaves the map: the newest one, or the one that is named",
        ),
        action(
            "crash",
            'K',
            ArgumentKind::Node,
            "the shard's process dies, with all that it remembered",
        ),
        action(
            "restart",
            'U',
            ArgumentKind::Node,
            "the shard's process starts again, with an empty cache",
        ),
        action(
            "celebrity",
            'C',
            number("key", 1),
            "this key gets celebrity_share of all requests",
        ),
        action(
            "calm",
            'N',
            ArgumentKind::None,
            "nobody is a celebrity any more",
        ),
    ]
}

fn metrics() -> Vec<MetricSpec> {
    use MetricKind::{Counter, Gauge, Histogram, Ratio};
    let metric = MetricSpec::new;
    vec![
        metric(
            "latency_ms",
            Histogram,
            1,
            "from a request's arrival to its answer, of all that were answered",
        ),
        metric(
            "hit_ratio",
            Ratio,
            3,
            "reads answered from caches alone, of all reads answered",
        ),
        metric(
            "origin_rps",
            Gauge,
            2,
            "calls that reached the origin: misses and writes, a second",
        ),
        metric(
            "shard_load_max_over_mean",
            Gauge,
            4,
            "calls to the fullest shard over the mean, in the last five seconds",
        ),
        metric(
            "shard_load_cv",
            Gauge,
            5,
            "standard deviation of the calls to shards over their mean",
        ),
        metric(
            "keys_moved_ratio",
            Gauge,
            0,
            "keys that the last resize gave another owner",
        ),
        metric(
            "calls_per_request",
            Ratio,
            0,
            "calls to shards, of all requests: above one where a key is split",
        ),
        metric(
            "errors_total",
            Counter,
            0,
            "requests that failed or were given up",
        ),
        metric(
            "stale_reads_total",
            Counter,
            0,
            "reads that lack a write which was acknowledged before they began",
        ),
        metric(
            "requests_total",
            Counter,
            0,
            "requests that arrived: answered, failed, in progress or shed",
        ),
        metric("writes_total", Counter, 0, "writes that were begun"),
        metric(
            "shed_total",
            Counter,
            0,
            "requests turned away: too many in progress",
        ),
        metric("hot_keys", Gauge, 0, "keys that the proxy takes for hot"),
        metric(
            "in_progress",
            Gauge,
            0,
            "requests between arrival and answer",
        ),
    ]
}

fn figures() -> Vec<FigureSpec> {
    use Statistic::{Last, P99, Value};
    let readout = Readout::new;
    vec![
        FigureSpec {
            id: "eleventh-shard",
            caption: "ten shards get an eleventh: turn `shards` up by one",
            seed: 7,
            settings: &["shards=10", "skew=0.6"],
            speed: 1.0,
            tells_in: SimTime::from_secs(20),
            dials: &["shards", "strategy", "vnodes"],
            readouts: vec![
                readout("hits", "hit_ratio", Value),
                readout("keys moved", "keys_moved_ratio", Last),
                readout("calls a second to the origin", "origin_rps", Last),
                readout("p99", "latency_ms", P99),
            ],
        },
        FigureSpec {
            // Chapter 6 at a twentieth: 25,000 of 60,000 reads, shards that can do 20,000.
            id: "celebrity",
            caption: "four requests in ten want one key",
            seed: 7,
            settings: &[
                "shards=10",
                "strategy=ring",
                "arrival_rps=3000",
                "skew=0",
                "celebrity_key=4711",
                "celebrity_share=0.417",
            ],
            speed: 1.0,
            tells_in: SimTime::from_secs(20),
            dials: &["mitigation", "shards", "hot_copies"],
            readouts: vec![
                readout(
                    "fullest shard, times the mean",
                    "shard_load_max_over_mean",
                    Last,
                ),
                readout("p99", "latency_ms", P99),
                readout("stale reads", "stale_reads_total", Value),
                readout("given up", "errors_total", Value),
            ],
        },
    ]
}
