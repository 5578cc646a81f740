use super::*;
use crate::engine::Ran;
use crate::scatter_gather::LAB;
use crate::workbench::frame::Statistic;
use crate::workbench::frame::{HistogramView, MetricValue};
use crate::workbench::headless::{self, Compared, RunError};

const BUDGET: u64 = 1_000_000;
/// One answer in a hundred is slow, whatever the load.
const SPIKES: &str = "service=mix:99%*const:8ms,1%*const:400ms";

fn plan(seconds: u64, set: &[&str]) -> RunPlan {
    let mut plan = RunPlan::new(&LAB, 7);
    plan.length = SimTime::from_secs(seconds);
    for setting in set {
        plan.knobs.set_text(setting).unwrap();
    }
    plan
}

fn compared(a: RunPlan, b: RunPlan) -> Compared {
    headless::compare(a, b, |_| ()).unwrap()
}

fn word(text: &str) -> KnobValue {
    KnobValue::Word(text.to_owned())
}

fn intervene(sides: &mut Sides, text: &str) -> Result<(), InterventionError> {
    sides.intervene(Intervention::parse(text, sides.a().spec()).unwrap())
}

fn advanced(sides: &mut Sides, to: SimTime) {
    while sides.advance(to, BUDGET) == Ran::OutOfBudget {}
}

#[test]
fn equal_sides_are_the_same_run_and_every_ratio_is_one() {
    let mut a = plan(10, &["policy=hedge"]);
    a.script_text("3s:slow=3").unwrap();
    let compared = compared(a.clone(), a);
    assert_eq!(compared.a.digest(), compared.b.digest());
    let mut figures = 0;
    for ((spec, of_a), (_, of_b)) in compared.a.metrics.iter().zip(&compared.b.metrics) {
        for (name, ratio) in ratios(of_a, of_b) {
            assert!(
                ratio.is_none_or(|ratio| (ratio - 1.0).abs() < f64::EPSILON),
                "{} {name}: {ratio:?}",
                spec.name
            );
            figures += usize::from(ratio.is_some());
        }
    }
    assert!(figures > 20, "{figures}");
}

#[test]
fn a_hedge_takes_the_tail_and_leaves_what_it_did_not_touch_alone() {
    // What is slow is the machine and not the query, and nothing is cut off.
    let world = [
        SPIKES,
        "hedge_after=20ms",
        "fan_out=10",
        "query_share=0",
        "deadline=off",
    ];
    let a = plan(30, &world);
    let b = a.clone().but("policy", &word("hedge")).unwrap();
    assert_eq!(differing(&a, &b), ["policy"]);
    let compared = compared(a, b);
    let latency = |report: &headless::Report, statistic| {
        report
            .metric("latency_ms")
            .and_then(|value| value.get(statistic))
            .unwrap()
    };
    let p99 = ratio(
        Some(latency(&compared.a, Statistic::P99)),
        Some(latency(&compared.b, Statistic::P99)),
    );
    assert!(p99.is_some_and(|ratio| ratio < 0.8), "{p99:?}");
    // The same requests came to both; a few of the last are still waiting for a slow leaf.
    let count = |report| latency(report, Statistic::Count);
    assert!((count(&compared.a) - count(&compared.b)).abs() < 20.0);
}

#[test]
fn a_request_that_no_hedge_touched_took_equally_long_on_both_sides() {
    // So few requests that no queue carries a difference from one to the next.
    let a = plan(
        40,
        &["arrival_rps=2", SPIKES, "hedge_after=20ms", "fan_out=10"],
    );
    let b = a.clone().but("policy", &word("hedge")).unwrap();
    let mut sides = Sides::two(a, b);
    advanced(&mut sides, SimTime::from_secs(40));
    let frame = sides.frame();
    let other = frame.other.as_ref().unwrap();
    let untouched = |trace: &&Arc<crate::workbench::trace::Trace>| {
        trace.spans.iter().all(|span| !span.note.contains("hedge"))
    };
    let mut seen = 0;
    for of_b in other.sampled.iter().chain(&other.slowest).filter(untouched) {
        let of_a = frame.sampled.iter().chain(&frame.slowest);
        for of_a in of_a.filter(|of_a| of_a.request == of_b.request) {
            assert_eq!(of_a.started, of_b.started);
            assert_eq!(of_a.ended, of_b.ended, "request {}", of_b.request);
            seen += 1;
        }
    }
    assert!(seen > 0, "no request was kept by both sides");
}

