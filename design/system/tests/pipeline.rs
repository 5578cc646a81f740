//! A pipeline: held against its lab, what a slow stage, a rebalance and a crash do to it, and events that get lost.

use super::paired::{Figure, Paired};
use super::{Tamper, get, is_found_out_in, lab_of, run, seconds, value};
use ddlab_labs::workbench::frame::Statistic;

fn clicks(rps: u32, parameters: &str, faults: &str) -> String {
    format!(
        "design: d\nclients: {{users: {{rps: {rps}, calls: [{{to: clicks}}]}}}}\n\
         components: {{clicks: {{kind: pipeline, {parameters}}}}}\nfaults: [{faults}]\n"
    )
}

/// Holds a figure of this pipeline against the lab's at the same parameters: all lots alike, and no shills.
#[track_caller]
fn is_as_its_lab((rps, parameters): (u32, &str), set: &[&str], figure: Figure<'_>) -> f64 {
    let rate = format!("arrival_rps={rps}");
    let alike = ["skew=0", "fraud_share=0", &rate];
    let paired = Paired {
        design: &clicks(rps, parameters, ""),
        lab: "event-pipeline",
        set: &[&alike[..], set].concat(),
        script: &[],
        length: 60,
        warmup: 0,
    };
    paired.agree(&[figure])[0]
}

#[test]
fn late_events_are_missed_as_often_as_in_the_lab() {
    let missed = is_as_its_lab(
        (500, "watermark_delay: 1s, event_delay: \"exp:1s\""),
        &["watermark_delay=1s", "event_delay=exp:1s"],
        Figure {
            ours: "clicks_window_error_ratio",
            theirs: "window_error_ratio",
            statistic: Statistic::Value,
            apart: 0.0,
            deviation: 0.0019,
        },
    );
    assert!(missed > 0.01, "{missed}");
}

#[test]
fn events_take_as_long_as_in_the_lab() {
    is_as_its_lab(
        (1_000, "enrich_service: \"exp:4ms\""),
        &["enrich_service=exp:4ms"],
        Figure {
            ours: "clicks_event_ms",
            theirs: "event_ms",
            statistic: Statistic::Mean,
            apart: 0.0,
            deviation: 2.3,
        },
    );
}

#[test]
fn a_slow_stage_fills_the_log_as_in_the_lab() {
    // 400 a second pass the filter, and enrich does 200.
    let depth = is_as_its_lab(
        (1_000, "enrich_service: \"exp:10ms\""),
        &["enrich_service=exp:10ms"],
        Figure {
            ours: "clicks_log_depth",
            theirs: "log_depth",
            statistic: Statistic::Max,
            apart: 0.0,
            deviation: 865.0,
        },
    );
    assert!(depth > 10_000.0, "{depth}");
}

#[test]
fn a_full_buffer_that_drops_loses_as_much_as_in_the_lab() {
    let lost = is_as_its_lab(
        (
            1_000,
            "enrich_service: \"exp:10ms\", overflow: drop_new, buffer: 100",
        ),
        &[
            "enrich_service=exp:10ms",
            "overflow=drop_new",
            "buffer=100",
            // The lab's second branch has a buffer, too.
            "stage_service=exp:0.5ms",
        ],
        Figure {
            ours: "clicks_dropped_total",
            theirs: "dropped_total",
            statistic: Statistic::Value,
            apart: 0.0,
            deviation: 310.0,
        },
    );
    assert!(lost > 1_000.0, "{lost}");
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
    is_found_out_in(
        &clicks(500, "", ""),
        Tamper::LoseEvents,
        "a window of a pipeline",
    );
}
