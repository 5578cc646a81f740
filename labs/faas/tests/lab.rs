use super::plan;
use crate::engine::SimTime;
use crate::faas::world::Tamper;
use crate::faas::{FaasLab, LAB};
use crate::trial::{broken_one, get, has_all_of, last, near, plan_of, run, run_whole, says, value};
use crate::workbench::frame::{InvariantView, Statistic};
use crate::workbench::session::Session;

#[test]
fn scripts_address_it_by_these_names() {
    has_all_of(
        &LAB,
        "profile arrival_rps duration cold_start keep_alive keep_alive_policy memory_mb instance_concurrency \
         concurrency_limit provisioned scale_rate timeout containers usd_per_million_calls usd_per_million_gb_s \
         burst deploy limit calm \
         latency_ms cold_ratio throttled_total instances idle_ratio concurrency timeouts_total faas_usd_month \
         containers_usd_month",
    );
}

#[test]
fn every_call_ends_once_whatever_becomes_of_it() {
    let set = "arrival_rps=100 concurrency_limit=15 error_ratio=0.1 timeout=200ms";
    let report = run_whole(plan(2, 60, &format!("{set} 30s:arrival_rps=0.0001")));
    let total = |metric| value(&report, metric);
    let ended = total("answered_total")
        + total("errors_total")
        + total("timeouts_total")
        + total("throttled_total")
        + total("dropped_total");
    near(total("calls_total"), ended, 0.5);
    for metric in [
        "answered_total",
        "errors_total",
        "timeouts_total",
        "throttled_total",
    ] {
        assert!(total(metric) > 20.0, "{metric}: {}", total(metric));
    }
}

#[test]
fn asynchronous_calls_that_are_refused_come_again_until_all_are_done() {
    let set = "arrival_rps=1 concurrency_limit=10 invocation=async duration=const:200ms";
    let report = run_whole(plan(
        3,
        300,
        &format!("{set} 10s:burst=2000 60s:arrival_rps=0.0001"),
    ));
    assert!(value(&report, "throttled_total") > 1_000.0);
    assert!(value(&report, "retries_total") > 1_000.0);
    assert!(value(&report, "dropped_total") < 0.5);
    near(
        value(&report, "answered_total"),
        value(&report, "calls_total"),
        0.5,
    );
}

#[test]
fn a_call_that_waits_for_room_is_served_later_or_refused_when_its_patience_ends() {
    let set = "arrival_rps=50 concurrency_limit=5 duration=const:200ms when_full=wait patience=2s";
    let report = run_whole(plan(1, 60, set));
    // 25 a second fit in, 25 do not; who is served has waited for nearly all of its patience.
    let refused = value(&report, "refused_ratio");
    assert!((0.4..0.55).contains(&refused), "{refused}");
    let p50 = get(&report, "latency_ms", Statistic::P50);
    assert!((1_500.0..2_300.0).contains(&p50), "{p50}");
}

#[test]
fn instances_beyond_the_databases_connections_fail_their_calls() {
    let set = "arrival_rps=40 duration=const:1s db_connections=20 error_ratio=0";
    let report = run_whole(plan(1, 60, set));
    assert!(value(&report, "db_refused_total") > 500.0);
    let same = value(&report, "errors_total") - value(&report, "db_refused_total");
    assert!(same.abs() < 0.5);
}

#[test]
fn new_instances_come_no_faster_than_the_scale_rate() {
    let set = "arrival_rps=0.0001 scale_rate=100 duration=const:30s cold_start=const:0ms";
    let report = run_whole(plan(1, 20, &format!("{set} 1s:burst=2000")));
    // A hundred at once, and ten a second from then on, for the ten seconds of the burst.
    let most = get(&report, "instances", Statistic::Max);
    assert!((195.0..=205.0).contains(&most), "{most}");
    assert!(value(&report, "throttled_total") > 1_600.0);
}

#[test]
fn a_lower_limit_ends_nothing_that_runs() {
    let set = "arrival_rps=50 arrivals=constant duration=const:2s cold_start=const:0ms";
    let report = run_whole(plan(1, 30, &format!("{set} 10s:limit=20")));
    near(last(&report, "account_busy"), 20.0, 1.5);
    near(get(&report, "account_busy", Statistic::Max), 100.0, 1.5);
    assert!(value(&report, "errors_total") + value(&report, "timeouts_total") < 0.5);
}

#[test]
fn calm_ends_a_burst() {
    let whole = run_whole(plan(1, 30, "arrival_rps=0.0001 5s:burst=1000"));
    let calmed = run_whole(plan(1, 30, "arrival_rps=0.0001 5s:burst=1000 10s:calm"));
    near(value(&whole, "calls_total"), 1_000.0, 2.0);
    // Each of the thousand comes in the first half or in the second: four standard deviations.
    near(value(&calmed, "calls_total"), 500.0, 64.0);
}

#[test]
fn the_daily_profile_goes_up_and_down_about_its_mean() {
    let set = "arrival_rps=0.05 profile=daily";
    let day = run_whole(plan(1, 86_400, set));
    let night = run_whole(plan(1, 21_600, set));
    let (whole, first_quarter) = (value(&day, "calls_total"), value(&night, "calls_total"));
    near(whole / 4_320.0, 1.0, 0.1);
    // The integral of 1 − 0.9 cos over the first quarter of a day: 0.25 − 0.9 / 2π.
    let share = first_quarter / whole;
    near(share, 0.1068, 0.02);
}

#[test]
fn containers_serve_the_same_calls_first_come_first_served() {
    // An M/D/1 queue at load 0.8: the mean wait is 0.8 / (2 × 0.2) services.
    let set = "arrival_rps=8 duration=const:100ms containers=1 container_slots=1";
    let report = run(plan(1, 3_000, set));
    let mean = get(&report, "containers_latency_ms", Statistic::Mean);
    near(mean / 300.0, 1.0, 0.08);
}

#[test]
fn a_picture_shows_each_instance_with_its_calls_and_the_database_with_its_connections() {
    let set = "arrival_rps=20 duration=const:500ms db_connections=30";
    let mut session = Session::start(plan(1, 60, set));
    session.advance(SimTime::from_secs(20), u64::MAX);
    let frame = session.frame();
    let instances = frame
        .metric("instances")
        .unwrap()
        .value
        .get(Statistic::Last)
        .unwrap();
    assert_eq!(frame.nodes.len(), 2 + instances as usize);
    assert!(frame.nodes.iter().any(|node| node.load > 0.0));
    assert!(
        frame
            .nodes
            .last()
            .unwrap()
            .badge
            .ends_with("of 30 connections")
    );
}

/// The one invariant that a lab with this error breaks.
#[track_caller]
fn broken(tamper: Tamper, words: &str) -> InvariantView {
    let lab = Box::leak(Box::new(FaasLab { tamper }));
    broken_one(plan_of(lab, 1, 60, words))
}

#[test]
fn a_platform_that_ignores_the_limit_is_found_out() {
    let broken = broken(Tamper::IgnoreLimit, "arrival_rps=100 concurrency_limit=8");
    says(&broken, "9 instances are busy, and 8 may be");
}

#[test]
fn a_bill_that_rounds_down_is_found_out() {
    let broken = broken(Tamper::RoundDown, "");
    assert!(broken.name.starts_with("what is billed"));
}

#[test]
fn a_platform_that_loses_calls_is_found_out() {
    let broken = broken(Tamper::LoseCalls, "");
    assert!(broken.detail.starts_with("51 came, "), "{broken:?}");
}
