use super::plan;
use crate::sidecar::world::Tamper;
use crate::sidecar::{LAB, SidecarLab};
use crate::trial::{
    broken_one, get, has_all_of, last, near, plan_of, run_from, run_whole, says, value,
};
use crate::workbench::frame::{InvariantView, Statistic};

#[test]
fn scripts_address_it_by_these_names() {
    has_all_of(
        &LAB,
        "arrival_rps service log_lines_per_request line_bytes volume_mb rotate_mb on_full ship_batch ship_every sink_rps \
         sink_latency mode proxy proxy_cpu cpu_millis sidecar_cpu_limit native_sidecar reload poll_every cert_ttl \
         sink_down sink_up crash restart upgrade heavy config_change bad_config terminate \
         latency_ms app_cpu_ratio sidecar_cpu_ratio pod_memory_mb log_lag_s lines_written_total lines_shipped_total \
         lines_lost_total lines_duplicated_total volume_used_mb app_restarts_total config_age_s handshakes_total \
         plaintext_total",
    );
}

#[test]
fn every_request_ends_once_whatever_becomes_of_it() {
    let set = "proxy=mtls arrival_rps=400 timeout=50ms";
    let at = "5s:crash=proxy 12s:crash=app 20s:heavy=app 30s:arrival_rps=0.1";
    let report = run_whole(plan(2, 40, &format!("{set} {at}")));
    let ended = value(&report, "answered_total") + value(&report, "errors_total");
    near(ended, value(&report, "requests_total"), 0.5);
    assert!(value(&report, "errors_total") > 1_000.0);
}

#[test]
fn a_container_is_named_by_its_word_or_its_number() {
    let by = |action: &str| run_whole(plan(1, 20, action)).digest();
    assert_eq!(by("5s:crash=shipper"), by("5s:crash=2"));
}

#[test]
fn each_rule_for_a_full_volume_pays_in_its_own_coin() {
    let full = |on_full: &str| {
        let on_full = format!("on_full={on_full}");
        let set = format!("volume_mb=1 rotate_mb=1 {on_full}");
        run_whole(plan(1, 60, &format!("{set} 5s:sink_down")))
    };
    let blocked = full("block");
    assert!(value(&blocked, "lines_lost_total") < 0.5);
    assert!(value(&blocked, "success_ratio") < 0.5);
    for dropping in ["drop_new", "drop_old"] {
        let report = full(dropping);
        assert!(value(&report, "lines_lost_total") > 10_000.0, "{dropping}");
        assert!(value(&report, "success_ratio") > 0.999, "{dropping}");
    }
}

#[test]
fn a_node_agent_that_is_far_behind_loses_what_the_kubelet_throws_away() {
    let set = "mode=node_agent arrival_rps=1000 cpu_ratio=0.05";
    // 600 kB a second: 10 MiB, which it can always reach, are 17 s.
    let short = run_whole(plan(1, 60, &format!("{set} 5s:sink_down 13s:sink_up")));
    assert!(value(&short, "lines_lost_total") < 0.5);
    let long = run_whole(plan(1, 120, &format!("{set} 5s:sink_down 105s:sink_up")));
    assert!(value(&long, "lines_lost_total") > 50_000.0);
}

#[test]
fn an_upgrade_of_the_shipper_restarts_the_application_only_as_a_library() {
    let restarts = |mode: &str| {
        let report = run_whole(plan(1, 30, &format!("{mode} 10s:upgrade=shipper")));
        value(&report, "app_restarts_total")
    };
    near(restarts("mode=library"), 1.0, 0.5);
    assert!(restarts("mode=sidecar") < 0.5);
}

