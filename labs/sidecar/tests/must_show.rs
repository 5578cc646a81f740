use super::plan;
use crate::trial::{get, last, run_from, run_whole, value};
use crate::workbench::frame::Statistic;

/// 600 lines a second of 200 bytes: 8 MB are 66 s.
const SMALL: &str = "volume_mb=8 rotate_mb=1 on_full=drop_old";

#[test]
fn an_outage_makes_lines_late_and_loses_them_only_when_the_volume_is_full() {
    let short = run_whole(plan(1, 60, &format!("{SMALL} 10s:sink_down")));
    let lag = last(&short, "log_lag_s");
    assert!((49.0..51.5).contains(&lag), "{lag}");
    assert!(value(&short, "lines_lost_total") < 0.5);
    assert!(value(&short, "success_ratio") > 0.999);
    let long = run_whole(plan(1, 150, &format!("{SMALL} 10s:sink_down 130s:sink_up")));
    // 120 s write 72,000 lines; between 35,000 and 40,000 of them fit, by whole files; and the shipper hears up to 5 s
    // later, 3,000 lines, that the store is back.
    let lost = value(&long, "lines_lost_total");
    assert!((31_000.0..41_000.0).contains(&lost), "{lost}");
}

#[test]
fn a_backlog_is_worked_off_at_what_the_store_takes_beyond_the_load() {
    // 30 s of 600 lines at 600 more a second: 30 s.
    let set = "sink_rps=1200 sink_latency=const:0ms ship_batch=200";
    let at = "10s:sink_down 40s:sink_up";
    let busy = run_whole(plan(1, 62, &format!("{set} {at}")));
    assert!(
        last(&busy, "log_lag_s") > 3.0,
        "{}",
        last(&busy, "log_lag_s")
    );
    let done = run_whole(plan(1, 80, &format!("{set} {at}")));
    assert!(
        last(&done, "log_lag_s") < 1.5,
        "{}",
        last(&done, "log_lag_s")
    );
}

#[test]
fn a_crash_of_the_shipper_repeats_lines_or_loses_them_as_it_saves_its_offset() {
    let crashes: Vec<String> = (1..20)
        .map(|n| format!("{}s:crash=shipper", 5 * n))
        .collect();
    let crashes = crashes.join(" ");
    let with = |checkpoint: &str| {
        let report = run_whole(plan(
            1,
            110,
            &format!("{checkpoint} sink_latency=const:400ms {crashes}"),
        ));
        (
            value(&report, "lines_lost_total"),
            value(&report, "lines_duplicated_total"),
        )
    };
    let (lost, twice) = with("checkpoint=acknowledged");
    assert!(lost < 0.5 && twice > 100.0, "{lost} lost, {twice} twice");
    let (lost, twice) = with("checkpoint=read");
    assert!(lost > 100.0 && twice < 0.5, "{lost} lost, {twice} twice");
}

#[test]
fn a_heavy_sidecar_without_a_limit_takes_the_tail_of_the_application() {
    let p99 = |set: &str, at: &str| {
        let set = format!("arrival_rps=250 {set}");
        get(
            &run_from(20, plan(1, 60, &format!("{set} {at}"))),
            "latency_ms",
            Statistic::P99,
        )
    };
    let heavy = "10s:heavy=shipper";
    let (usual, unlimited) = (p99("", ""), p99("", heavy));
    let limited = p99("sidecar_cpu_limit=100", heavy);
    assert!(unlimited > 1.5 * usual, "{usual} became {unlimited}");
    assert!(limited < 0.85 * unlimited, "{limited} of {unlimited}");
}

#[test]
fn a_library_that_waits_stands_still_without_its_store_and_a_sidecar_does_not() {
    let answered = |set: &str| {
        value(
            &run_from(45, plan(1, 90, &format!("{set} 20s:sink_down"))),
            "success_ratio",
        )
    };
    let library = answered("mode=library on_full=block");
    assert!(library < 0.02, "{library}");
    assert!(answered("mode=sidecar on_full=block") > 0.999);
}

#[test]
fn a_clean_stop_loses_lines_and_requests_only_with_ordinary_sidecars() {
    let stop = |proxy: &str, native: &str| {
        let report = run_whole(plan(1, 60, &format!("{proxy} {native} 20s:terminate")));
        (
            value(&report, "lines_lost_total"),
            value(&report, "errors_total"),
        )
    };
    for proxy in ["proxy=mtls", "proxy=off"] {
        let (lines, requests) = stop(proxy, "native_sidecar=on");
        assert!(lines + requests < 0.5, "{lines} lines, {requests} requests");
    }
    // Two seconds without a proxy at the end, and one at the start: 600 requests.
    let (_, requests) = stop("proxy=mtls", "native_sidecar=off");
    assert!((500.0..700.0).contains(&requests), "{requests}");
    // Two seconds without a shipper: 1,200 lines.
    let (lines, requests) = stop("proxy=off", "native_sidecar=off");
    assert!((1_000.0..1_400.0).contains(&lines), "{lines}");
    assert!(requests < 0.5, "{requests}");
}
