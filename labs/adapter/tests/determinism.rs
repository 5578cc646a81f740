use super::{plan, run};
use crate::trial::slicing_changes_nothing;
use crate::workbench::headless;
use crate::workbench::replay::Replay;

const EVENTFUL: [&str; 8] = [
    "3s:explode_labels",
    "5s:rename_field=3",
    "8s:crash=2",
    "12s:counter_reset=1",
    "15s:crash_adapter",
    "18s:restart=2",
    "22s:adapter=off",
    "25s:adapter=on",
];
const BUSY: [&str; 3] = ["scrape_every=2s", "cache=3s", "label_max=20"];

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
    let report = run(plan(3, 30, &BUSY, &EVENTFUL));
    let digest = report.digest();
    let again = headless::replay(&report.record).unwrap();
    assert_eq!(again, Replay::Same { digest });
}
