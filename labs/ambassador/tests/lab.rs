use super::plan;
use crate::ambassador::split::{SplitBy, Version, version_for};
use crate::ambassador::world::Tamper;
use crate::ambassador::{AmbassadorLab, LAB};
use crate::trial::{
    broken_one, get, has_all_of, histogram, near, plan_of, run_from, run_whole, says, value,
};
use crate::workbench::frame::{InvariantView, Statistic};

#[test]
fn scripts_address_it_by_these_names() {
    has_all_of(
        &LAB,
        "arrival_rps upstreams service slots error_ratio attempts backoff backoff_base retry_budget timeout breaker \
         breaker_threshold breaker_open_for rate_limit pool routing layers ambassador_latency placement \
         hedge_after hedge_budget canaries split split_by canary_error_ratio canary_slowness rollback \
         hedges_total hedges_won_total canary_ratio stable_failed_ratio canary_failed_ratio canary_latency_ms \
         fail slow crash restart crash_ambassador revoke_credentials rotate_credentials mock burst \
         latency_ms goodput_rps attempts_per_request retries_total breaker_open_ratio breaker_transitions_total \
         rejected_total errors_total upstream_rps unauthorized_total pool_wait_ms",
    );
}

#[test]
fn every_request_ends_once_whatever_becomes_of_it() {
    let set = "arrival_rps=400 breaker=on deadline=300ms rate_limit=390";
    let at = "5s:crash=1 8s:fail=2:0.9 12s:crash_ambassador 20s:arrival_rps=0.1";
    let report = run_whole(plan(2, 40, &format!("{set} {at}")));
    let ended = value(&report, "answered_total") + value(&report, "errors_total");
    near(ended, value(&report, "requests_total"), 0.5);
    assert!(value(&report, "rejected_total") > 5.0);
}

#[test]
fn a_request_that_is_not_safe_to_repeat_is_tried_once() {
    let report = run_whole(plan(1, 20, "safe_ratio=0 error_ratio=0.5"));
    near(value(&report, "attempts_per_request"), 1.0, 0.001);
    assert!(value(&report, "retries_total") < 0.5);
}

#[test]
fn credentials_that_are_rotated_before_the_old_ones_end_cost_no_call() {
    let report = run_whole(plan(
        1,
        60,
        "20s:rotate_credentials 40s:revoke_credentials 40s:rotate_credentials",
    ));
    // Of the second rotation the ambassador learns by a refusal; the call goes out again with what is new.
    assert!(value(&report, "errors_total") < 0.5);
    assert!(value(&report, "unauthorized_total") >= 1.0);
}

#[test]
fn credentials_that_are_revoked_fail_every_call_until_there_are_new_ones() {
    let report = run_whole(plan(1, 60, "20s:revoke_credentials 35s:rotate_credentials"));
    // 200 a second for fifteen seconds.
    let errors = value(&report, "errors_total");
    near(errors, 3_000.0, 200.0);
    let after = run_from(
        36,
        plan(1, 60, "20s:revoke_credentials 35s:rotate_credentials"),
    );
    assert!(value(&after, "errors_total") < 0.5);
}

#[test]
fn a_mock_answers_in_a_millisecond_and_can_be_made_to_fail() {
    let at = "5s:mock";
    let mocked = run_from(6, plan(1, 20, at));
    let p99 = histogram(&mocked, "latency_ms").p99;
    assert!((1.5..2.0).contains(&p99), "{p99}");
    let at = "5s:mock 5s:fail=1:1 5s:fail=2:1 5s:fail=3:1";
    let failing = run_from(6, plan(1, 20, at));
    assert!(value(&failing, "success_ratio") < 0.001);
}

#[test]
fn with_one_connection_calls_wait_for_it_as_in_a_queue_with_one_server() {
    let set = "pool=1 upstreams=1 arrival_rps=50 timeout=10s";
    let report = run_whole(plan(1, 300, set));
    // M/G/1: a call holds the connection for 11.83 ms on average (variance 36.5), a load of 0.59. Pollaczek and
    // Khinchine: 50 / s x 176.4 ms^2 / (2 x 0.41) = 10.8 ms.
    let waited = get(&report, "pool_wait_ms", Statistic::Mean);
    assert!((9.3..12.3).contains(&waited), "{waited}");
    assert!(get(&report, "queue_depth", Statistic::Max) < 0.5);
}

#[test]
fn a_dead_shard_fails_its_own_keys_only() {
    let set = "routing=shard pool=8";
    let report = run_from(21, plan(1, 40, &format!("{set} 20s:crash=2")));
    let answered = value(&report, "success_ratio");
    near(answered, 2.0 / 3.0, 0.04);
}

