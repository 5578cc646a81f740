//! A lease: held against its lab, what a pause, a racing clock and a cut do to it, and a fence that leaks.

use super::paired::{Figure, Paired};
use super::{Tamper, is_found_out_in, lab_of, run, seconds, value};
use ddlab_labs::workbench::frame::Statistic;

fn closing(parameters: &str, faults: &str) -> String {
    format!(
        "design: d\nclients: {{users: {{rps: 1, calls: [{{to: lots}}]}}}}\n\
         components:\n  lots: {{kind: database}}\n  closing: {{kind: lease, {parameters}}}\n\
         faults: [{faults}]\n"
    )
}

/// Holds our run of three minutes against the lab's: ms of split brain and without an owner, writes of old owners, missed
/// jobs; with the deviations of the first and the last.
#[track_caller]
fn is_as_in_the_lab(ours: (&str, &str), theirs: (&[&str], &[&str]), deviations: [f64; 2]) {
    let paired = Paired {
        design: &closing(ours.0, ours.1),
        lab: "election",
        set: theirs.0,
        script: theirs.1,
        length: 180,
        warmup: 0,
    };
    let figure = |ours, theirs, apart, deviation| Figure {
        ours,
        theirs,
        statistic: Statistic::Value,
        apart,
        deviation,
    };
    let [split, missed] = deviations;
    paired.agree(&[
        figure(
            "closing_split_brain_ms_total",
            "split_brain_ms_total",
            0.0,
            split,
        ),
        // The first owner of the lab has its lease 2.5 ms later.
        figure(
            "closing_ownerless_ms_total",
            "ownerless_ms_total",
            -2.55,
            0.6,
        ),
        figure("closing_dual_writes_total", "dual_writes_total", 0.0, 0.0),
        figure(
            "closing_jobs_missed_total",
            "jobs_missed_total",
            0.0,
            missed,
        ),
    ]);
}

#[test]
fn an_owner_that_stands_still_is_as_in_the_lab() {
    is_as_in_the_lab(
        ("", "{at: 60s, do: pause, what: closing 1, for: 26s}"),
        (&[], &["60s:pause=1:26s"]),
        [930.0, 2.1],
    );
}

#[test]
fn without_a_fence_an_old_owner_writes_as_in_the_lab() {
    let script = "60s:pause=1:26s";
    is_as_in_the_lab(
        (
            "fencing: off, job_takes: \"const:900ms\"",
            "{at: 60s, do: pause, what: closing 1, for: 26s}",
        ),
        (&["fencing=off", "job_takes=const:900ms"], &[script]),
        [930.0, 0.0],
    );
}

#[test]
fn a_clock_that_races_ends_the_lease_of_kubernetes_too_early_as_in_the_lab() {
    is_as_in_the_lab(
        (
            "backend: k8s_lease, client: strict",
            "{at: 30s, do: clock, what: closing 2, by: 3x}",
        ),
        (&["backend=k8s_lease", "client=strict"], &["30s:skew=2:3"]),
        [0.0, 0.32],
    );
}

#[test]
fn an_owner_that_dies_is_followed_by_another_and_the_story_says_so() {
    let lab = lab_of(&closing("", "{at: 60s, do: crash, what: closing 1}"));
    let report = run(seconds(lab, 1, 180));
    let ownerless = value(&report, "closing_ownerless_ms_total");
    assert!((2_000.0..40_000.0).contains(&ownerless), "{ownerless}");
    assert!(value(&report, "closing_elections_total") >= 2.0);
    assert!(value(&report, "closing_jobs_doubled_total") < 0.5);
    let story = crate::why::why(lab, seconds(lab, 1, 180)).unwrap();
    for part in ["nobody owns closing", "closing has an owner again"] {
        assert!(
            story.iter().any(|line| line.text.contains(part)),
            "{part}: {story:#?}"
        );
    }
}

#[test]
fn an_owner_cut_off_from_its_storage_keeps_the_lease_and_misses_its_jobs() {
    let fault = "{at: 60s, do: storage_cut, what: closing 1, for: 30s}";
    let report = run(seconds(lab_of(&closing("", fault)), 1, 180));
    assert!(value(&report, "closing_jobs_missed_total") > 20.0);
    assert!(value(&report, "closing_elections_total") < 1.5);
}

#[test]
fn a_lease_store_that_is_down_costs_the_ownership() {
    let fault = "{at: 60s, do: store_down, what: closing 1, for: 40s}";
    let report = run(seconds(lab_of(&closing("", fault)), 1, 180));
    assert!(value(&report, "closing_ownerless_ms_total") > 25_000.0);
}

#[test]
fn a_job_that_needs_another_component_waits_for_it() {
    let lab = lab_of(
        "design: d\nclients: {users: {rps: 1, calls: [{to: lots}]}}\ncomponents:\n\
         \x20 lots: {kind: database}\n\
         \x20 closing: {kind: lease, calls: [{to: lots, write_ratio: 1, timeout: 1s}]}\n\
         faults: [{at: 60s, do: crash, what: lots, for: 30s}]\n",
    );
    let report = run(seconds(lab, 1, 180));
    assert!(value(&report, "lots_requests_total") > 250.0);
    assert!(value(&report, "closing_jobs_missed_total") > 20.0);
}

#[test]
fn a_fence_that_leaks_is_found_out() {
    let fault = "{at: 20s, do: pause, what: closing 1, for: 26s}";
    let text = closing("job_takes: \"const:900ms\"", fault);
    is_found_out_in(&text, Tamper::LeakyFence, "a storage with a fence");
}

#[test]
fn nobody_calls_a_lease() {
    let read = crate::read(
        "design: d\nclients: {users: {calls: [{to: closing}]}}\ncomponents: {closing: {kind: lease}}\n",
    );
    let errors: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
    assert!(
        errors
            .iter()
            .any(|error| error.contains("`closing` can't be called")),
        "{errors:?}"
    );
}

#[test]
fn a_redis_that_dies_and_forgets_its_counter_lets_two_owners_past_the_fence_and_etcd_does_not() {
    // The owner works on until its next renewal, and whoever comes to the empty store first has its token again.
    let fault = "{at: 40100ms, do: store_down, what: closing 1, for: 1s}";
    let fast = "fencing: on, lease: 9s, renew_deadline: 6s, retry_period: 1s, job_every: 500ms, job_takes: \"const:250ms\"";
    let stale = |backend: &str, seed| {
        let text = closing(&format!("backend: {backend}, {fast}"), fault);
        value(
            &run(seconds(lab_of(&text), seed, 60)),
            "closing_dual_writes_total",
        )
    };
    for seed in 1..4 {
        assert!(stale("redis_ttl", seed) > 0.5, "{seed}");
        assert!(stale("etcd", seed) < 0.5, "{seed}");
    }
}
