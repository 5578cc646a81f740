//! A cache hits as the lab of the sharded service does, and what it misses goes to its origin, to the request.

use super::paired::{Figure, Paired};
use super::{lab_of, run, seconds, value};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;

/// Each shard has its part of the load, so that latencies of two fleets with other names can be compared.
const CACHE: &str = "design: cache
clients: {users: {rps: 1000, calls: [{to: lots, timeout: 1m}]}}
components:
  lots: {kind: cache, shards: 5, strategy: maglev, keys: 10_000, skew: 0.7, memory: 500, cold_start: \"const:1s\", origin: {to: db, timeout: 1m}}
  db: {kind: database, slots: 40, reads: \"exp:10ms\"}
";

/// The misses of the 59th second, and what the origin was asked, of all requests.
fn misses_of_a_second(script: &[String]) -> (f64, f64) {
    let mut plan = seconds(lab_of(CACHE), 1, 59);
    plan.warmup = SimTime::from_secs(58);
    for done in script {
        plan.script_text(done).unwrap();
    }
    let report = run(plan);
    let misses = 1.0 - value(&report, "lots_hit_ratio");
    let asked = value(&report, "lots_requests_total");
    (misses, value(&report, "db_requests_total") / asked)
}

#[test]
fn a_cache_that_loses_its_memory_floods_its_origin_by_exactly_the_miss_ratio() {
    let (warm, of_origin) = misses_of_a_second(&[]);
    assert!((warm - of_origin).abs() < 0.03, "{warm} {of_origin}");
    // They are lost at 57 s, and serve again from 58 s, with nothing in their memories.
    let all: Vec<String> = (1..=5).map(|shard| format!("57s:crash={shard}")).collect();
    let (cold, of_origin) = misses_of_a_second(&all);
    assert!((cold - of_origin).abs() < 0.03, "{cold} {of_origin}");
    assert!(cold > 1.5 * warm, "warm {warm}, cold {cold}");
}

#[test]
fn a_cache_is_as_its_lab_and_hits_as_often_as_theory_says() {
    let paired = Paired {
        design: CACHE,
        lab: "sharded",
        set: &[
            "arrival_rps=1000",
            "keys=10000",
            "skew=0.7",
            "shard_memory=500",
            "read_ratio=1",
            "shards=5",
            "strategy=maglev",
            "origin_slots=40",
            "origin_service=exp:10ms",
            "timeout=1m",
        ],
        script: &[],
        length: 40,
        warmup: 4,
    };
    let [hits, _] = paired.agree(&[
        Figure {
            ours: "lots_hit_ratio",
            theirs: "hit_ratio",
            statistic: Statistic::Value,
            apart: 0.0,
            deviation: 0.0022,
        },
        Figure {
            ours: "users_latency_ms",
            theirs: "latency_ms",
            statistic: Statistic::Mean,
            apart: 0.0,
            deviation: 0.076,
        },
    ]);
    let theory = crate::theory::predict(lab_of(CACHE).design());
    let predicted = 1.0 - theory[1].rps / theory[0].rps;
    assert!(
        (hits - predicted).abs() < 0.02,
        "{hits} here, {predicted} by theory"
    );
}

#[test]
fn each_place_of_a_cdn_remembers_what_its_own_users_ask_for() {
    let lab = lab_of(
        "design: cdn
clients: {users: {rps: 1000, calls: [{to: pictures, write_ratio: 1%}]}}
components:
  pictures: {kind: cdn, edges: 4, keys: 2_000, memory: 200, ttl: off, origin: store}
  store: {kind: database, slots: 40, reads: \"exp:10ms\"}
",
    );
    let report = run(seconds(lab, 1, 60));
    // A write takes away one copy of four: the others are old until they are evicted.
    assert!(value(&report, "pictures_stale_reads_total") > 100.0);
    let hits = value(&report, "pictures_hit_ratio");
    let theory = crate::theory::predict(lab.design());
    let passed_on = theory[1].rps / theory[0].rps;
    let predicted = 1.0 - (passed_on - 0.01) / 0.99;
    assert!((hits - predicted).abs() < 0.02, "{hits} and {predicted}");
}

#[test]
fn a_write_is_at_the_origin_before_the_copy_goes_and_reads_of_old_values_are_counted() {
    let lab = lab_of(
        "design: written
clients: {users: {rps: 500, calls: [{to: lots, write_ratio: 20%}]}}
components:
  lots: {kind: cache, shards: 2, keys: 50, memory: 100, ttl: 5s, origin: db}
  db: {kind: database, slots: 40, reads: \"exp:5ms\", writes: \"exp:5ms\"}
",
    );
    let report = run(seconds(lab, 1, 30));
    // The copy is deleted by its own shard when the write is acknowledged: nothing old is left.
    assert!(value(&report, "lots_stale_reads_total") < 1.0);
    assert!(value(&report, "lots_hit_ratio") > 0.5);
    let origin = value(&report, "db_requests_total") / value(&report, "lots_requests_total");
    assert!(origin > 0.2, "all writes and some reads: {origin}");
}

#[test]
fn the_story_says_when_a_cache_went_cold_and_when_it_was_warm_again() {
    // At 300 requests a second it takes a while until it is warm.
    let lab = lab_of(&CACHE.replace("rps: 1000", "rps: 300"));
    let mut plan = seconds(lab, 1, 120);
    for shard in 1..=5 {
        plan.script_text(&format!("60s:crash={shard}")).unwrap();
    }
    let story = crate::why::why(lab, plan).unwrap();
    let text: Vec<&str> = story.iter().map(|line| line.text.as_str()).collect();
    assert!(
        text.iter().any(|line| line.starts_with("lots went cold: ")),
        "{text:#?}"
    );
    assert!(text.contains(&"lots is warm again"), "{text:#?}");
    let calm = crate::why::why(lab, seconds(lab, 1, 60)).unwrap();
    assert!(
        !calm.iter().any(|line| line.text.contains("cold")),
        "{calm:#?}"
    );
}

#[test]
fn a_resize_throws_away_the_keys_of_one_shard_with_a_ring_and_nearly_all_by_modulo() {
    let misses = |strategy: &str| {
        let lab = lab_of(&format!(
            "{}faults: [{{at: 55s, do: turn, what: lots.shards, to: 6}}]\n",
            CACHE.replace("maglev", strategy)
        ));
        let mut plan = seconds(lab, 1, 59);
        plan.warmup = SimTime::from_secs(58);
        1.0 - value(&run(plan), "lots_hit_ratio")
    };
    let (warm, _) = misses_of_a_second(&[]);
    let (ring, modulo) = (misses("ring"), misses("modulo"));
    assert!(ring < warm + 0.15, "{ring} and {warm}");
    assert!(modulo > warm + 0.2, "{modulo} and {warm}");
}
