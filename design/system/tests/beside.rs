//! What stands beside machines: a sidecar and an adapter, held against their labs.

use super::{Tamper, get, lab_of, run, seconds, tampered, value};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::lab::Lab;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::{adapter, sidecar};

fn bids(rps: u32, beside: &str, faults: &str) -> String {
    format!(
        "design: d\nclients: {{users: {{rps: {rps}, calls: [{{to: bids, timeout: 2s}}]}}}}\n\
         components: {{bids: {{kind: service, replicas: 1, slots: 16, work: \"lognormal:5ms,0.4\", {beside}}}}}\n\
         faults: [{faults}]\n"
    )
}

fn of_the_lab(
    lab: &'static dyn Lab,
    seed: u64,
    length: u64,
    set: &[&str],
    script: &[&str],
) -> Report {
    let mut plan = RunPlan::new(lab, seed);
    for set in set {
        plan.knobs.set_text(set).unwrap();
    }
    for line in script {
        plan.script_text(line).unwrap();
    }
    plan.length = SimTime::from_secs(length);
    headless::run(plan).unwrap()
}

#[test]
fn lines_are_lost_as_in_the_lab_while_the_log_store_is_down() {
    // 200 x 3 lines of 200 bytes a second fill four megabytes in half a minute.
    let fault = "{at: 30s, do: log_store_down, what: bids, for: 60s}";
    let beside = "sidecar: {volume_mb: 4, rotate_mb: 1, on_full: drop_old, proxy: off}";
    let lab = lab_of(&bids(200, beside, fault));
    let set = [
        "arrival_rps=200",
        "volume_mb=4",
        "rotate_mb=1",
        "on_full=drop_old",
    ];
    let script = ["30s:sink_down", "90s:sink_up"];
    for (figure, give) in [("lines_lost_total", 0.05), ("lines_shipped_total", 0.05)] {
        let (mut ours, mut theirs) = (0.0, 0.0);
        for seed in super::seeds(3) {
            ours += value(&run(seconds(lab, seed, 120)), &format!("bids_{figure}"));
            theirs += value(&of_the_lab(&sidecar::LAB, seed, 120, &set, &script), figure);
        }
        assert!(theirs > 5_000.0, "{figure}: {theirs}");
        assert!(
            (ours / theirs - 1.0).abs() < give,
            "{figure}: {ours} and {theirs}"
        );
    }
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
    let text = bids(200, "sidecar: {}", "");
    let report = headless::run(seconds(tampered(&text, Tamper::LoseLines), 1, 60)).unwrap();
    for view in &report.invariants {
        let is_lines = view.name.contains("lines written");
        assert_eq!(view.held, !is_lines, "{}: {}", view.name, view.detail);
    }
}

/// What the board shows two minutes after the field of the requests was renamed: a rate, up, holes.
fn after_a_rename(strict: &str, seed: u64) -> ([f64; 3], [f64; 3]) {
    let fault = "{at: 120s, do: rename, what: bids}";
    let lab = lab_of(&bids(30, &format!("adapter: {{strict: {strict}}}"), fault));
    let ours = run(seconds(lab, seed, 300));
    let set = [
        "services=1".to_owned(),
        "arrival_rps=30".to_owned(),
        format!("strict={strict}"),
    ];
    let set: Vec<&str> = set.iter().map(String::as_str).collect();
    let theirs = of_the_lab(&adapter::LAB, seed, 300, &set, &["120s:rename_field=1"]);
    let last = |report: &Report, metric: &str| get(report, metric, Statistic::Last);
    (
        ["seen_rps", "seen_up_ratio", "seen_holes"].map(|it| last(&ours, &format!("bids_{it}"))),
        ["seen_rps", "up_ratio", "holes"].map(|it| last(&theirs, it)),
    )
}

#[test]
fn after_a_rename_the_board_shows_what_it_shows_in_the_lab() {
    for strict in ["skip", "fail", "zero"] {
        for seed in super::seeds(3) {
            let (ours, theirs) = after_a_rename(strict, seed);
            for (ours, theirs) in ours.into_iter().zip(theirs) {
                assert!((ours - theirs).abs() < 0.5, "{strict}: {ours} and {theirs}");
            }
        }
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
    let report = headless::run(seconds(tampered(&text, Tamper::AddOn), 1, 120)).unwrap();
    for view in &report.invariants {
        let is_rates = view.name.contains("no rate of a monitor");
        assert_eq!(view.held, !is_rates, "{}: {}", view.name, view.detail);
    }
}
