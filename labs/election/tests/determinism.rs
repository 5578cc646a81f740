use super::{BACKENDS, on, plan, run};
use crate::trial::slicing_changes_nothing;
use crate::workbench::headless;
use crate::workbench::replay::Replay;

const EVENTFUL: &str = "6s:pause=1:26s 8s:fencing=off 20s:cut=2 25s:crash_store 27s:restart_store \
    30s:heal=2 31s:skew=3:1.5 40s:crash=2";
const RESTLESS: &str = "pause_every=exp:7s crash_every=exp:20s store_stall_every=exp:9s";

#[test]
fn the_same_seed_knobs_and_interventions_give_the_same_run() {
    for backend in BACKENDS {
        let backend = on(backend);
        let set = format!("{backend} {RESTLESS}");
        let digest = |seed| run(seed, 60, &format!("{set} {EVENTFUL}")).digest();
        assert_eq!(digest(1), digest(1));
        assert_ne!(digest(1), digest(2));
        let report = run(3, 60, &format!("{set} {EVENTFUL}"));
        let replayed = headless::replay(&report.record).unwrap();
        let digest = report.digest();
        assert_eq!(replayed, Replay::Same { digest });
    }
}

#[test]
fn slices_of_16_ms_with_a_small_budget_give_the_same_run_as_one_go() {
    slicing_changes_nothing(&plan(1, 60, &format!("{RESTLESS} {EVENTFUL}")), 17);
}
