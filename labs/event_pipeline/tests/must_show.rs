use super::plan;
use crate::trial::{get, near, over_seeds, run_from, run_whole, value};
use crate::workbench::frame::Statistic;
use crate::workbench::headless::Report;

/// Service times that do not vary, and bids that are evenly spaced: so rates are what the arithmetic says. 250 a second
/// come; enrich does 500, and 50 when it is slow.
const EVEN: &str = "arrivals=constant arrival_rps=250 event_delay=const:0ms \
    stage_service=const:0.4ms enrich_service=const:4ms pass_ratio=1 key=none buffer=250 \
    fraud_share=0";

#[test]
fn a_buffer_fills_in_its_size_by_the_difference_of_the_rates_and_then_pressure_reaches_the_log() {
    // The 250 places of enrich are taken 1.25 s later, and those of the filter as long after that.
    let at = |second: u64, metric: &str| {
        let report = run_from(
            second,
            plan(1, second + 1, &format!("{EVEN} 10s:slow=enrich")),
        );
        get(&report, metric, Statistic::Mean)
    };
    let depth = at(10, "enrich_depth");
    near(depth, 100.0, 15.0);
    assert!(at(10, "source_blocked_ratio") < 0.01);
    assert!(at(13, "source_blocked_ratio") > 0.9);
    // From 12.5 s on 200 a second stay in the log.
    let log = at(20, "log_depth");
    near(log, 8.0 * 200.0, 60.0);
}

#[test]
fn a_buffer_ten_times_as_large_buys_ten_times_the_time_and_no_throughput() {
    let run = |buffer: &str, from: u64, to: u64| {
        let set = format!("{EVEN} {buffer}");
        run_from(from, plan(1, to, &format!("{set} 10s:slow=enrich")))
    };
    let blocked = |second: u64| {
        let report = run("buffer=2500", second, second + 1);
        get(&report, "source_blocked_ratio", Statistic::Mean)
    };
    assert!(blocked(33) < 0.01, "{}", blocked(33));
    assert!(blocked(37) > 0.9, "{}", blocked(37));
    for buffer in ["buffer=250", "buffer=2500"] {
        let rate = get(&run(buffer, 40, 60), "throughput_rps", Statistic::Mean);
        near(rate, 50.0, 1.5);
    }
}

#[test]
fn each_overflow_rule_loses_what_it_says() {
    let run = |rule: &str| {
        // At random moments: evenly spaced bids may find the one free place always for the same worker.
        let set = format!("{EVEN} arrivals=poisson {rule}");
        run_from(20, plan(1, 40, &format!("{set} 10s:slow=enrich")))
    };
    let dropped = |report: &Report| value(report, "dropped_total");
    assert!(dropped(&run("overflow=backpressure")) < 0.5);
    // 200 a second for 20 s. The newest wait behind a full buffer, 250 places at 50 a second.
    let newest = run("overflow=drop_new");
    near(dropped(&newest), 4_000.0, 300.0);
    let age = get(&newest, "event_ms", Statistic::P50);
    near(age, 5_000.0, 400.0);
    let oldest = run("overflow=drop_old");
    near(dropped(&oldest), 4_000.0, 300.0);
    let disk = run("overflow=spill");
    assert!(dropped(&disk) < 0.5);
    // After 30 s 6,000, of which 250 in memory, 500 bytes each.
    let megabytes = get(&disk, "spilled_bytes", Statistic::Max) / 1e6;
    near(megabytes, 2.875, 0.2);
}

#[test]
fn the_sunday_of_the_page() {
    // 4,000 a second for two minutes, then 500, at two workers that take 2 ms: a backlog of 360,000 that is gone 720 s
    // later. Here a hundredth of it at a quarter of the rates: 3,600 at 125 a second to spare are gone after 28.8 s.
    let more = "arrival_rps=125 enrich_service=const:8ms overflow=spill";
    let set = format!("{EVEN} {more}");
    let depth = |second: u64| {
        let report = run_from(
            second,
            plan(1, second + 1, &format!("{set} 10s:burst=3600")),
        );
        get(&report, "enrich_depth", Statistic::Mean)
    };
    let half_way = depth(24);
    assert!(
        (half_way - 3_600.0 + 14.5 * 125.0).abs() < 60.0,
        "{half_way}"
    );
    assert!(depth(36) > 150.0, "{}", depth(36));
    assert!(depth(40) < 5.0, "{}", depth(40));
}

#[test]
fn the_late_share_is_mean_by_window_times_e_to_the_minus_delay_by_mean() {
    for (delay, seconds) in [("0s", 0.0), ("2s", 2.0)] {
        let behind = format!("watermark_delay={delay}");
        // One partition, so that the newest bid is of just now.
        let set = format!(
            "partitions=1 workers=1 arrival_rps=200 pass_ratio=1 fraud_share=0 \
                stage_service=const:0.1ms enrich_service=const:0.1ms {behind}"
        );
        let [share] = over_seeds(
            0,
            |seed| plan(seed, 120, &set),
            |report| [value(report, "window_error_ratio")],
        );
        // (m / W) e^(-D / m) (1 - e^(-W / m)). The newest bid that has come happened sqrt(pi m / 2 rate) ago, 89 ms, and
        // the watermark is 100 ms old on average.
        let law = 0.1 * libm::exp(-seconds) * (1.0 - libm::exp(-10.0));
        let behind_the_law = libm::exp(-(0.089 + 0.1));
        share.is(law * behind_the_law, 0.05, 0.08);
    }
}

