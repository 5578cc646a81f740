//! What the lab is there to show, against closed forms (Dean and Barroso, "The Tail at Scale", CACM
//! 2013, and order statistics), as means over seeds with their own standard error.

use super::plan;
use crate::trial::{self, Estimate, get, run, value};
use crate::workbench::frame::Statistic;
use crate::workbench::headless::Report;

/// Of so many virtual seconds, 2 of them warm-up.
fn over_seeds<const N: usize>(
    seconds: u64,
    set: &str,
    read: impl Fn(&Report) -> [f64; N],
) -> [Estimate; N] {
    trial::over_seeds(2, |seed| plan(seed, seconds, set), read)
}

#[track_caller]
fn is(measured: Estimate, expected: f64) {
    measured.is(expected, 0.02, 0.002);
}

/// The same with a world in which nothing queues, network and root take no time, and every draw is by
/// itself: what is left is the distribution of the service.
fn pure<const N: usize>(
    seconds: u64,
    set: &str,
    read: impl Fn(&Report) -> [f64; N],
) -> [Estimate; N] {
    let pure = "slots=inf network=const:0ms root_cost=0s query_share=0 deadline=off";
    over_seeds(seconds, &format!("{pure} {set}"), read)
}

fn harmonic(n: u32) -> f64 {
    (1..=n).map(|k| 1.0 / f64::from(k)).sum()
}

#[test]
fn one_slow_answer_in_a_hundred_makes_63_percent_of_the_requests_slow_at_fan_out_100() {
    for (fan_out, rps, expected) in [
        ("fan_out=10", "arrival_rps=200", 0.0956),
        ("fan_out=100", "arrival_rps=50", 0.6340),
    ] {
        let set = format!(
            "{fan_out} replicas=1 service=mix:99%*const:10ms,1%*const:1s slow_over=500ms {rps}"
        );
        let [slow] = pure(14, &set, |r| [value(r, "slow_ratio")]);
        is(slow, expected);
    }
}

#[test]
fn the_mean_of_the_slowest_of_n_exponential_leaves_is_the_harmonic_number_times_their_mean() {
    for (fan_out, n) in [("fan_out=10", 10), ("fan_out=100", 100)] {
        let set = format!("{fan_out} service=exp:10ms");
        let [mean] = pure(8, &set, |r| [get(r, "latency_ms", Statistic::Mean)]);
        is(mean, 10.0 * harmonic(n));
    }
}

#[test]
fn a_quorum_of_19_in_20_waits_for_the_19th_and_not_for_the_slowest() {
    let set = "service=exp:10ms quorum=0.95";
    let [mean, complete] = pure(12, set, |r| {
        [
            get(r, "latency_ms", Statistic::Mean),
            value(r, "completeness_ratio"),
        ]
    });
    is(mean, 10.0 * (harmonic(20) - 1.0));
    is(complete, 0.95);
}

#[test]
fn a_deadline_gets_the_leaves_that_are_done_by_then() {
    let set = "service=exp:10ms deadline=20ms";
    let [complete, slowest] = pure(12, set, |r| {
        [
            value(r, "completeness_ratio"),
            get(r, "latency_ms", Statistic::Max),
        ]
    });
    is(complete, 1.0 - libm::exp(-2.0));
    assert!(slowest.mean <= 20.0);
}

const ONE_LEAF: &str = "fan_out=1 arrival_rps=1000 service=exp:10ms";

#[test]
fn hedging_after_the_p95_adds_5_percent_of_load_and_cuts_the_tail_as_the_formula_says() {
    let tail = |r: &Report| {
        [
            get(r, "latency_ms", Statistic::P999),
            value(r, "extra_load_ratio"),
        ]
    };
    let [plain, _] = pure(22, ONE_LEAF, tail);
    is(plain, 10.0 * 6.908);

    // P(T > t) = exp(-t) * exp(-(t - D)) beyond D, the p95 of an exponential with mean 1: 2.996.
    let fixed = "policy=hedge hedge_after=29.957ms hedge_budget=0.1";
    let [hedged, extra] = pure(22, &format!("{ONE_LEAF} {fixed}"), tail);
    is(hedged, 10.0 * 4.952);
    is(extra, 0.05);

    let learned = "policy=hedge hedge_after=p95 hedge_budget=0.1";
    let [hedged, extra] = pure(22, &format!("{ONE_LEAF} {learned}"), tail);
    assert!((0.045..0.055).contains(&extra.mean), "{extra:?}");
    assert!((hedged.mean / 49.52 - 1.0).abs() < 0.03, "{hedged:?}");
}

#[test]
fn a_query_that_is_long_everywhere_defeats_the_second_copy() {
    // Of the calls longer than t = 3 means on one replica, e^-3, the copy of the same query is as long in
    // the share s of the cases: P(both > t) = s p + (1 - s) p^2.
    for (share, s) in [("query_share=0.5", 0.5), ("query_share=1", 1.0)] {
        let set = format!("{ONE_LEAF} policy=redundant slow_over=30ms {share}");
        let [slow] = pure(14, &set, |r| [value(r, "slow_ratio")]);
        let p = libm::exp(-3.0);
        let expected = s * p + (1.0 - s) * p * p;
        slow.is(expected, 0.05, 0.002);
    }
}

