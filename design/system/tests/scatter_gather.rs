//! Scatter/gather is as its lab, by each policy; a slow leaf, a dead one, and a budget that is spent.

use super::paired::{Figure, Paired};
use super::{get, is_found_out_in, lab_of, of_design, run, seconds, value};
use crate::system::Tamper;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;

/// One root, as in the lab, with these parameters beside the lab's defaults.
fn search(more: &str) -> String {
    format!(
        "design: search
clients: {{people: {{rps: 50, calls: [{{to: search, timeout: 1m}}]}}}}
components:
  search: {{kind: scatter_gather, roots: 1{more}}}
"
    )
}

#[test]
fn scatter_gather_is_as_its_lab_by_each_policy() {
    for (more, settings, deviations) in [
        ("", &[][..], [0.11, 1.33, 0.0]),
        (
            ", policy: hedge, hedge_after: 20ms",
            &["policy=hedge", "hedge_after=20ms"],
            [0.104, 0.64, 0.0],
        ),
        (
            ", policy: redundant",
            &["policy=redundant"],
            [0.054, 0.84, 0.0],
        ),
        (
            ", quorum: 0.9, deadline: 15ms",
            &["quorum=0.9", "deadline=15ms"],
            [0.03, 0.0001, 0.001],
        ),
    ] {
        // A search that is called off gives its slot back at once, as a call of a design does.
        let settings: Vec<&str> = settings.iter().copied().chain(["cancel=free"]).collect();
        let paired = Paired {
            design: &search(more),
            lab: "scatter-gather",
            set: &settings,
            script: &[],
            length: 40,
            warmup: 4,
        };
        let figure = |ours, theirs, statistic, deviation| Figure {
            ours,
            theirs,
            statistic,
            apart: 0.0,
            deviation,
        };
        let (latency, answered) = ("search_latency_ms", "search_completeness_ratio");
        let [mean, p99, completeness] = deviations;
        paired.agree(&[
            figure(latency, "latency_ms", Statistic::Mean, mean),
            figure(latency, "latency_ms", Statistic::P99, p99),
            figure(
                answered,
                "completeness_ratio",
                Statistic::Value,
                completeness,
            ),
        ]);
    }
}

#[test]
fn theory_knows_the_slowest_of_all_leaves() {
    let text = search("");
    let [mean] = of_design(&text, 40, [("search_latency_ms", Statistic::Mean)]);
    let predicted = crate::theory::predict(lab_of(&text).design())[0]
        .mean_ms
        .unwrap();
    // The way to the leaves and the reading of their answers is half a millisecond, and a little.
    assert!((mean / predicted - 1.0).abs() < 0.06, "{mean} {predicted}");
}

#[test]
fn a_hedge_saves_the_answer_from_one_slow_leaf_and_a_deadline_says_what_is_missing() {
    let p99 = |more: &str| {
        let text = search(more);
        let lab = lab_of(&format!(
            "{text}faults: [{{at: 1s, do: slow, what: search leaf 3, by: 20x}}]\n"
        ));
        let mut plan = seconds(lab, 1, 60);
        plan.warmup = SimTime::from_secs(5);
        let report = run(plan);
        (
            get(&report, "search_latency_ms", Statistic::P99),
            value(&report, "search_completeness_ratio"),
        )
    };
    let (waits, whole) = p99("");
    assert!(waits > 150.0, "{waits}");
    assert!(whole > 0.99, "{whole}");
    let (hedged, whole) = p99(", policy: hedge, hedge_after: 20ms");
    assert!(hedged < 60.0, "{hedged}");
    assert!(whole > 0.99, "{whole}");
    let (cut, partial) = p99(", deadline: 50ms");
    assert!(cut < 55.0, "{cut}");
    assert!((0.95..0.99).contains(&partial), "{partial}");
}

#[test]
fn a_dead_machine_of_a_leaf_costs_nothing_while_there_is_another() {
    let lab = lab_of(&format!(
        "{}faults: [{{at: 20s, do: crash, what: search leaf 3 replica 2}}, {{at: 30s, do: zone_down, what: b, for: 10s}}]\n",
        search("")
    ));
    let report = run(seconds(lab, 1, 60));
    assert!(value(&report, "search_completeness_ratio") > 0.9);
}

#[test]
fn the_story_says_that_the_hedges_have_spent_their_budget() {
    let text = search(", policy: hedge, hedge_after: 20ms, hedge_budget: 0.02");
    let lab = lab_of(&format!(
        "{text}faults: [{{at: 20s, do: turn, what: search.work, to: \"lognormal:30ms,0.4\"}}]\n"
    ));
    let story = crate::why::why(lab, seconds(lab, 1, 60)).unwrap();
    assert!(
        story
            .iter()
            .any(|line| line.text.starts_with("the hedges of search have spent")),
        "{story:#?}"
    );
}

#[test]
fn a_root_that_sends_more_hedges_than_it_may_is_found_out() {
    is_found_out_in(
        &search(", policy: hedge, hedge_after: 8ms"),
        Tamper::OverspendHedges,
        "hedges stay",
    );
}

#[test]
fn a_leaf_that_is_not_there_is_named() {
    let text = format!(
        "{}faults: [{{at: 1s, do: slow, what: search leaf 21, by: 20x}}]\n",
        search("")
    );
    let read = crate::read(&text);
    let said = read.problems[0].to_string();
    assert!(said.contains("`search leaf 21` names no machine"), "{said}");
}
