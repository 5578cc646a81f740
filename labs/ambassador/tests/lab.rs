use super::{run_from, run_whole};
use crate::ambassador::world::Tamper;
use crate::ambassador::{AmbassadorLab, LAB};
use crate::trial::{get, has_all_of, histogram, plan_of, value};
use crate::workbench::frame::Statistic;
use crate::workbench::headless;
use crate::workbench::lab::Lab;

#[test]
fn scripts_address_it_by_these_names() {
    has_all_of(
        &LAB,
        "arrival_rps upstreams service slots error_ratio attempts backoff backoff_base retry_budget timeout breaker \
         breaker_threshold breaker_open_for rate_limit pool routing layers ambassador_latency placement \
         fail slow crash restart crash_ambassador revoke_credentials rotate_credentials mock burst \
         latency_ms goodput_rps attempts_per_request retries_total breaker_open_ratio breaker_transitions_total \
         rejected_total errors_total upstream_rps unauthorized_total pool_wait_ms",
    );
}

#[test]
fn every_request_ends_once_whatever_becomes_of_it() {
    let set = [
        "arrival_rps=400",
        "breaker=on",
        "deadline=300ms",
        "rate_limit=390",
    ];
    let at = [
        "5s:crash=1",
        "8s:fail=2:0.9",
        "12s:crash_ambassador",
        "20s:arrival_rps=0.1",
    ];
    let report = run_whole(2, 40, &set, &at);
    let ended = value(&report, "answered_total") + value(&report, "errors_total");
    assert!((ended - value(&report, "requests_total")).abs() < 0.5);
    assert!(value(&report, "rejected_total") > 5.0);
}

#[test]
fn a_request_that_is_not_safe_to_repeat_is_tried_once() {
    let report = run_whole(1, 20, &["safe_ratio=0", "error_ratio=0.5"], &[]);
    assert!((value(&report, "attempts_per_request") - 1.0).abs() < 0.001);
    assert!(value(&report, "retries_total") < 0.5);
}

#[test]
fn credentials_that_are_rotated_before_the_old_ones_end_cost_no_call() {
    let report = run_whole(
        1,
        60,
        &[],
        &[
            "20s:rotate_credentials",
            "40s:revoke_credentials",
            "40s:rotate_credentials",
        ],
    );
    // Of the second rotation the ambassador learns by a refusal; the call goes out again with what is new.
    assert!(value(&report, "errors_total") < 0.5);
    assert!(value(&report, "unauthorized_total") >= 1.0);
}

#[test]
fn credentials_that_are_revoked_fail_every_call_until_there_are_new_ones() {
    let report = run_whole(
        1,
        60,
        &[],
        &["20s:revoke_credentials", "35s:rotate_credentials"],
    );
    // 200 a second for fifteen seconds.
    let errors = value(&report, "errors_total");
    assert!((errors - 3_000.0).abs() < 200.0, "{errors}");
    let after = run_from(
        36,
        1,
        60,
        &[],
        &["20s:revoke_credentials", "35s:rotate_credentials"],
    );
    assert!(value(&after, "errors_total") < 0.5);
}

#[test]
fn a_mock_answers_in_a_millisecond_and_can_be_made_to_fail() {
    let at = ["5s:mock"];
    let mocked = run_from(6, 1, 20, &[], &at);
    let p99 = histogram(&mocked, "latency_ms").p99;
    assert!((1.5..2.0).contains(&p99), "{p99}");
    let at = ["5s:mock", "5s:fail=1:1", "5s:fail=2:1", "5s:fail=3:1"];
    let failing = run_from(6, 1, 20, &[], &at);
    assert!(value(&failing, "answered_ratio") < 0.001);
}

#[test]
fn with_one_connection_calls_wait_for_it_as_in_a_queue_with_one_server() {
    let set = ["pool=1", "upstreams=1", "arrival_rps=50", "timeout=10s"];
    let report = run_whole(1, 300, &set, &[]);
    // M/G/1: a call holds the connection for 11.83 ms on average (variance 36.5), a load of 0.59. Pollaczek and
    // Khinchine: 50 / s x 176.4 ms^2 / (2 x 0.41) = 10.8 ms.
    let waited = get(&report, "pool_wait_ms", Statistic::Mean);
    assert!((9.3..12.3).contains(&waited), "{waited}");
    assert!(get(&report, "queue_depth", Statistic::Max) < 0.5);
}

#[test]
fn a_dead_shard_fails_its_own_keys_only() {
    let set = ["routing=shard", "pool=8"];
    let report = run_from(21, 1, 40, &set, &["20s:crash=2"]);
    let answered = value(&report, "answered_ratio");
    assert!((answered - 2.0 / 3.0).abs() < 0.04, "{answered}");
}

#[test]
fn breakers_take_out_no_more_instances_than_they_may() {
    let at = ["5s:fail=1:1", "5s:fail=2:1", "5s:fail=3:1"];
    let set = ["breaker=on", "ejected_max=0.34"];
    let report = run_whole(1, 30, &set, &at);
    assert!(get(&report, "breaker_open_ratio", Statistic::Max) < 0.34);
    let all = run_whole(1, 30, &["breaker=on"], &at);
    assert!(get(&all, "breaker_open_ratio", Statistic::Max) > 0.99);
}

/// The invariants that a run broke.
fn broken(lab: &'static dyn Lab, set: &[&str], at: &[&str]) -> Vec<(&'static str, String)> {
    let report = headless::run(plan_of(lab, 1, 30, set, at)).unwrap();
    let broken = report.invariants.iter().filter(|invariant| !invariant.held);
    broken
        .map(|invariant| (invariant.name, invariant.detail.clone()))
        .collect()
}

#[test]
fn a_layer_that_knows_no_budget_is_found_out() {
    static SPENDER: AmbassadorLab = AmbassadorLab {
        tamper: Tamper::IgnoreBudget,
    };
    let broken = broken(&SPENDER, &["retry_budget=0.1", "error_ratio=0.5"], &[]);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].1.contains("layer 1 has made"), "{broken:?}");
}

#[test]
fn a_breaker_that_probes_too_early_is_found_out() {
    static IMPATIENT: AmbassadorLab = AmbassadorLab {
        tamper: Tamper::ProbeEarly,
    };
    let broken = broken(&IMPATIENT, &["breaker=on"], &["5s:fail=1:1"]);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(
        broken[0].1.contains("instance 1 probes after 2.5"),
        "{broken:?}"
    );
}

#[test]
fn a_call_that_leaves_bare_is_found_out() {
    static BARE: AmbassadorLab = AmbassadorLab {
        tamper: Tamper::LeaveBare,
    };
    let broken = broken(&BARE, &[], &[]);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].1.contains("without credentials"), "{broken:?}");
}

#[test]
fn an_application_that_loses_requests_is_found_out() {
    static LOSSY: AmbassadorLab = AmbassadorLab {
        tamper: Tamper::LoseRequests,
    };
    let broken = broken(&LOSSY, &[], &[]);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(
        broken[0].0.starts_with("every request of the application"),
        "{broken:?}"
    );
}