#[test]
fn a_budget_at_the_very_share_that_is_late_runs_dry_and_twice_the_share_does_not() {
    // One call in twenty is late; a slow one (1 %, a second) is saved by its hedge alone.
    let set = "fan_out=1 arrival_rps=1000 policy=hedge slow_over=500ms";
    let mix = "service=mix:94%*const:10ms,5%*const:20ms,1%*const:1s hedge_after=15ms";
    let slow = |budget: &str| {
        let set = format!("{set} {mix} {budget}");
        pure(12, &set, |r| {
            [value(r, "slow_ratio"), value(r, "extra_load_ratio")]
        })
    };
    let [dry, _] = slow("hedge_budget=5%");
    let [kept, load] = slow("hedge_budget=12%");
    assert!(kept.mean < 0.0004, "1 % of 1 %: {kept:?}");
    assert!(dry.mean > 4.0 * kept.mean, "{dry:?} {kept:?}");
    is(load, 0.06);
}

#[test]
fn the_root_pays_for_each_answer_so_a_wide_fan_out_is_not_free() {
    // The last of 2,000 answers that arrive together is read after 2,000 x 50 us.
    let set = "replicas=1 slots=inf service=const:8ms network=const:0ms arrival_rps=1 deadline=off \
        root_cost=50us";
    for (fan_out, expected) in [("fan_out=20", 9.0), ("fan_out=2000", 108.0)] {
        let all = format!("{set} {fan_out}");
        let mut plan = plan(1, 12, &all);
        plan.warmup = crate::engine::SimTime::from_secs(2);
        let p50 = get(&run(plan), "latency_ms", Statistic::P50);
        assert!((p50 / expected - 1.0).abs() < 0.03, "{fan_out}: {p50}");
    }
}

#[test]
fn cancelled_work_that_goes_on_takes_what_redundancy_gives() {
    let p50 = |cancel| {
        let set = format!("{BUSY} policy=redundant arrival_rps=100 {cancel}");
        get(&run(plan(1, 20, &set)), "latency_ms", Statistic::P50)
    };
    let (free, costs, none) = (p50("cancel=free"), p50("cancel=costs"), p50("cancel=none"));
    assert!(free < costs && costs < none, "{free} {costs} {none}");
    assert!(none > 1.5 * free, "{free} {none}");
}

/// Twenty leaves of two single-slot replicas that are 60 % busy with one copy of each search.
const BUSY: &str = "slots=1 arrival_rps=138 network=const:0.25ms replicas=2 deadline=off";

#[test]
fn a_tied_request_is_seldom_begun_twice_and_waits_in_the_shorter_of_two_queues() {
    let read = |r: &Report| {
        [
            get(r, "leaf_latency_ms", Statistic::Mean),
            value(r, "extra_load_ratio"),
        ]
    };
    let [one, _] = over_seeds(10, BUSY, read);
    let [tied, begun_twice] = over_seeds(10, &format!("{BUSY} policy=tied"), read);
    assert!(begun_twice.mean < 0.03, "{begun_twice:?}");
    assert!(tied.mean < 0.85 * one.mean, "{tied:?} against {one:?}");
}

#[test]
fn redundant_copies_are_faster_in_an_idle_cluster_and_slower_in_a_busy_one() {
    let read = |r: &Report| [get(r, "latency_ms", Statistic::P50)];
    let two = "policy=redundant copies=2";
    let idle = "slots=1 arrival_rps=5";
    let [idle_one] = over_seeds(22, idle, read);
    let [idle_two] = over_seeds(22, &format!("{idle} {two}"), read);
    assert!(
        idle_two.mean < 0.85 * idle_one.mean,
        "{idle_two:?} against {idle_one:?}"
    );

    let [busy_one] = over_seeds(10, BUSY, read);
    let [busy_two] = over_seeds(10, &format!("{BUSY} {two}"), read);
    assert!(
        busy_two.mean > 1.5 * busy_one.mean,
        "{busy_two:?} against {busy_one:?}"
    );
}

#[test]
fn hedging_saves_from_one_slow_replica_but_not_from_replicas_that_are_slow_together() {
    let read = |r: &Report| {
        [
            get(r, "latency_ms", Statistic::P50),
            get(r, "latency_ms", Statistic::P99),
        ]
    };
    let straggler = "straggler=3 hedge_budget=0.1";
    let with = |more: &str| over_seeds(10, &format!("{straggler} {more}"), read);
    let [_, waiting] = with("");
    let [apart_p50, apart] = with("policy=hedge");
    let [together_p50, together] = with("policy=hedge faults_hit=all");
    assert!(
        apart.mean < 0.2 * waiting.mean,
        "{apart:?} against {waiting:?}"
    );
    assert!(
        together_p50.mean > 4.0 * apart_p50.mean,
        "{together_p50:?} against {apart_p50:?}"
    );
    assert!(
        together.mean > 0.6 * waiting.mean,
        "{together:?} against {waiting:?}"
    );
}