#[test]
fn a_later_watermark_makes_results_later_by_as_much() {
    let age = |behind: &str| {
        let set = format!("{behind} insert=const:0ms arrival_rps=200");
        let report = run_from(20, plan(1, 90, &set));
        get(&report, "end_to_end_ms", Statistic::Mean)
    };
    let more = age("watermark_delay=8s") - age("watermark_delay=2s");
    near(more, 6_000.0, 150.0);
}

#[test]
fn order_holds_per_key_and_where_there_is_no_key_there_is_no_order() {
    let disorder = |key: &str| {
        let set = format!("{key} event_delay=const:0ms");
        let report = run_whole(plan(1, 20, &format!("{set} 10s:burst=5000")));
        value(&report, "out_of_order_total")
    };
    assert!(disorder("key=auction") < 0.5);
    assert!(disorder("key=bidder") > 500.0, "{}", disorder("key=bidder"));
    assert!(disorder("key=none") > 500.0, "{}", disorder("key=none"));
}

#[test]
fn at_least_once_counts_twice_what_came_since_the_last_checkpoint_and_at_most_loses_what_is_under_way()
 {
    let base = "event_delay=const:0ms watermark_delay=1s pass_ratio=1 skew=0 arrival_rps=200 \
        fraud_share=0";
    // 18 s: eight seconds after the last checkpoint.
    let run = |more: &str| {
        let set = format!("{base} {more}");
        run_whole(plan(1, 60, &format!("{set} 18s:crash=aggregate")))
    };
    let twice = run("delivery=at_least");
    let duplicates = value(&twice, "duplicates_total");
    near(duplicates, 1_600.0, 120.0);
    assert!(value(&twice, "window_error_ratio") > 0.1);
    let less = run("delivery=at_most");
    assert!(value(&less, "duplicates_total") < 0.5);
    assert!(value(&less, "window_error_ratio") < 0.01);
    assert!(value(&run("delivery=effectively_once"), "window_error_ratio") < 1e-9);
    // Sums and positions saved together are not enough where a result that comes again is added.
    assert!(value(&run("sink=add"), "window_error_ratio") > 0.1);
}

#[test]
fn shills_are_caught_where_the_bids_of_an_account_come_together() {
    let run = |more: &str| {
        let set = format!("arrival_rps=200 fraud_share=0.05 {more}");
        run_whole(plan(1, 90, &set))
    };
    let together = run("key=bidder fraud_bids=8");
    assert!(value(&together, "fraud_caught_ratio") > 0.999);
    assert!(value(&together, "fraud_false_total") < 3.0);
    // A rule that is too keen: the second bid of anybody on the lots of a seller.
    let keen = run("key=bidder fraud_bids=2");
    assert!(value(&keen, "fraud_false_total") > 50.0);
    assert!(value(&together, "fraud_precision_ratio") > value(&keen, "fraud_precision_ratio"));
    assert!(value(&run(""), "fraud_caught_ratio") < 0.2);
}

#[test]
fn a_reader_that_may_be_skipped_is_skipped_and_one_that_must_have_all_holds_the_other_up() {
    let run = |waits: &str| {
        let set = format!("{waits} key=bidder arrival_rps=250 stage_service=exp:2ms buffer=250");
        run_from(30, plan(1, 60, &format!("{set} 10s:slow=fraud")))
    };
    // Two workers at 20 ms do 100 of 250.
    let skipped = run("fraud_waits=off");
    let count = value(&skipped, "skipped_total");
    near(count, 4_500.0, 500.0);
    let rate = |report: &Report| get(report, "throughput_rps", Statistic::Mean);
    near(rate(&skipped), 100.0, 8.0);
    let waits = run("fraud_waits=on");
    assert!(value(&waits, "skipped_total") < 0.5);
    near(rate(&waits), 40.0, 8.0);
}

#[test]
fn a_join_meets_the_holds_of_its_interval_and_keeps_no_more_than_the_interval() {
    let set = "join_within=5s hold_after=exp:5s event_delay=const:0ms pass_ratio=1 arrival_rps=200 \
        fraud_share=0";
    let [joined, kept] = over_seeds(
        20,
        |seed| plan(seed, 120, set),
        |report| {
            let kept = get(report, "join_depth", Statistic::Mean);
            [value(report, "joined_ratio"), kept]
        },
    );
    let met = 1.0 - libm::exp(-1.0);
    joined.is(met, 0.01, 0.0);
    // Little's law. The watermark is two seconds behind, 0.1 s old, and 0.04 s pass until the next bid of the lane. A bid
    // waits for its hold, or until the watermark has passed its interval; a hold that finds its bid given up waits
    // until the watermark has passed it.
    let behind = 2.14;
    let given_up = libm::exp(-(5.0 + behind) / 5.0);
    let waits = 5.0 * met + (1.0 - met) * behind + given_up * behind;
    kept.is(200.0 * waits, 0.02, 0.02);
}
