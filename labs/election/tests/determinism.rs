use super::{BACKENDS, on, plan, run};
use crate::engine::{Ran, SimTime};
use crate::workbench::headless::{self, Replay};
use crate::workbench::session::Session;
use std::time::Duration;

const EVENTFUL: [&str; 8] = [
    "6s:pause=1:26s",
    "8s:fencing=off",
    "20s:cut=2",
    "25s:crash_store",
    "27s:restart_store",
    "30s:heal=2",
    "31s:skew=3:1.5",
    "40s:crash=2",
];
const RESTLESS: [&str; 3] = [
    "pause_every=exp:7s",
    "crash_every=exp:20s",
    "store_stall_every=exp:9s",
];

#[test]
fn the_same_seed_knobs_and_interventions_give_the_same_run() {
    for backend in BACKENDS {
        let backend = on(backend);
        let set = [&[&*backend], &RESTLESS[..]].concat();
        let digest = |seed| run(seed, 60, &set, &EVENTFUL).digest();
        assert_eq!(digest(1), digest(1));
        assert_ne!(digest(1), digest(2));
        let report = run(3, 60, &set, &EVENTFUL);
        let replayed = headless::replay(&report.record).unwrap();
        let digest = report.digest();
        assert_eq!(replayed, Replay::Same { digest });
    }
}

#[test]
fn slices_of_16_ms_with_a_small_budget_give_the_same_run_as_one_go() {
    let whole = run(1, 60, &RESTLESS, &EVENTFUL);
    let mut session = Session::start(plan(1, 60, &RESTLESS, &EVENTFUL));
    let mut goal = SimTime::ZERO;
    while goal < SimTime::from_secs(60) {
        goal = (goal + Duration::from_millis(16)).min(SimTime::from_secs(60));
        while session.advance(goal, 17) == Ran::OutOfBudget {}
    }
    assert_eq!(session.digest(), whole.digest());
    let sliced = session.lab().instruments().meters.values(session.now());
    for ((spec, sliced), (_, whole)) in sliced.iter().zip(&whole.metrics) {
        assert_eq!(format!("{sliced:?}"), format!("{whole:?}"), "{}", spec.name);
    }
}
