//! Replicas come and go while a design runs, by hand or by the fault `turn`, and nobody's request is lost by it.

use super::{get, lab_of, run, seconds, value};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;

const FRONT: &str = "design: front
clients: {users: {rps: 100, calls: [{to: front, timeout: 5s}]}}
components:
  front: {kind: service, replicas: 2, slots: 2, work: \"const:20ms\", cold_start: \"const:1s\"}
";

#[test]
fn more_replicas_take_their_part_of_the_load_and_fewer_finish_what_they_have() {
    let busy = |script: &[&str]| {
        let mut plan = seconds(lab_of(FRONT), 1, 60);
        plan.warmup = SimTime::from_secs(40);
        for done in script {
            plan.script_text(done).unwrap();
        }
        let report = run(plan);
        assert!(value(&report, "users_error_ratio") < 1e-9);
        let machines = get(&report, "front_machines", Statistic::Last);
        (machines, get(&report, "front_utilization", Statistic::Mean))
    };
    // 100 a second of 20 ms are two slots' work.
    for (script, machines, expected) in [
        (&[][..], 2.0, 0.5),
        (&["20s:front_replicas=8"], 8.0, 0.125),
        (&["20s:front_replicas=8", "30s:front_replicas=4"], 4.0, 0.25),
        // Those that have left come back under their names.
        (&["10s:front_replicas=1", "20s:front_replicas=4"], 4.0, 0.25),
    ] {
        let (there, share) = busy(script);
        assert!((there - machines).abs() < 1e-9, "{script:?}: {there}");
        assert!((share - expected).abs() < 0.02, "{script:?}: {share}");
    }
}

#[test]
fn a_replica_that_leaves_gives_the_answers_that_it_owes() {
    let lab = lab_of(
        "design: long
clients: {users: {rps: 20, calls: [{to: front, timeout: 1m}]}}
components:
  front: {kind: service, replicas: 4, slots: 40, work: \"const:2s\"}
faults: [{at: 10s, do: turn, what: front.replicas, to: 2, for: 10s}, {at: 12s, do: crash, what: front replica 4}]
",
    );
    let report = run(seconds(lab, 1, 60));
    assert!(value(&report, "users_error_ratio") < 1e-9);
    assert!((get(&report, "front_machines", Statistic::Last) - 4.0).abs() < 1e-9);
}

#[test]
fn a_bad_rollout_is_a_parameter_that_is_turned_for_a_while() {
    let lab = lab_of(&format!(
        "{FRONT}faults: [{{at: 20s, do: turn, what: front.error_ratio, to: 50%, for: 10s}}]\n"
    ));
    let errors = value(&run(seconds(lab, 1, 60)), "users_error_ratio");
    assert!((errors - 0.5 / 6.0).abs() < 0.02, "{errors}");
}

#[test]
fn what_can_not_be_turned_is_named_with_its_cure() {
    for (what, to, said) in [
        (
            "front.replicsa",
            "3",
            "`front` has no `replicsa`; did you mean `replicas`?",
        ),
        (
            "fron.replicas",
            "3",
            "there is no client or component `fron`; did you mean `front`?",
        ),
        (
            "front",
            "3",
            "`front` names no parameter; write `NAME.PARAMETER`",
        ),
        ("front.slots", "many", "`slots` can't be `many`"),
    ] {
        let text = format!("{FRONT}faults: [{{at: 1s, do: turn, what: {what}, to: {to}}}]\n");
        let problem = crate::read(&text).problems[0].to_string();
        assert!(problem.contains(said), "{problem}");
    }
    let cache = "design: d
clients: {users: {calls: [{to: lots}]}}
components: {lots: {kind: cache, origin: db}, db: {kind: database}}
faults: [{at: 1s, do: turn, what: lots.keys, to: 5}]
";
    let problem = crate::read(cache).problems[0].to_string();
    let said = "`keys` of `lots` can't be turned while it runs; set it from the start";
    assert!(problem.contains(said), "{problem}");
}
