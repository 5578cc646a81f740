use super::{plan, run, value};
use crate::trial::slicing_changes_nothing;
use crate::workbench::headless;
use crate::workbench::replay::Replay;

const EVENTFUL: [&str; 9] = [
    "2s:burst=300",
    "3s:crash=2",
    "4s:pause=3",
    "5s:poison=3",
    "6s:visibility_timeout=300ms",
    "7s:restart=2",
    "8s:autoscale=depth",
    "9s:redrive",
    "25s:stop_source",
];
const BUSY: [&str; 4] = [
    "worker_crash_ratio=0.05",
    "poison_ratio=0.01",
    "scale_poll=1s",
    "prefetch=3",
];

#[test]
fn the_same_seed_knobs_and_interventions_give_the_same_run() {
    let digest = |seed| run(plan(seed, 30, &BUSY, &EVENTFUL)).digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn slices_of_16_ms_with_a_small_budget_give_the_same_run_as_one_go() {
    slicing_changes_nothing(&plan(1, 30, &BUSY, &EVENTFUL), 97);
}

#[test]
fn a_recorded_run_replays_to_its_digest() {
    let report = run(plan(3, 20, &BUSY, &EVENTFUL[..8]));
    let digest = report.digest();
    assert_eq!(
        headless::replay(&report.record).unwrap(),
        Replay::Same { digest }
    );
}

#[test]
fn runs_that_differ_in_one_knob_meet_the_same_items() {
    let one = run(plan(5, 60, &["workers=8"], &[]));
    let other = run(plan(
        5,
        60,
        &["workers=8", "idempotency=key", "max_receives=9"],
        &[],
    ));
    for (spec, value) in &one.metrics {
        assert_eq!(Some(value), other.metric(spec.name), "{}", spec.name);
    }
    let more = run(plan(5, 60, &["workers=9"], &[]));
    assert!((value(&one, "submitted_total") - value(&more, "submitted_total")).abs() < 0.5);
}