#[test]
fn breakers_take_out_no_more_instances_than_they_may() {
    let at = "5s:fail=1:1 5s:fail=2:1 5s:fail=3:1";
    let set = "breaker=on ejected_max=0.34";
    let report = run_whole(plan(1, 30, &format!("{set} {at}")));
    assert!(get(&report, "breaker_open_ratio", Statistic::Max) < 0.34);
    let all = run_whole(plan(1, 30, &format!("breaker=on {at}")));
    assert!(get(&all, "breaker_open_ratio", Statistic::Max) > 0.99);
}

const CANARY: &str = "canaries=1 split=0.1 canary_error_ratio=0.5 canary_slowness=2 attempts=1";

#[test]
fn a_tenth_of_the_requests_goes_to_the_new_version_and_the_others_see_nothing_of_it() {
    for by in ["split_by=key", "split_by=chance"] {
        let report = run_whole(plan(1, 100, &format!("{CANARY} {by}")));
        let is = |metric: &str, expected: f64, give: f64| {
            let measured = value(&report, metric);
            assert!(
                (measured - expected).abs() < give,
                "{by}, {metric}: {measured}"
            );
        };
        // Of the 1,000 keys, or of 20,000 requests.
        is("canary_ratio", 0.1, 0.025);
        is("canary_failed_ratio", 0.5, 0.05);
        is("stable_failed_ratio", 0.0, 1e-9);
        // 0.3 of the hop, 0.5 of the network, and 11.33 twice.
        let mean = get(&report, "canary_latency_ms", Statistic::Mean);
        near(mean, 23.5, 1.0);
    }
}

#[test]
fn by_key_a_larger_share_takes_none_back_from_the_new_version() {
    let on = |share: f64| {
        move |key: &u64| version_for(*key, SplitBy::Key, share, 0.0) == Version::Canary
    };
    let (few, many): (Vec<u64>, Vec<u64>) = (
        (0..10_000).filter(on(0.05)).collect(),
        (0..10_000).filter(on(0.2)).collect(),
    );
    assert!(few.len().abs_diff(500) < 90, "{}", few.len());
    assert!(many.len().abs_diff(2_000) < 160, "{}", many.len());
    assert!(few.iter().all(|key| many.contains(key)));
    assert_eq!((0..100).filter(on(0.0)).count(), 0);
    assert_eq!((0..100).filter(on(1.0)).count(), 100);
}

#[test]
fn after_a_rollback_nothing_goes_to_the_new_version() {
    let report = run_from(31, plan(1, 60, &format!("{CANARY} 30s:rollback")));
    assert!(value(&report, "canary_ratio") < 1e-9);
    assert!(value(&report, "success_ratio") > 1.0 - 1e-9);
}

#[test]
fn a_hedge_goes_to_another_instance_and_not_where_there_is_none_or_it_is_not_safe() {
    let hedges = |more: &str| {
        let set = format!("hedge_after=20ms hedge_budget=1 {more}");
        value(
            &run_whole(plan(1, 20, &format!("{set} 5s:slow=1"))),
            "hedges_total",
        )
    };
    assert!(hedges("attempts=1") > 800.0, "{}", hedges("attempts=1"));
    for nowhere in ["safe_ratio=0", "routing=shard", "upstreams=1"] {
        assert!(hedges(nowhere) < 0.5, "{nowhere}");
    }
}

/// The one invariant that a lab with this error breaks.
#[track_caller]
fn broken(tamper: Tamper, words: &str) -> InvariantView {
    let lab = Box::leak(Box::new(AmbassadorLab { tamper }));
    broken_one(plan_of(lab, 1, 30, words))
}

#[test]
fn a_layer_that_knows_no_budget_is_found_out() {
    let broken = broken(Tamper::IgnoreBudget, "retry_budget=0.1 error_ratio=0.5");
    says(&broken, "layer 1 has made");
}

#[test]
fn an_ambassador_that_hedges_whatever_is_late_is_found_out() {
    let broken = broken(Tamper::HedgeFreely, "hedge_after=5ms");
    says(&broken, "hedges for");
}

#[test]
fn a_breaker_that_probes_too_early_is_found_out() {
    let broken = broken(Tamper::ProbeEarly, "breaker=on 5s:fail=1:1");
    says(&broken, "instance 1 probes after 2.5");
}

#[test]
fn a_call_that_leaves_bare_is_found_out() {
    let broken = broken(Tamper::LeaveBare, "");
    says(&broken, "without credentials");
}

#[test]
fn an_application_that_loses_requests_is_found_out() {
    let broken = broken(Tamper::LoseRequests, "");
    assert!(
        broken.name.starts_with("every request of the application"),
        "{broken:?}"
    );
}
