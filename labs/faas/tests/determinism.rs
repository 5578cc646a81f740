use super::{plan, run};
use crate::trial::slicing_changes_nothing;
use crate::workbench::headless;
use crate::workbench::replay::Replay;

const EVENTFUL: [&str; 8] = [
    "2s:burst=400",
    "4s:deploy",
    "6s:limit=5",
    "8s:invocation=async",
    "10s:keep_alive_policy=histogram",
    "12s:calm",
    "14s:instance_concurrency=4",
    "16s:when_full=wait",
];
const BUSY: [&str; 6] = [
    "arrival_rps=40",
    "profile=bursty",
    "neighbour_rps=20",
    "db_connections=30",
    "error_ratio=0.1",
    "provisioned=2",
];

#[test]
fn the_same_seed_knobs_and_interventions_give_the_same_run() {
    let digest = |seed| run(plan(seed, 20, &BUSY, &EVENTFUL)).digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn slices_of_16_ms_with_a_small_budget_give_the_same_run_as_one_go() {
    slicing_changes_nothing(&plan(1, 20, &BUSY, &EVENTFUL), 97);
}

#[test]
fn a_recorded_run_replays_to_its_digest() {
    let report = run(plan(3, 20, &BUSY, &EVENTFUL));
    let digest = report.digest();
    assert_eq!(
        headless::replay(&report.record).unwrap(),
        Replay::Same { digest }
    );
}
