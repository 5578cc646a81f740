use super::plan;
use crate::event_pipeline::world::Tamper;
use crate::event_pipeline::{EventPipelineLab, LAB};
use crate::trial::{
    broken_one, get, has_all_of, last, near, plan_of, run_from, run_whole, says, value,
};
use crate::workbench::frame::{InvariantView, Statistic};
use crate::workbench::headless::Report;

#[test]
fn scripts_address_it_by_these_names() {
    has_all_of(
        &LAB,
        "arrival_rps partitions key workers stage_service buffer overflow window event_delay allowed_lateness \
         watermark_delay delivery checkpoint_every sink_batch skew \
         slow crash restart burst late_storm add_worker \
         end_to_end_ms stage_depth throughput_rps dropped_total spilled_bytes out_of_order_total late_dropped_total \
         window_error_ratio duplicates_total watermark_lag_s source_blocked_ratio fraud_caught_ratio fraud_false_total",
    );
}

#[test]
fn every_bid_is_counted_late_filtered_dropped_or_queued_whatever_happens() {
    let at = "5s:slow=enrich 9s:crash=split 20s:overflow=drop_old 25s:burst=5000 \
        30s:overflow=spill 35s:add_worker=enrich 40s:crash=fraud 45s:slow=enrich \
        50s:overflow=drop_new";
    for more in ["delivery=at_least", "delivery=at_most", "sink=add"] {
        let set = format!("{more} arrival_rps=300 enrich_service=exp:7ms buffer=300");
        let report = run_whole(plan(2, 60, &format!("{set} {at}")));
        assert!(value(&report, "dropped_total") > 100.0);
    }
}

#[test]
fn with_effectively_once_a_crash_leaves_no_trace_in_the_windows() {
    let set = "event_delay=const:0ms watermark_delay=1s arrival_rps=200";
    for stage in ["filter", "aggregate", "sink", "fraud"] {
        let crash = format!("33s:crash={stage}");
        let report = run_whole(plan(1, 60, &format!("{set} {crash}")));
        assert!(value(&report, "window_error_ratio") < 1e-9, "{stage}");
        assert!(value(&report, "duplicates_total") < 0.5, "{stage}");
        assert!(value(&report, "checkpoints_total") >= 4.0, "{stage}");
    }
}

#[test]
fn what_is_late_within_the_allowed_lateness_makes_a_better_result() {
    let late = |more: &str| {
        let set = format!("arrival_rps=200 {more}");
        value(&run_whole(plan(1, 80, &set)), "window_error_ratio")
    };
    let (none, ten) = (late(""), late("allowed_lateness=20s"));
    assert!(none > 0.005, "{none}");
    assert!(ten < 1e-6, "{ten}");
    // Who adds what should replace counts the first result twice.
    assert!(late("allowed_lateness=20s sink=add") > 0.05);
}

#[test]
fn sliding_windows_count_a_bid_twice_and_sessions_once() {
    let base = "event_delay=const:0ms watermark_delay=1s arrival_rps=200";
    let kinds = ["windows=sliding window=10s", "windows=session window=1s"];
    for kind in kinds {
        let set = format!("{base} {kind}");
        let report = run_whole(plan(1, 60, &format!("{set} 21s:crash=enrich")));
        assert!(value(&report, "window_error_ratio") < 1e-9, "{kind:?}");
        assert!(value(&report, "rows_total") > 300.0, "{kind:?}");
    }
    // Sessions that late bids make longer are told again, and what was told under another start is taken back.
    let set = "windows=session window=1s allowed_lateness=20s arrival_rps=200";
    let report = run_whole(plan(1, 60, set));
    assert!(value(&report, "window_error_ratio") < 1e-9);
}

#[test]
fn a_partition_that_is_silent_holds_all_windows_until_it_is_idle() {
    let at = "20s:silence=3";
    let lag = |idle: &str| {
        let report = run_whole(plan(1, 60, &format!("{idle} arrival_rps=100 {at}")));
        last(&report, "watermark_lag_s")
    };
    assert!(lag("idle_after=off") > 35.0);
    assert!(lag("idle_after=5s") < 4.0);
}

#[test]
fn one_insert_a_row_is_more_than_the_store_can_take() {
    let lag = |batch: &str| {
        let set = format!("{batch} arrival_rps=300 insert=const:60ms");
        let report = run_from(30, plan(1, 90, &set));
        get(&report, "end_to_end_ms", Statistic::P50)
    };
    let (many, one) = (lag("sink_batch=1000"), lag("sink_batch=1"));
    assert!(many < 4_000.0, "{many}");
    assert!(one > 2.0 * many, "{one}");
}

