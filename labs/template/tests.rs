//! What holds of the stub, and what is still to be done: drop `#[ignore]` from each reminder that passes.

use super::LAB;
use crate::trial::{get, plan_of, run, slicing_changes_nothing};
use crate::workbench::frame::Statistic;
use crate::workbench::guide::Guides;
use crate::workbench::headless;
use crate::workbench::lab::Lab;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, replays, session};

#[test]
fn what_the_experiments_claim_is_what_the_lab_does() {
    let guides = Guides::parse(LAB.spec().experiments, &LAB).unwrap();
    assert!(!guides.experiments.is_empty());
    for experiment in guides.experiments {
        let found = experiment.verify(1..3).unwrap();
        assert!(found.faults.is_empty(), "{:?}", found.faults);
    }
}

#[test]
fn two_tries_fail_as_often_as_the_square_of_one() {
    let set = "failure_ratio=0.2 arrival_rps=200";
    let report = run(plan_of(&LAB, 1, 60, set));
    let failed = get(&report, "failed_ratio", Statistic::Value);
    // 12,000 requests: three standard deviations of a share of 0.04.
    assert!((failed - 0.04).abs() < 0.0054, "{failed}");
}

#[test]
fn slices_of_a_run_are_the_run() {
    let at = "1s:crash=1 2s:restart=1 3s:arrival_rps=100";
    slicing_changes_nothing(&plan_of(&LAB, 1, 5, at), 1_000);
}

#[test]
fn a_third_try_breaks_the_invariant_with_its_culprit() {
    static GREEDY: super::Template = super::Template { tries: 2 };
    let report = headless::run(plan_of(&GREEDY, 1, 20, "")).unwrap();
    let broken = &report.invariants[0];
    assert!(!broken.held);
    assert!(broken.detail.contains("is at try 4"), "{}", broken.detail);
}

#[test]
fn a_request_from_outside_is_tried_twice_and_replays() {
    let mut run = session(&LAB, "failure_ratio=0");
    assert!(ask(&mut run, "POST /ask").unwrap().body["took_ms"].is_number());
    act(&mut run, "crash=1");
    assert_eq!(ask(&mut run, "POST /ask").unwrap_err().why, Why::Failed);
    assert!(replays(&run));
}

const FILES: [(&str, &str); 4] = [
    ("mod.rs", include_str!("mod.rs")),
    ("pattern.rs", include_str!("pattern.rs")),
    ("table.rs", include_str!("table.rs")),
    ("README.md", include_str!("README.md")),
];

#[test]
#[ignore = "to do: the lab is a stub"]
fn no_text_says_that_something_is_to_do() {
    for (name, text) in FILES {
        assert!(!text.contains(concat!("TO", "DO")), "{name}");
    }
}

#[test]
#[ignore = "to do: the lab is a stub"]
fn the_registry_lists_it_with_a_challenge() {
    let id = LAB.spec().id;
    assert!(crate::find(id).is_some());
    assert!(!crate::guides(id).challenges.is_empty());
}
