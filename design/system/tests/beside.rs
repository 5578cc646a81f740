//! What stands beside machines: a sidecar and an adapter, held against their labs.

use super::paired::{Figure, Paired};
use super::{Tamper, get, is_found_out_in, lab_of, run, seconds, value};
use ddlab_labs::workbench::frame::Statistic;

fn bids(rps: u32, beside: &str, faults: &str) -> String {
    format!(
        "design: d\nclients: {{users: {{rps: {rps}, calls: [{{to: bids, timeout: 2s}}]}}}}\n\
         components: {{bids: {{kind: service, replicas: 1, slots: 16, work: \"lognormal:5ms,0.4\", {beside}}}}}\n\
         faults: [{faults}]\n"
    )
}

#[test]
fn lines_are_lost_as_in_the_lab_while_the_log_store_is_down() {
    // 200 x 3 lines of 200 bytes a second fill four megabytes in half a minute.
    let fault = "{at: 30s, do: log_store_down, what: bids, for: 60s}";
    let beside = "sidecar: {volume_mb: 4, rotate_mb: 1, on_full: drop_old, proxy: off}";
    let paired = Paired {
        design: &bids(200, beside, fault),
        lab: "sidecar",
        set: &[
            "arrival_rps=200",
            "volume_mb=4",
            "rotate_mb=1",
            "on_full=drop_old",
        ],
        script: &["30s:sink_down", "90s:sink_up"],
        length: 120,
        warmup: 0,
    };
    let figure = |ours, theirs, deviation| Figure {
        ours,
        theirs,
        statistic: Statistic::Value,
        apart: 0.0,
        deviation,
    };
    let lines = paired.agree(&[
        figure("bids_lines_lost_total", "lines_lost_total", 272.0),
        figure("bids_lines_shipped_total", "lines_shipped_total", 887.0),
    ]);
    assert!(lines.iter().all(|lines| *lines > 5_000.0), "{lines:?}");
}

#[test]
fn a_log_that_is_full_stops_whoever_writes_it_and_the_story_says_so() {
    let fault = "{at: 30s, do: log_store_down, what: bids, for: 60s}";
    let beside = "sidecar: {volume_mb: 4, rotate_mb: 1, on_full: block}";
    let lab = lab_of(&bids(200, beside, fault));
    let report = run(seconds(lab, 1, 150));
    let errors = value(&report, "users_error_ratio");
    assert!(
        (0.1..0.4).contains(&errors),
        "half a minute of two and a half: {errors}"
    );
    assert!(value(&report, "bids_lines_lost_total") < 0.5);
    let story = crate::why::why(lab, seconds(lab, 1, 150)).unwrap();
    assert!(
        story
            .iter()
            .any(|line| line.text.contains("the log of bids is full")),
        "{story:#?}"
    );
}

#[test]
fn a_certificate_that_runs_out_refuses_all_until_it_is_renewed() {
    let fault = "{at: 30s, do: cert_expires, what: bids, for: 30s}";
    let lab = lab_of(&bids(100, "sidecar: {}", fault));
    let report = run(seconds(lab, 1, 120));
    let errors = value(&report, "users_error_ratio");
    assert!((0.2..0.3).contains(&errors), "{errors}");
    // Nothing else is wrong with it.
    assert!(get(&report, "bids_utilization", Statistic::Max) < 0.5);
    let story = crate::why::why(lab, seconds(lab, 1, 120)).unwrap();
    for part in [
        "its certificate has run out",
        "refuses nobody for its certificate",
    ] {
        assert!(
            story.iter().any(|line| line.text.contains(part)),
            "{part}: {story:#?}"
        );
    }
}

#[test]
fn a_proxy_with_little_of_the_processor_is_the_bottleneck() {
    // 0.2 ms at 5 % of a core: 250 a second.
    let lab = lab_of(&bids(500, "sidecar: {sidecar_cpu_limit: 50}", ""));
    let report = run(seconds(lab, 1, 60));
    let answered = value(&report, "users_answered_total") / 60.0;
    assert!(answered < 260.0, "{answered}");
}

#[test]
fn lines_that_are_nowhere_are_found_out() {
    is_found_out_in(
        &bids(200, "sidecar: {}", ""),
        Tamper::LoseLines,
        "lines written",
    );
}