#[test]
fn a_worker_beyond_the_partitions_stands_idle() {
    let set = "partitions=2 workers=2 enrich_service=const:32ms arrival_rps=300";
    let rate = |at: &str| {
        let report = run_from(20, plan(1, 60, &format!("{set} {at}")));
        get(&report, "throughput_rps", Statistic::Mean)
    };
    let at = "5s:add_worker=enrich 5s:add_worker=enrich";
    let (two, four) = (rate(""), rate(at));
    assert!((two - four).abs() < 5.0, "{two} {four}");
}

#[test]
fn an_eager_rebalance_stops_all_lanes_and_a_cooperative_one_those_that_move() {
    let base = "event_delay=const:0ms skew=0 arrival_rps=300 key=none";
    let counted = |rule: &str| {
        let set = format!("{base} {rule} rebalance_pause=3s");
        let report = run_from(10, plan(1, 13, &format!("{set} 10s:add_worker=enrich")));
        value(&report, "counted_total")
    };
    // 120 a second pass the filter. Of eight lanes of two workers two move to the third.
    let (eager, cooperative) = (counted("rebalance=eager"), counted("rebalance=cooperative"));
    assert!(eager < 15.0, "{eager}");
    near(cooperative, 270.0, 30.0);
}

/// 200 bids a second that all pass, none of them late, and a checkpoint every ten seconds.
const PLAIN: &str =
    "event_delay=const:0ms pass_ratio=1 arrival_rps=200 arrivals=constant fraud_share=0";

#[test]
fn a_replay_reads_again_from_the_checkpoint_before_the_moment_and_a_store_that_replaces_shows_nothing_of_it()
 {
    let run = |more: &str| run_whole(plan(1, 120, &format!("{PLAIN} {more} 75s:replay=30")));
    let again = |report: &Report| value(report, "counted_total") - value(report, "bids_total");
    // From second 40 to second 75.
    let replaced = run("");
    near(again(&replaced), 7_000.0, 60.0);
    assert!(value(&replaced, "window_error_ratio") < 1e-9);
    // Each of the windows that were told since counts twice: three of eleven.
    let added = value(&run("sink=add"), "window_error_ratio");
    assert!((0.15..0.35).contains(&added), "{added}");
    // A job that knows one checkpoint goes back to that: five seconds.
    let one = run("checkpoints_kept=1");
    near(again(&one), 1_000.0, 60.0);
}

#[test]
fn positions_that_go_back_without_the_sums_count_again_what_is_still_open_and_find_the_rest_late() {
    let set = format!("{PLAIN} delivery=at_least");
    let report = run_whole(plan(1, 120, &format!("{set} 75s:replay=30")));
    // The window of second 70 is open: five seconds of it are counted twice.
    let twice = value(&report, "duplicates_total");
    near(twice, 1_000.0, 450.0);
    let late = value(&report, "late_dropped_total");
    assert!((late + twice - 7_000.0).abs() < 60.0, "{late} {twice}");
}

#[test]
fn at_most_keeps_nothing_that_could_be_read_again() {
    let set = format!("{PLAIN} delivery=at_most");
    let report = run_whole(plan(1, 60, &format!("{set} 40s:replay=30")));
    assert!(value(&report, "duplicates_total") < 0.5);
    assert!(value(&report, "counted_total") <= value(&report, "bids_total"));
}

#[test]
fn a_hold_that_comes_when_its_bid_is_given_up_is_counted_as_late() {
    let set = "join_within=5s event_delay=exp:1s watermark_delay=0s arrival_rps=200 partitions=1";
    let report = run_whole(plan(1, 120, set));
    // 40 % of 200 a second pass for 120 s, and 63 % of their holds are in time. 12 % of these are on their way when the
    // watermark passes the interval, and some more come before a bid that is itself late.
    let late = value(&report, "join_late_total");
    let in_time = 0.4 * 200.0 * 120.0 * 0.632;
    assert!((0.12..0.22).contains(&(late / in_time)), "{late}");
}

/// The one invariant that a lab with this error breaks.
#[track_caller]
fn broken(tamper: Tamper, words: &str) -> InvariantView {
    let lab = Box::leak(Box::new(EventPipelineLab { tamper }));
    broken_one(plan_of(lab, 1, 40, words))
}

#[test]
fn a_filter_that_loses_bids_is_found_out() {
    let broken = broken(Tamper::LoseBids, "delivery=at_least");
    assert!(broken.detail.starts_with("filter:"), "{broken:?}");
}

#[test]
fn a_stage_that_changes_lanes_is_found_out() {
    let broken = broken(
        Tamper::ChangeLanes,
        "event_delay=const:0ms delivery=at_least",
    );
    says(&broken, "after a later one of lot");
}

#[test]
fn a_joiner_that_knows_no_interval_is_found_out() {
    let broken = broken(Tamper::JoinAnything, "join_within=5s");
    says(&broken, "at most 5s is right");
}

#[test]
fn a_restart_that_keeps_the_sums_and_not_the_positions_is_found_out() {
    let broken = broken(Tamper::KeepSums, "event_delay=const:0ms 18s:crash=enrich");
    says(&broken, "in the store");
}
