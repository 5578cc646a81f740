use super::{plan, run};
use crate::trial::slicing_changes_nothing;
use crate::workbench::headless;
use crate::workbench::replay::Replay;

const EVENTFUL: [&str; 10] = [
    "1s:fail=1:0.7",
    "2s:crash=2",
    "3s:slow=3",
    "4s:crash_ambassador",
    "6s:revoke_credentials",
    "7s:rotate_credentials",
    "8s:restart=2",
    "9s:stall=1",
    "11s:burst=200",
    "12s:mock",
];
const BUSY: [&str; 6] = [
    "breaker=on",
    "breaker_open_for=1s",
    "backoff=full_jitter",
    "layers=2",
    "retry_budget=0.2",
    "arrival_rps=400",
];

#[test]
fn the_same_seed_knobs_and_interventions_give_the_same_run() {
    let digest = |seed| run(plan(seed, 15, &BUSY, &EVENTFUL)).digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn slices_of_16_ms_with_a_small_budget_give_the_same_run_as_one_go() {
    slicing_changes_nothing(&plan(1, 15, &BUSY, &EVENTFUL), 97);
}

#[test]
fn a_recorded_run_replays_to_its_digest() {
    let report = run(plan(3, 15, &BUSY, &EVENTFUL));
    let digest = report.digest();
    assert_eq!(
        headless::replay(&report.record).unwrap(),
        Replay::Same { digest }
    );
}
