//! Retries against a store that is full: a collapse that outlives its cause, and what ends it.

use super::{get, lab_of, run, seconds, value};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::headless::Report;

/// 100 requests a second to a store that does 133; from the 30th second three times as many for ten seconds.
fn shop(call: &str) -> String {
    format!(
        "design: shop
clients: {{buyers: {{rps: 100, calls: [{{to: gateway, timeout: 1m}}]}}}}
components:
  gateway: {{kind: service, replicas: 2, slots: 1000, work: \"const:1ms\", blocking: off, calls: [{{to: store, timeout: 500ms{call}}}]}}
  store: {{kind: database, slots: 2, reads: \"exp:15ms\", connections: 500}}
faults:
  - {{at: 30s, do: crowd, by: 3x, for: 10s}}
"
    )
}

/// Minutes after the crowd has gone.
fn long_after(call: &str, seed: u64) -> Report {
    let mut plan = seconds(lab_of(&shop(call)), seed, 300);
    plan.warmup = SimTime::from_secs(180);
    run(plan)
}

#[test]
fn retries_keep_a_store_full_long_after_the_crowd_has_gone() {
    for seed in 1..=3 {
        let report = long_after(", retries: 3", seed);
        let answered = 1.0 - value(&report, "buyers_error_ratio");
        assert!(answered < 0.05, "seed {seed}: {answered}");
        let busy = get(&report, "store_utilization", Statistic::Mean);
        assert!(busy > 0.99, "seed {seed}: {busy}");
        // It works all the time on what nobody waits for any more.
        let wasted = value(&report, "store_wasted_ratio");
        assert!(wasted > 0.9, "seed {seed}: {wasted}");
    }
}

#[test]
fn a_retry_budget_ends_the_storm() {
    for seed in 1..=3 {
        let report = long_after(", retries: 3, retry_budget: 10%", seed);
        let errors = value(&report, "buyers_error_ratio");
        assert!(errors < 0.01, "seed {seed}: {errors}");
        let wasted = value(&report, "store_wasted_ratio");
        assert!(wasted < 0.01, "seed {seed}: {wasted}");
    }
}

#[test]
fn calling_off_what_is_given_up_gives_the_store_its_capacity_back() {
    let runs_on = long_after(", retries: 3", 1);
    let called_off = long_after(", retries: 3, cancel: on", 1);
    let wasted = |report| value(report, "store_wasted_ratio");
    assert!(wasted(&runs_on) > 0.9);
    assert!(wasted(&called_off) < 0.05, "{}", wasted(&called_off));
}

#[test]
fn without_retries_there_is_no_storm() {
    let report = long_after("", 1);
    assert!(value(&report, "buyers_error_ratio") < 0.01);
}

#[test]
fn the_story_of_a_storm_names_its_cause_its_engine_and_that_it_stays() {
    let lab = lab_of(&shop(", retries: 3"));
    let story = crate::why::why(lab, seconds(lab, 1, 180)).unwrap();
    let text: Vec<&str> = story.iter().map(|line| line.text.as_str()).collect();
    for part in [
        "all clients send 3 times as much",
        "store is full",
        "gateway makes",
        "of what store does is for callers that have given up",
        "of the requests of buyers are not answered",
        "it keeps itself going",
    ] {
        assert!(
            text.iter().any(|line| line.contains(part)),
            "{part}: {text:#?}"
        );
    }
    assert!(story.len() <= crate::why::LINES_MAX);
    assert!(story.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[test]
fn the_story_of_a_run_in_which_a_budget_holds_ends_well() {
    let lab = lab_of(&shop(", retries: 3, retry_budget: 10%"));
    let story = crate::why::why(lab, seconds(lab, 1, 180)).unwrap();
    let text: Vec<&str> = story.iter().map(|line| line.text.as_str()).collect();
    assert!(text.contains(&"store has room again"), "{text:#?}");
    assert!(text.contains(&"buyers are answered again"), "{text:#?}");
    for part in ["gateway makes", "it keeps itself going"] {
        assert!(
            !text.iter().any(|line| line.contains(part)),
            "{part}: {text:#?}"
        );
    }
}
