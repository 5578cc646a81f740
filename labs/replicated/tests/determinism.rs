use super::{plan, run};
use crate::trial::slicing_changes_nothing;
use crate::workbench::headless;
use crate::workbench::replay::Replay;

const EVENTFUL: [&str; 10] = [
    "1s:crowd=3",
    "2s:crash=2",
    "3s:slow=1",
    "4s:rollout",
    "5s:database_down",
    "8s:zone_down",
    "10s:zone_up",
    "11s:database_up",
    "12s:policy=two_choices",
    "14s:calm",
];
const BUSY: [&str; 6] = [
    "state=in_memory",
    "cold_start=exp:2s",
    "autoscale=event",
    "sync=2s",
    "readiness_asks=database",
    "probe_every=500ms",
];

#[test]
fn the_same_seed_knobs_and_interventions_give_the_same_run() {
    let digest = |seed| run(plan(seed, 18, &BUSY, &EVENTFUL)).digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn slices_of_16_ms_with_a_small_budget_give_the_same_run_as_one_go() {
    slicing_changes_nothing(&plan(1, 18, &BUSY, &EVENTFUL), 97);
}

#[test]
fn a_recorded_run_replays_to_its_digest() {
    let report = run(plan(3, 18, &BUSY, &EVENTFUL));
    let digest = report.digest();
    assert_eq!(
        headless::replay(&report.record).unwrap(),
        Replay::Same { digest }
    );
}