#[test]
fn a_change_is_taken_when_it_is_noticed_and_a_wrong_one_never() {
    let age = |words: &str| last(&run_whole(plan(1, 100, words)), "config_age_s");
    assert!(age("reload=watch 15s:config_change") < 0.01);
    assert!(age("reload=poll poll_every=60s 15s:config_change") < 0.01);
    near(age("15s:config_change"), 85.0, 0.2);
    let wrong = run_whole(plan(1, 60, "reload=watch 30s:bad_config"));
    near(value(&wrong, "config_rejected_total"), 1.0, 0.5);
    assert!(value(&wrong, "app_restarts_total") < 0.5);
    assert!(value(&wrong, "success_ratio") > 0.999);
    // One that reads it at its start does not come up until it is right.
    let at = "10s:bad_config 15s:restart=app 40s:config_change";
    let down = run_from(20, plan(1, 60, at));
    assert!(
        (0.15..0.6).contains(&value(&down, "success_ratio")),
        "{}",
        value(&down, "success_ratio")
    );
}

#[test]
fn a_certificate_is_replaced_at_half_of_its_time_with_a_handshake_for_each_peer() {
    let set = "proxy=mtls cert_ttl=60s";
    let report = run_whole(plan(1, 100, set));
    // At 0, 30, 60 and 90 s.
    near(value(&report, "handshakes_total"), 80.0, 0.5);
    assert!(value(&report, "plaintext_total") < 0.5);
    let crashed = run_whole(plan(1, 100, &format!("{set} 40s:crash=proxy")));
    assert!(value(&crashed, "plaintext_total") < 0.5);
    assert!(value(&crashed, "errors_total") > 400.0);
}

#[test]
fn the_bill_counts_shippers_by_the_pod_or_by_the_machine() {
    let bill = |mode: &str| {
        last(
            &run_whole(plan(1, 5, &format!("{mode} pods=1000 machines=50"))),
            "overhead_usd_month",
        )
    };
    // 0.05 cores at 15 and 0.1 GB at 2 dollars: 0.95 a month.
    near(bill("mode=sidecar"), 950.0, 0.1);
    near(bill("mode=node_agent"), 47.5, 0.1);
    assert!(bill("mode=library") < 0.1);
}

/// The one invariant that a lab with this error breaks.
#[track_caller]
fn broken(tamper: Tamper, words: &str) -> InvariantView {
    let lab = Box::leak(Box::new(SidecarLab { tamper }));
    broken_one(plan_of(lab, 1, 60, words))
}

#[test]
fn a_log_that_loses_lines_no_longer_adds_up() {
    let broken = broken(Tamper::LoseLines, "");
    assert!(broken.name.starts_with("lines written"), "{broken:?}");
}

#[test]
fn an_application_that_waits_for_the_store_is_found_out() {
    let broken = broken(Tamper::WaitForTheStore, "");
    says(&broken, "and there was room");
}

#[test]
fn a_request_that_goes_round_its_proxy_is_found_out() {
    let broken = broken(Tamper::GoRound, "proxy=mtls 10s:crash=proxy");
    says(&broken, "in plain text");
}

#[test]
fn a_shipper_that_stops_first_is_found_out() {
    let broken = broken(Tamper::StopTheShipperFirst, "10s:terminate");
    says(&broken, "were lost in a clean stop");
}

#[test]
fn a_pod_that_loses_requests_is_found_out() {
    let broken = broken(Tamper::LoseRequests, "");
    assert!(
        broken.name.starts_with("every request to the pod"),
        "{broken:?}"
    );
}

#[test]
fn the_processor_is_used_as_the_load_says() {
    let report = run_from(5, plan(1, 60, "proxy=mtls"));
    // 200 requests of 5.42 ms, a fifth of which is computing; the proxy's 0.2 ms each, and 600 lines of 5 µs.
    let app = get(&report, "app_cpu_ratio", Statistic::Mean);
    near(app / 0.2167, 1.0, 0.05);
    let sidecars = get(&report, "sidecar_cpu_ratio", Statistic::Mean);
    near(sidecars / 0.043, 1.0, 0.08);
}
