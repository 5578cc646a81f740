use super::{plan, run};
use crate::trial::slicing_changes_nothing;
use crate::workbench::headless;
use crate::workbench::replay::Replay;

const EVENTFUL: [&str; 10] = [
    "1s:heavy=shipper",
    "2s:crash=proxy",
    "3s:sink_down",
    "5s:crash=shipper",
    "7s:sink_up",
    "9s:config_change",
    "10s:restart=app",
    "14s:upgrade=shipper",
    "16s:bad_config",
    "17s:terminate",
];
const BUSY: [&str; 6] = [
    "proxy=mtls",
    "reload=watch",
    "sidecar_cpu_limit=300",
    "volume_mb=1",
    "rotate_mb=1",
    "on_full=drop_old",
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
    let report = run(plan(3, 30, &BUSY, &EVENTFUL));
    let digest = report.digest();
    assert_eq!(
        headless::replay(&report.record).unwrap(),
        Replay::Same { digest }
    );
}
