use super::plan;
use crate::trial::{run, slicing_changes_nothing, value};
use crate::workbench::headless;
use crate::workbench::plan::Record;
use crate::workbench::replay::Replay;

const EVENTFUL: &str = "1s:add_shard 2s:celebrity=17 3s:mitigation=replica_reads 4s:crash=2 \
    5s:restart=2 6s:remove_shard 7s:calm";

#[test]
fn the_same_seed_knobs_and_interventions_give_the_same_run() {
    let digest = |seed| run(plan(seed, 9, EVENTFUL)).digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
    let (_, all_but_one) = EVENTFUL.split_once(' ').unwrap();
    assert_ne!(digest(1), run(plan(1, 9, all_but_one)).digest());
}

#[test]
fn slices_of_16_ms_with_a_small_budget_give_the_same_run_as_one_go() {
    slicing_changes_nothing(&plan(1, 9, EVENTFUL), 97);
}

#[test]
fn every_strategy_and_mitigation_replays_from_its_file_to_its_own_digest() {
    for set in [
        "strategy=modulo mitigation=none",
        "strategy=ring mitigation=replica_reads",
        "strategy=jump mitigation=split_keys",
        "strategy=rendezvous mitigation=dedicated",
        "strategy=maglev mitigation=front_cache",
        "strategy=range bounded_load=0.25",
        "strategy=lookup split_for=writes",
    ] {
        let report = run(plan(3, 3, &format!("{set} 1s:add_shard 2s:remove_shard")));
        let text = report.record.to_text();
        let record = Record::parse(&text, crate::find_or_nearest).unwrap();
        assert_eq!(record.to_text(), text);
        let again = headless::replay(&record).unwrap();
        let digest = report.digest();
        assert_eq!(again, Replay::Same { digest }, "{set:?}");
    }
}

#[test]
fn runs_that_differ_in_the_strategy_meet_the_same_requests() {
    let requests = |set| {
        let report = run(plan(5, 5, set));
        (
            value(&report, "requests_total"),
            value(&report, "writes_total"),
        )
    };
    assert_eq!(requests("strategy=modulo"), requests("strategy=ring"));
}