#[test]
fn after_a_rename_the_board_shows_what_it_shows_in_the_lab() {
    let fault = "{at: 120s, do: rename, what: bids}";
    for strict in ["skip", "fail", "zero"] {
        let paired = Paired {
            design: &bids(30, &format!("adapter: {{strict: {strict}}}"), fault),
            lab: "adapter",
            set: &["services=1", "arrival_rps=30", &format!("strict={strict}")],
            script: &["120s:rename_field=1"],
            length: 300,
            warmup: 0,
        };
        // Three minutes later the board shows the same in every world.
        let figure = |ours, theirs| Figure {
            ours,
            theirs,
            statistic: Statistic::Last,
            apart: 0.0,
            deviation: 0.0,
        };
        paired.agree(&[
            figure("bids_seen_rps", "seen_rps"),
            figure("bids_seen_up_ratio", "up_ratio"),
            figure("bids_seen_holes", "holes"),
        ]);
    }
}

#[test]
fn before_it_the_board_shows_what_there_is() {
    let lab = lab_of(&bids(30, "adapter: {}", ""));
    let report = run(seconds(lab, 1, 600));
    let seen = get(&report, "bids_seen_rps", Statistic::Last);
    assert!((25.0..35.0).contains(&seen), "{seen}");
    let up = get(&report, "bids_seen_up_ratio", Statistic::Mean);
    assert!(up > 0.99, "{up}");
}

#[test]
fn a_machine_that_is_down_is_down_on_the_board() {
    let lab = lab_of(&bids(
        30,
        "adapter: {}",
        "{at: 120s, do: crash, what: bids, for: 5m}",
    ));
    let report = run(seconds(lab, 1, 300));
    assert!(get(&report, "bids_seen_up_ratio", Statistic::Last) < 1e-9);
}

#[test]
fn a_monitor_that_counts_on_from_where_a_counter_was_is_found_out() {
    let text = bids(30, "adapter: {}", "");
    is_found_out_in(&text, Tamper::AddOn, "no rate of a monitor");
}

/// What stands beside the workers of a queue, of whom nobody asks anything.
const WORKERS: &str = "design: d
clients: {users: {rps: 20, calls: [{to: uploads}]}}
components:
  uploads: {kind: queue, visibility_timeout: 5s, max_receives: 5, workers: {count: 10, work: \"exp:100ms\", sidecar: {log_lines_per_request: 3}, adapter: {scrape_every: 5s}}}
";

#[test]
fn helpers_of_workers_log_and_count_each_item() {
    let report = run(seconds(lab_of(WORKERS), 1, 120));
    let done = value(&report, "uploads_done_total");
    assert!(done > 2_200.0, "{done}");
    let lines = value(&report, "uploads-workers_lines_written_total");
    assert!((lines / done - 3.0).abs() < 0.01, "{lines} of {done}");
    let seen = get(&report, "uploads-workers_seen_rps", Statistic::Last);
    assert!((15.0..25.0).contains(&seen), "{seen}");
}

#[test]
fn a_worker_whose_certificate_has_run_out_fails_its_items_until_they_are_put_aside() {
    let fault = "faults: [{at: 20s, do: cert_expires, what: uploads-workers, for: 20s}]\n";
    let report = run(seconds(lab_of(&format!("{WORKERS}{fault}")), 1, 120));
    assert!(value(&report, "uploads-workers_cert_refused_total") > 100.0);
    assert!(value(&report, "uploads_lost_total") < 1.0);
    let done = value(&report, "uploads_done_total");
    let put_aside = value(&report, "uploads_dead_lettered_total");
    assert!(put_aside > 300.0, "{put_aside}");
    assert!(done + put_aside > 2_200.0, "{done} and {put_aside}");
}

#[test]
fn a_leaf_whose_certificate_has_run_out_is_missing_from_the_answer() {
    let lab = lab_of(
        "design: d
clients: {users: {rps: 20, calls: [{to: search}]}}
components: {search: {kind: scatter_gather, leaves: 10, replicas: 1, sidecar: {}}}
faults: [{at: 1s, do: cert_expires, what: search leaf 3}]
",
    );
    let report = run(seconds(lab, 1, 60));
    let complete = value(&report, "search_completeness_ratio");
    assert!((complete - 0.9).abs() < 0.01, "{complete}");
}

#[test]
fn what_nobody_calls_has_no_helper() {
    for kind in ["lease", "batch"] {
        let read = crate::read(&format!(
            "design: d\nclients: {{users: {{calls: [{{to: db}}]}}}}\ncomponents:\n  db: {{kind: database}}\n  \
             it: {{kind: {kind}, sidecar: {{}}}}\n"
        ));
        let said = read.problems[0].to_string();
        let expected = format!(
            "error: `it` can't have a sidecar: nobody calls a {kind}; write the `sidecar` at a component that is called"
        );
        assert!(said.contains(&expected), "{said}");
    }
}
