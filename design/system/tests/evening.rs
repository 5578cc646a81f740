//! A design of functions, a lease, a pipeline and what stands beside machines, with all that befalls them: no book
//! breaks, and the same seed is the same run.

use super::{lab_of, run, run_in_slices, seconds, value};
use ddlab_labs::workbench::lab::Lab as _;

pub const EVENING: &str = "design: evening
clients:
  buyers: {rps: 100, calls: [{to: bids, timeout: 500ms, retries: 1}, {to: clicks, optional: on}]}
  sellers: {rps: 5, calls: [{to: thumbs, timeout: 10s}]}
components:
  bids: {kind: service, replicas: 3, slots: 8, work: \"exp:5ms\", sidecar: {volume_mb: 1, rotate_mb: 1}, adapter: {scrape_every: 5s}, calls: [{to: lots, write_ratio: 1}]}
  thumbs: {kind: function, duration: \"exp:100ms\", cold_start: \"exp:500ms\", keep_alive: 2s, instance_concurrency: 4, calls: [{to: lots}], adapter: {}}
  clicks: {kind: pipeline, partitions: 4, checkpoint_every: 5s, rebalance: eager, rebalance_pause: 1s}
  closing: {kind: lease, lease: 5s, calls: [{to: lots, write_ratio: 1}]}
  lots: {kind: database, replicas: 2, slots: 16}
faults:
  - {at: 5s, do: deploy, what: thumbs}
  - {at: 6s, do: crash, what: thumbs}
  - {at: 8s, do: cert_expires, what: bids 2, for: 5s}
  - {at: 10s, do: log_store_down, what: bids, for: 30s}
  - {at: 12s, do: crash, what: bids 1}
  - {at: 15s, do: pause, what: closing 1, for: 8s}
  - {at: 16s, do: clock, what: closing 2, by: 2x, for: 10s}
  - {at: 18s, do: storage_cut, what: closing, for: 4s}
  - {at: 20s, do: job_crash, what: clicks}
  - {at: 25s, do: store_down, what: closing, for: 8s}
  - {at: 26s, do: crash, what: closing 3}
  - {at: 30s, do: rebalance, what: clicks, for: 10s}
  - {at: 35s, do: rename, what: bids, for: 10s}
  - {at: 40s, do: slow, what: clicks, by: 3x, for: 5s}
  - {at: 45s, do: zone_down, what: a, for: 5s}
";

#[test]
fn all_that_befalls_it_breaks_no_book() {
    for seed in super::seeds(3) {
        let report = run(seconds(lab_of(EVENING), seed, 90));
        for metric in [
            "thumbs_cold_ratio",
            "bids_cert_refused_total",
            "closing_elections_total",
            "clicks_counted_total",
        ] {
            assert!(value(&report, metric) > 0.0, "{metric}");
        }
    }
}

#[test]
fn the_same_seed_is_the_same_run_in_slices_and_in_one_go() {
    let plan = seconds(lab_of(EVENING), 7, 60);
    let whole = run_in_slices(plan.clone());
    assert_eq!(run(plan).digest(), whole.digest());
}

#[test]
fn every_parameter_can_be_turned_while_it_runs() {
    let lab = lab_of(EVENING);
    let mut plan = seconds(lab, 1, 20);
    let knobs = lab.spec().knobs.iter().filter(|knob| !knob.needs_restart);
    for (nth, knob) in knobs.enumerate() {
        let at = 1_000 + 40 * nth;
        plan.script_text(&format!("{at}ms:{}={}", knob.name, knob.default))
            .unwrap();
    }
    plan.script_text("15s:thumbs_provisioned=5").unwrap();
    plan.script_text("15s:clicks_buffer=10").unwrap();
    run(plan);
}