#[test]
fn both_sides_stand_at_the_same_moment_after_each_slice_however_small() {
    let a = plan(10, &[]);
    let b = a.clone().but("fan_out", &KnobValue::Number(60.0)).unwrap();
    let mut sides = Sides::two(a, b);
    for slice in 1..=40 {
        let goal = SimTime(slice * 100_000_000);
        // So little work at once that a slice takes many turns.
        while sides.advance(goal, 300) == Ran::OutOfBudget {
            assert!(sides.now() <= goal);
        }
        assert!(sides.each().all(|side| side.now() == goal));
    }
}

#[test]
fn lockstep_changes_neither_side() {
    let (a, b) = (plan(8, &[]), plan(8, &["policy=hedge"]));
    let alone = [a.clone(), b.clone()].map(|plan| headless::run(plan).unwrap().digest());
    let compared = compared(a, b);
    assert_eq!([compared.a.digest(), compared.b.digest()], alone);
}

#[test]
fn what_is_done_is_done_to_both_but_the_knob_that_sets_them_apart() {
    let mut sides = Sides::one(Session::start(plan(60, &[])));
    advanced(&mut sides, SimTime::from_secs(2));
    sides
        .compare_with(&[("policy".to_owned(), word("hedge"))])
        .unwrap();
    assert_eq!(sides.now(), SimTime(0), "the other side has yet to come up");
    advanced(&mut sides, SimTime::from_secs(2));
    intervene(&mut sides, "slow=3").unwrap();
    intervene(&mut sides, "policy=tied").unwrap();
    let labels = |side: &Session| -> Vec<String> {
        let script = side.plan().script.iter();
        script.map(|done| done.what.to_string()).collect()
    };
    assert_eq!(labels(sides.a()), ["slow=3", "policy=tied"]);
    assert_eq!(labels(sides.b().unwrap()), ["slow=3"]);
    sides.swap();
    assert_eq!(labels(sides.a()), ["slow=3"]);
    sides.end_comparison();
    assert!(sides.b().is_none() && sides.frame().other.is_none());
}

#[test]
fn what_the_other_side_refuses_is_reported_in_both_journals() {
    let a = plan(60, &[]);
    let b = a.clone().but("fan_out", &KnobValue::Number(5.0)).unwrap();
    let mut sides = Sides::two(a, b);
    advanced(&mut sides, SimTime::from_secs(1));
    intervene(&mut sides, "slow=12").unwrap();
    for side in sides.each() {
        let lines = side.lab().instruments().journal.lines();
        assert!(
            lines
                .iter()
                .any(|line| line.text.contains("not done on the other side")),
            "{lines:?}"
        );
    }
    assert!(intervene(&mut sides, "slow=99").is_err());
}

#[test]
fn a_difference_holds_all_along_whatever_the_script_had_turned() {
    let mut a = plan(10, &[]);
    a.script_text("2s:policy=tied").unwrap();
    a.script_text("3s:slow=3").unwrap();
    let b = a.but("policy", &word("hedge")).unwrap();
    let script: Vec<String> = b.script.iter().map(|done| done.what.to_string()).collect();
    assert_eq!(script, ["slow=3"]);
}

#[test]
fn a_refusal_says_on_which_side() {
    let a = plan(10, &[]);
    let mut b = a.clone().but("fan_out", &KnobValue::Number(5.0)).unwrap();
    b.script_text("3s:slow=9").unwrap();
    let refused = headless::compare(a, b, |_| ()).unwrap_err();
    assert!(matches!(refused, RunError::OtherSide(_)), "{refused}");
    assert!(refused.to_string().starts_with("on the other side: at 3s"));
}

#[test]
fn nothing_is_a_multiple_of_nothing() {
    assert_eq!(ratio(Some(0.0), Some(3.0)), None);
    assert_eq!(ratio(None, Some(3.0)), None);
    assert_eq!(ratio(Some(2.0), Some(3.0)), Some(1.5));
    let empty = MetricValue::Histogram(HistogramView::default());
    assert!(
        ratios(&empty, &empty)
            .iter()
            .all(|(_, ratio)| ratio.is_none())
    );
}
