//! A lease: held against its lab, what a pause, a racing clock and a cut do to it, and a fence that leaks.

use super::{Tamper, lab_of, run, seconds, tampered, value};
use ddlab_labs::election;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::plan::RunPlan;

fn closing(parameters: &str, faults: &str) -> String {
    format!(
        "design: d\nclients: {{users: {{rps: 1, calls: [{{to: lots}}]}}}}\n\
         components:\n  lots: {{kind: database}}\n  closing: {{kind: lease, {parameters}}}\n\
         faults: [{faults}]\n"
    )
}

/// The lab's run at the same parameters, with these done.
fn of_the_lab(seed: u64, length: u64, set: &[&str], script: &[&str]) -> Report {
    let mut plan = RunPlan::new(&election::LAB, seed);
    for set in set {
        plan.knobs.set_text(set).unwrap();
    }
    for line in script {
        plan.script_text(line).unwrap();
    }
    plan.length = SimTime::from_secs(length);
    headless::run(plan).unwrap()
}

/// In our run over theirs, in the mean over the seeds: ms of split brain and without an owner, writes of old owners,
/// missed jobs.
#[track_caller]
fn is_as_in_the_lab(ours: (&str, &str), theirs: (&[&str], &[&str])) {
    const FIGURES: [(&str, f64); 4] = [
        ("split_brain_ms_total", 1_500.0),
        ("ownerless_ms_total", 3_000.0),
        ("dual_writes_total", 1.0),
        ("jobs_missed_total", 4.0),
    ];
    let lab = lab_of(&closing(ours.0, ours.1));
    let mut off = [0.0; FIGURES.len()];
    for seed in super::seeds(3) {
        let report = run(seconds(lab, seed, 180));
        let other = of_the_lab(seed, 180, theirs.0, theirs.1);
        for (nth, (figure, _)) in FIGURES.iter().enumerate() {
            off[nth] += value(&report, &format!("closing_{figure}")) - value(&other, figure);
        }
    }
    let runs = super::seeds(3).count() as f64;
    for ((figure, noise), off) in FIGURES.into_iter().zip(off) {
        assert!((off / runs).abs() <= noise, "{figure}: {} off", off / runs);
    }
}

#[test]
fn an_owner_that_stands_still_is_as_in_the_lab() {
    is_as_in_the_lab(
        ("", "{at: 60s, do: pause, what: closing 1, for: 26s}"),
        (&[], &["60s:pause=1:26s"]),
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
    let text = closing(
        "job_takes: \"const:900ms\"",
        "{at: 60s, do: pause, what: closing 1, for: 26s}",
    );
    let report = headless::run(seconds(tampered(&text, Tamper::LeakyFence), 1, 120)).unwrap();
    for view in &report.invariants {
        let is_the_fence = view.name.contains("a storage with a fence");
        assert_eq!(view.held, !is_the_fence, "{}: {}", view.name, view.detail);
    }
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
