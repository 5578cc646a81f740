use super::plan;
use crate::engine::SimTime;
use crate::replicated::world::Tamper;
use crate::replicated::{LAB, ReplicatedLab};
use crate::trial::{broken_one, get, has_all_of, last, near, plan_of, run_whole, says, value};
use crate::workbench::frame::{InvariantView, NodeState, Statistic};
use crate::workbench::session::Session;

#[test]
fn scripts_address_it_by_these_names() {
    has_all_of(
        &LAB,
        "arrival_rps profile service replicas slots policy load_info_age readiness cold_start slow_start drain grace \
         max_surge max_unavailable pdb_min_available autoscale target_rps replicas_max sync down_window state shed \
         crowd calm crash slow rollout evict zone_down zone_up \
         latency_ms errors_total replicas ready_replicas utilization imbalance_ratio queue_depth sessions_lost_total \
         dropped_at_shutdown_total shed_total replica_seconds_total",
    );
}

#[test]
fn every_request_ends_once_whatever_becomes_of_it() {
    let set = "arrival_rps=900 shed=20 timeout=60ms drain=off";
    let at = "10s:crash=1 40s:rollout 70s:arrival_rps=0.1";
    let report = run_whole(plan(2, 90, &format!("{set} {at}")));
    let ended = value(&report, "answered_total") + value(&report, "errors_total");
    near(ended, value(&report, "requests_total"), 0.5);
    for metric in ["timeouts_total", "shed_total", "dropped_at_shutdown_total"] {
        assert!(
            value(&report, metric) > 5.0,
            "{metric}: {}",
            value(&report, metric)
        );
    }
}

#[test]
fn a_replica_that_crashes_is_back_after_its_cold_start() {
    let mut session = Session::start(plan(1, 60, "10s:crash=2"));
    let mut state = |second| {
        session.advance(SimTime::from_secs(second), u64::MAX);
        let frame = session.frame();
        let node = frame.nodes.iter().find(|node| node.name == "replica 2");
        node.unwrap().state
    };
    assert_eq!(state(9), NodeState::Up);
    assert_eq!(state(11), NodeState::Down);
    // And the balancer has heard of it.
    assert_eq!(state(31), NodeState::Cut);
    assert_eq!(state(33), NodeState::Up);
}

#[test]
fn a_rollout_replaces_all_within_its_surge_and_never_below_what_may_be_missing() {
    let set = "replicas=8 cold_start=const:5s";
    let report = run_whole(plan(1, 180, &format!("{set} 10s:rollout")));
    // Two of eight may be missing, and two more may be there.
    near(get(&report, "ready_replicas", Statistic::Min), 6.0, 0.5);
    near(last(&report, "ready_replicas"), 8.0, 0.5);
    let careful = format!("{set} max_unavailable=0");
    let report = run_whole(plan(1, 240, &format!("{careful} 10s:rollout")));
    near(get(&report, "ready_replicas", Statistic::Min), 8.0, 0.5);
}

#[test]
fn an_eviction_that_the_budget_forbids_does_nothing() {
    let set = "replicas=3 pdb_min_available=3";
    let report = run_whole(plan(1, 60, &format!("{set} 10s:evict=1")));
    near(get(&report, "ready_replicas", Statistic::Min), 3.0, 0.5);
    let allowed = run_whole(plan(1, 60, "replicas=3 pdb_min_available=2 10s:evict=1"));
    near(get(&allowed, "ready_replicas", Statistic::Min), 2.0, 0.5);
}

#[test]
fn the_scaler_goes_down_only_after_its_window() {
    let set = "autoscale=event target_rps=100 arrival_rps=300 cold_start=const:1s";
    let at = "30s:crowd=5 90s:calm";
    let report = run_whole(plan(1, 380, &format!("{set} {at}")));
    assert!(
        (last(&report, "replicas") - 15.0).abs() < 2.5,
        "{}",
        last(&report, "replicas")
    );
    let later = run_whole(plan(1, 430, &format!("{set} {at}")));
    assert!(
        (last(&later, "replicas") - 3.0).abs() < 1.5,
        "{}",
        last(&later, "replicas")
    );
}

#[test]
fn an_activator_holds_so_many_for_as_long_as_their_clients_wait() {
    let set = "replicas=0 autoscale=event activator=3 arrival_rps=10";
    let full = run_whole(plan(1, 30, &format!("{set} timeout=1m")));
    assert!(get(&full, "activator_depth", Statistic::Max) < 3.5);
    assert!(value(&full, "shed_total") > 100.0);
    near(
        value(&full, "shed_total"),
        value(&full, "errors_total"),
        0.5,
    );
    let impatient = run_whole(plan(1, 20, &format!("{set} timeout=5s")));
    assert!(value(&impatient, "timeouts_total") > 5.0);
    assert!(value(&impatient, "answered_total") < 0.5);
}

#[test]
fn what_goes_by_what_replicas_serve_keeps_one() {
    let set = "replicas=0 arrival_rps=0.01 down_window=0s";
    let least = |autoscale: &str| {
        let report = run_whole(plan(1, 120, &format!("{set} {autoscale}")));
        get(&report, "ready_replicas", Statistic::Min)
    };
    near(least("autoscale=hpa"), 1.0, 0.5);
    assert!(least("autoscale=event") < 0.5);
}

#[test]
fn replica_seconds_are_replicas_times_time() {
    let report = run_whole(plan(1, 100, "replicas=4"));
    let paid = value(&report, "replica_seconds_total");
    near(paid, 400.0, 1.5);
}

#[test]
fn a_zone_that_stays_down_is_replaced_elsewhere_and_one_that_comes_back_starts_its_own() {
    let set = "replicas=6 cold_start=const:5s";
    let back = run_whole(plan(1, 60, &format!("{set} 10s:zone_down 20s:zone_up")));
    near(last(&back, "ready_replicas"), 6.0, 0.5);
    let gone = run_whole(plan(1, 400, &format!("{set} 10s:zone_down")));
    near(last(&gone, "ready_replicas"), 6.0, 0.5);
}

/// The one invariant that a lab with this error breaks.
#[track_caller]
fn broken(tamper: Tamper, words: &str) -> InvariantView {
    let lab = Box::leak(Box::new(ReplicatedLab { tamper }));
    broken_one(plan_of(lab, 1, 90, words))
}

#[test]
fn a_replica_that_is_announced_early_is_found_out() {
    let broken = broken(Tamper::AnnounceEarly, "10s:replicas=4");
    says(&broken, "replica 4 was sent a request");
}

#[test]
fn a_drain_that_is_cut_short_is_found_out() {
    let set = "service=const:3s arrival_rps=5 timeout=10s endpoints_lag=9s";
    let broken = broken(Tamper::CutTheDrain, &format!("{set} 10s:evict=1"));
    assert!(broken.name.starts_with("with drain"), "{broken:?}");
}

#[test]
fn an_eviction_that_asks_nobody_is_found_out() {
    let broken = broken(Tamper::IgnoreBudget, "pdb_min_available=3 10s:evict=1");
    says(&broken, "left 2 ready, and 3 must be");
}

#[test]
fn a_front_that_loses_requests_is_found_out() {
    let broken = broken(Tamper::LoseRequests, "");
    assert!(broken.name.starts_with("every request"), "{broken:?}");
}
