//! A pipeline: held against its lab, what a slow stage, a rebalance and a crash do to it, and events that get lost.

use super::{Tamper, get, lab_of, run, seconds, tampered, value};
use ddlab_labs::engine::SimTime;
use ddlab_labs::event_pipeline;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::plan::RunPlan;

fn clicks(rps: u32, parameters: &str, faults: &str) -> String {
    format!(
        "design: d\nclients: {{users: {{rps: {rps}, calls: [{{to: clicks}}]}}}}\n\
         components: {{clicks: {{kind: pipeline, {parameters}}}}}\nfaults: [{faults}]\n"
    )
}

/// The lab's run at the same parameters: all lots alike, and no shills.
fn of_the_lab(seed: u64, length: u64, set: &[&str]) -> Report {
    let mut plan = RunPlan::new(&event_pipeline::LAB, seed);
    for set in ["skew=0", "fraud_share=0"].iter().chain(set) {
        plan.knobs.set_text(set).unwrap();
    }
    plan.length = SimTime::from_secs(length);
    headless::run(plan).unwrap()
}

/// The mean over the seeds of a figure of ours and of theirs.
fn both(
    (rps, parameters): (u32, &str),
    set: &[&str],
    (ours, theirs): (&str, &str),
    statistic: Statistic,
) -> (f64, f64) {
    let lab = lab_of(&clicks(rps, parameters, ""));
    let (mut mine, mut other) = (0.0, 0.0);
    for seed in super::seeds(3) {
        mine += get(&run(seconds(lab, seed, 60)), ours, statistic);
        other += get(&of_the_lab(seed, 60, set), theirs, statistic);
    }
    let runs = super::seeds(3).count() as f64;
    (mine / runs, other / runs)
}

#[test]
fn late_events_are_missed_as_often_as_in_the_lab() {
    let (ours, theirs) = both(
        (500, "watermark_delay: 1s, event_delay: \"exp:1s\""),
        &[
            "arrival_rps=500",
            "watermark_delay=1s",
            "event_delay=exp:1s",
        ],
        ("clicks_window_error_ratio", "window_error_ratio"),
        Statistic::Value,
    );
    assert!(theirs > 0.01, "{theirs}");
    assert!((ours / theirs - 1.0).abs() < 0.15, "{ours} and {theirs}");
}

#[test]
fn events_take_as_long_as_in_the_lab() {
    let (ours, theirs) = both(
        (1_000, "enrich_service: \"exp:4ms\""),
        &["arrival_rps=1000", "enrich_service=exp:4ms"],
        ("clicks_event_ms", "event_ms"),
        Statistic::Mean,
    );
    assert!((ours / theirs - 1.0).abs() < 0.15, "{ours} and {theirs}");
}

#[test]
fn a_slow_stage_fills_the_log_as_in_the_lab() {
    // 400 a second pass the filter, and enrich does 200.
    let (ours, theirs) = both(
        (1_000, "enrich_service: \"exp:10ms\""),
        &["arrival_rps=1000", "enrich_service=exp:10ms"],
        ("clicks_log_depth", "log_depth"),
        Statistic::Max,
    );
    assert!(theirs > 10_000.0, "{theirs}");
    assert!((ours / theirs - 1.0).abs() < 0.1, "{ours} and {theirs}");
}

#[test]
fn a_full_buffer_that_drops_loses_as_much_as_in_the_lab() {
    let (ours, theirs) = both(
        (
            1_000,
            "enrich_service: \"exp:10ms\", overflow: drop_new, buffer: 100",
        ),
        &[
            "arrival_rps=1000",
            "enrich_service=exp:10ms",
            "overflow=drop_new",
            "buffer=100",
            // The lab's second branch has a buffer, too.
            "stage_service=exp:0.5ms",
        ],
        ("clicks_dropped_total", "dropped_total"),
        Statistic::Value,
    );
    assert!(theirs > 1_000.0, "{theirs}");
    assert!((ours / theirs - 1.0).abs() < 0.1, "{ours} and {theirs}");
}

#[test]
fn a_crash_of_the_job_loses_nothing_and_the_log_lives() {
    let lab = lab_of(&clicks(
        500,
        "event_delay: \"const:100ms\"",
        "{at: 60s, do: job_crash, what: clicks}",
    ));
    let report = run(seconds(lab, 1, 180));
    assert!(value(&report, "users_error_ratio") < 1e-9);
    assert!(value(&report, "clicks_window_error_ratio") < 1e-9);
    assert!(get(&report, "clicks_log_depth", Statistic::Max) > 1_500.0);
}

#[test]
fn a_storm_of_rebalances_holds_the_windows_up_and_the_story_says_so() {
    let fault = "{at: 60s, do: rebalance, what: clicks, for: 120s}";
    let parameters = "rebalance: eager, rebalance_pause: 20s, enrich_service: \"exp:4ms\"";
    let lab = lab_of(&clicks(500, parameters, fault));
    let calm = run(seconds(lab, 1, 60));
    assert!(get(&calm, "clicks_watermark_lag_s", Statistic::Max) < 15.0);
    let report = run(seconds(lab, 1, 240));
    assert!(get(&report, "clicks_watermark_lag_s", Statistic::Max) > 18.0);
    assert!(get(&report, "clicks_log_depth", Statistic::Max) > 2_000.0);
}

#[test]
fn a_pipeline_that_loses_events_is_found_out() {
    let text = clicks(500, "", "");
    let report = headless::run(seconds(tampered(&text, Tamper::LoseEvents), 1, 90)).unwrap();
    for view in &report.invariants {
        let is_windows = view.name.contains("a window of a pipeline");
        assert_eq!(view.held, !is_windows, "{}: {}", view.name, view.detail);
    }
}
