use super::{plan, run};
use crate::trial::slicing_changes_nothing;
use crate::workbench::headless;
use crate::workbench::replay::Replay;

const EVENTFUL: [&str; 9] = [
    "1s:slow=enrich",
    "3s:add_worker=enrich",
    "4s:burst=2000",
    "5s:late_storm",
    "6s:slow=enrich",
    "7s:crash=aggregate",
    "9s:restart=aggregate",
    "10s:silence=2",
    "12s:overflow=drop_old",
];
const BUSY: [&str; 5] = [
    "checkpoint_every=1s",
    "windows=sliding",
    "window=4s",
    "slide=2s",
    "fraud_waits=on",
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
