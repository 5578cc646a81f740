use super::plan;
use crate::trial::{get, last, near, over_seeds, run_from, value};
use crate::workbench::frame::Statistic;

#[test]
fn after_a_rename_one_adapter_shows_a_calm_zero_and_the_other_a_hole_that_is_counted() {
    let after = |strict: &str| run_from(100, plan(1, 160, &format!("{strict} 20s:rename_field=3")));
    let zero = after("strict=zero");
    // The fraction of one service in ten that nobody sees any longer.
    near(last(&zero, "seen_rps") / last(&zero, "true_rps"), 0.9, 0.05);
    near(last(&zero, "rate_error_ratio"), 0.1, 0.05);
    assert!(last(&zero, "holes") < 0.5 && value(&zero, "parse_errors_total") < 0.5);
    assert!(last(&zero, "up_ratio") > 0.999);
    let skip = after("strict=skip");
    near(last(&skip, "holes"), 1.0, 0.1);
    assert!(last(&skip, "rate_error_ratio") < 0.05);
    // One a scrape, four scrapes a minute.
    near(value(&skip, "parse_errors_total"), 4.0, 0.5);
    let fail = after("strict=fail");
    near(last(&fail, "up_ratio"), 0.9, 1e-9);
    near(last(&fail, "holes"), 1.0, 0.1);
}

#[test]
fn a_service_that_only_sends_increments_is_a_flat_line_and_a_name_that_is_unknown() {
    let report = run_from(120, plan(1, 180, "20s:rename_field=2"));
    assert!(last(&report, "holes") < 0.5);
    near(
        last(&report, "seen_rps") / last(&report, "true_rps"),
        0.9,
        0.05,
    );
    assert!(value(&report, "parse_errors_total") > 3.5);
}

#[test]
fn a_rate_survives_a_reset_but_for_what_came_after_the_last_look() {
    // All ten are reset at once: of each, half a scrape's requests are lost in the mean, of four scrapes.
    let resets: Vec<String> = (1..=10).map(|n| format!("90s:counter_reset={n}")).collect();
    let (resets, set) = (resets.join(" "), "arrivals=constant");
    let report = run_from(0, plan(1, 110, &format!("{set} {resets}")));
    let lost = 1.0 - last(&report, "seen_rps") / last(&report, "true_rps");
    // The two that send increments lose what they had not sent, and so does nobody more than a scrape's.
    assert!((0.05..0.2).contains(&lost), "{lost}");
    let calm = run_from(0, plan(1, 110, set));
    let error = last(&calm, "rate_error_ratio");
    assert!(error < 0.01, "{error}");
}

#[test]
fn a_peak_is_seen_as_often_as_a_scrape_falls_into_it() {
    let seen = |every: &str, give: f64, expected: f64| {
        let [seen] = over_seeds(
            0,
            |seed| plan(seed, 900, &format!("{every} arrival_rps=0.1 services=20")),
            |report| [value(report, "peaks_seen_ratio")],
        );
        seen.is(expected, 0.1, give);
    };
    // A peak of 5 s.
    seen("scrape_every=15s", 0.02, 5.0 / 15.0);
    seen("scrape_every=60s", 0.04, 5.0 / 60.0);
    seen("scrape_every=5s", 0.02, 1.0);
}

#[test]
fn a_label_for_everybody_makes_as_many_series_as_there_were_bidders() {
    let set = "services=2 arrival_rps=100 label_values=2000 target_latency=const:1ms";
    let [series] = over_seeds(
        0,
        |seed| plan(seed, 60, &format!("{set} 1ms:explode_labels")),
        |report| [last(report, "series")],
    );
    // The one that speaks statsd is scraped at 52.5 s for the last time; N (1 - exp(-bids / N)) have bid by then, and
    // there are 6 series a service without a label.
    let bidders = 2_000.0 * (1.0 - libm::exp(-5_250.0 / 2_000.0));
    series.is(bidders + 12.0, 0.01, 0.01);
}

#[test]
fn a_list_of_values_keeps_the_series_and_a_limit_refuses_the_whole_scrape() {
    let explode = "1s:explode_labels";
    let run = |set: &str| run_from(0, plan(1, 120, &format!("{set} {explode}")));
    assert!(last(&run(""), "series") > 1_000.0);
    // Two services speak statsd: ten of each, and `other`.
    let listed = last(&run("label_max=10"), "series");
    near(listed, 10.0 * 6.0 - 1.0 + 22.0, 0.5);
    let limited = run("sample_limit=100");
    near(last(&limited, "up_ratio"), 0.8, 1e-9);
    assert!(value(&limited, "refused_total") > 5.0);
}

#[test]
fn what_is_down_ends_at_once_with_stale_marks_and_after_five_minutes_without() {
    let stale = |set: &str, until: u64| {
        let report = run_from(0, plan(1, until, &format!("{set} 60s:crash=1")));
        (last(&report, "stale_ratio"), last(&report, "holes"))
    };
    assert!(stale("", 180).0 < 1e-9);
    near(stale("", 180).1, 1.0, 0.1);
    near(stale("stale_marks=off", 180).0, 0.1, 1e-9);
    assert!(stale("stale_marks=off", 400).0 < 1e-9);
}

#[test]
fn a_cache_shows_the_numbers_of_a_service_that_is_down() {
    let board = |cache: &str| {
        let report = run_from(0, plan(1, 200, &format!("{cache} 120s:crash=1")));
        (last(&report, "up_ratio"), last(&report, "stale_ratio"))
    };
    assert_eq!(board("cache=off"), (0.9, 0.0));
    let (up, stale) = board("cache=10m");
    assert!(up > 0.999 && stale > 0.999, "{up} {stale}");
}

#[test]
fn one_query_serves_all_with_adapters_and_each_has_its_own_without() {
    let queries = |set: &str| last(&run_from(0, plan(1, 60, set)), "queries_needed");
    near(queries(""), 1.0, 0.1);
    near(queries("adapter=off"), 10.0, 0.1);
}

#[test]
fn adapters_that_die_are_up_0_for_all_and_back_with_the_next_scrape() {
    let up = |until: u64| {
        last(
            &run_from(0, plan(1, until, "scrape_every=2s 20s:crash_adapter")),
            "up_ratio",
        )
    };
    assert!(up(24) < 1e-9);
    assert!(up(30) > 0.999);
    let slow = run_from(0, plan(1, 60, "target_latency=const:12s"));
    assert!(last(&slow, "up_ratio") < 1e-9);
    near(get(&slow, "scrape_ms", Statistic::P50) / 10_000.0, 1.0, 0.1);
}
