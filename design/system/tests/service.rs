//! A service is as the lab of the replicated service, and a call as the lab of the ambassador.

use super::paired::{Figure, Paired};
use super::{lab_of, seconds};
use ddlab_labs::engine::{Ran, SimTime};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::session::Session;

#[test]
fn a_service_is_as_its_lab_in_turn_and_by_the_better_of_two() {
    for (balance, deviations) in [
        ("round_robin", [0.37, 0.009]),
        ("two_choices", [0.22, 0.01]),
    ] {
        let paired = Paired {
            design: &format!(
                "design: d
clients: {{users: {{rps: 960, calls: [{{to: api, timeout: 2s}}]}}}}
components: {{api: {{kind: service, replicas: 3, slots: 4, work: \"exp:10ms\", balance: {balance}}}}}
"
            ),
            lab: "replicated",
            set: &["arrival_rps=960", "database_ratio=0", &format!("policy={balance}")],
            script: &[],
            length: 60,
            warmup: 5,
        };
        let figure = |ours, theirs, deviation| Figure {
            ours,
            theirs,
            statistic: Statistic::Mean,
            apart: 0.0,
            deviation,
        };
        paired.agree(&[
            // At the machine: the lab has no way to its replicas.
            figure("api_latency_ms", "latency_ms", deviations[0]),
            figure("api_utilization", "utilization", deviations[1]),
        ]);
    }
}

#[test]
fn a_call_is_as_the_lab_of_the_ambassador() {
    for (budget, deviations) in [("10%", [0.11, 17.0, 70.0]), ("off", [0.13, 95.0, 14.0])] {
        let paired = Paired {
            design: &format!(
                "design: d
clients: {{users: {{rps: 200, calls: [{{to: api, timeout: 200ms, retries: 2, retry_budget: {budget}, backoff: none, pool: 1000}}]}}}}
components: {{api: {{kind: service, replicas: 3, slots: 8, work: \"lognormal:10ms,0.5\", balance: round_robin, error_ratio: 20%}}}}
"
            ),
            lab: "ambassador",
            set: &[
                "arrival_rps=200",
                "placement=library",
                "deadline=off",
                "error_ratio=20%",
                "attempts=3",
                "backoff=none",
                "warm_up=0ms",
                "backlog=100",
                &format!("retry_budget={budget}"),
            ],
            script: &[],
            length: 60,
            warmup: 5,
        };
        let figure = |ours, theirs, statistic, deviation| Figure {
            ours,
            theirs,
            statistic,
            apart: 0.0,
            deviation,
        };
        let [latency, retries, failed] = deviations;
        paired.agree(&[
            figure("users_latency_ms", "latency_ms", Statistic::Mean, latency),
            figure(
                "users_retries_total",
                "retries_total",
                Statistic::Value,
                retries,
            ),
            figure(
                "users_failed_total",
                "errors_total",
                Statistic::Value,
                failed,
            ),
        ]);
    }
}

#[test]
fn a_machine_that_is_full_reads_as_full_within_a_second_and_one_that_is_not_does_not() {
    let loads = |rps: u32| {
        let lab = lab_of(&format!(
            "design: d\nclients: {{users: {{rps: {rps}, calls: [{{to: api, timeout: 1s}}, {{to: far}}]}}}}\n\
             components: {{api: {{kind: service, slots: 2, work: \"const:50ms\"}}, far: {{kind: external}}}}\n"
        ));
        let mut session = Session::start(seconds(lab, 1, 10));
        while session.advance(SimTime::from_secs(5), 100_000) == Ran::OutOfBudget {}
        let frame = session.sketch();
        let load = |name: &str| {
            frame
                .nodes
                .iter()
                .find(|node| node.name == name)
                .unwrap()
                .load
        };
        [load("api"), load("far")]
    };
    let [full, foreign] = loads(100);
    assert!(full > 0.999, "{full}");
    assert!(
        foreign < 0.001,
        "without slots there is no share of them: {foreign}"
    );
    let [half, _] = loads(20);
    assert!((0.2..0.8).contains(&half), "{half}");
}
