use super::*;
use crate::engine::SimTime;
use crate::scatter_gather::LAB;
use crate::workbench::headless;
use crate::workbench::lab::Lab;

fn objective(text: &str) -> Result<Objective, ObjectiveError> {
    Objective::parse(text, LAB.spec())
}

#[test]
fn an_objective_is_a_figure_and_a_bound_in_its_unit() {
    for (text, shown) in [
        ("p99<200ms", "latency_ms p99 below 200 ms"),
        ("p95 < 0.2 s", "latency_ms p95 below 200 ms"),
        ("leaf_latency_ms.p50<50", "leaf_latency_ms p50 below 50 ms"),
        ("completeness_ratio>99%", "completeness_ratio above 99 %"),
    ] {
        assert_eq!(objective(text).map(|o| o.to_string()), Ok(shown.to_owned()));
    }
}

#[test]
fn what_is_wrong_with_an_objective_is_said_with_what_would_do() {
    for (text, said) in [
        ("p99", "p99<200ms"),
        ("latency<3", "did you mean `latency_ms`"),
        ("latency_ms.p98<3ms", "`latency_ms` has no figure `p98`"),
        ("p99<3 apples", "a number in ms"),
    ] {
        let error = objective(text).expect_err(text).to_string();
        assert!(error.contains(said), "{error}");
    }
}

/// Loads that were tried, where all up to a limit meet.
fn bisected(start: f64, limit: f64) -> ((Option<f64>, Option<f64>), usize) {
    let mut tried = 0;
    let found = bisect(start, 1.0, 1_000.0, &mut |load| {
        tried += 1;
        Ok(load <= limit)
    });
    (found.expect("nothing fails"), tried)
}

#[test]
fn the_limit_lies_between_a_load_that_meets_and_one_close_above_that_misses() {
    for start in [1.0, 50.0, 777.0, 1_000.0] {
        let ((met, missed), tried) = bisected(start, 123.4);
        let (met, missed) = (met.expect("1 meets"), missed.expect("1000 misses"));
        assert!(
            met <= 123.4 && missed > 123.4 && missed / met <= 1.05,
            "{met} {missed}"
        );
        assert!(tried < 20, "{tried}");
    }
    assert_eq!(bisected(50.0, 5_000.0).0, (Some(1_000.0), None));
    assert_eq!(bisected(50.0, 0.0).0, (None, Some(1.0)));
}

/// One slot of 10 ms each: a hundred requests a second are all that a leaf can do.
fn two_leaves(length: u64) -> RunPlan {
    let mut base = RunPlan::new(&LAB, 1);
    for setting in [
        "fan_out=2",
        "replicas=1",
        "slots=1",
        "service=exp:10ms",
        "query_share=0",
        "deadline=off",
        "arrival_rps=10",
    ] {
        base.knobs.set_text(setting).expect("it is a setting");
    }
    base.length = SimTime::from_secs(length);
    base.warmup = SimTime::from_secs(1);
    base
}

#[test]
fn several_objectives_are_searched_in_the_runs_of_one_and_not_far_beyond_the_first_that_breaks() {
    let asked = ["p99<300ms", "p50<60ms", "p99>0ms"].map(|text| objective(text).expect(text));
    let plan = LimitPlan::new(two_leaves(4), None, vec![1]).expect("it has a load");
    let loads = std::cell::RefCell::new(Vec::new());
    let run = |runs: Vec<RunPlan>| {
        loads
            .borrow_mut()
            .push(runs[0].knobs.value(LOAD).to_string());
        runs.into_iter().map(headless::run).collect()
    };
    let all = plan.search_all(&asked, run).expect("it runs");
    let tried = loads.take();
    let distinct: std::collections::BTreeSet<&String> = tried.iter().collect();
    assert_eq!(distinct.len(), tried.len(), "a load is run once: {tried:?}");
    for (together, objective) in all.iter().zip(&asked[..2]) {
        let mut plan = plan.clone();
        plan.objective = Some(*objective);
        let alone = plan.search(run).expect("it runs");
        assert_eq!(
            (together.limit, together.missed),
            (alone.limit, alone.missed)
        );
    }
    let first = all[..2].iter().filter_map(|found| found.limit);
    let first = first.reduce(f64::min).expect("ten a second are little");
    let never = &all[2];
    assert_eq!(never.missed, None);
    let limit = never.limit.expect("it is always met");
    assert!((first..=8.0 * first).contains(&limit), "{first} {limit}");
}

#[test]
fn a_lab_has_its_limit_below_what_its_machines_can_do_and_says_what_was_full() {
    let base = two_leaves(10);
    let mut plan = LimitPlan::new(base, None, vec![1, 2]).expect("it has a load");
    plan.objective = Some(objective("p99<300ms").expect("it is an objective"));
    let limit = plan
        .search(|runs| runs.into_iter().map(headless::run).collect())
        .expect("it runs");
    let found = limit.limit.expect("ten a second are little");
    // M/M/1 at 99 %: 300 ms = ln(100) / (100 − λ), so λ = 84.6; two of them at once are a little worse.
    assert!((45.0..95.0).contains(&found), "{found}");
    assert!(limit.curve.is_sorted_by(|a, b| a.load < b.load));
    let first = limit.saturates_first().expect("leaves are a resource");
    assert_eq!(first.metric.name, "leaf_utilization");
    assert!(limit.knee().is_some_and(|knee| knee < found));
    let spread: Vec<f64> = limit.by_seed.iter().flatten().copied().collect();
    assert!(
        spread
            .iter()
            .all(|seed| (found * 0.5..found * 1.5).contains(seed)),
        "{spread:?}"
    );
}

#[test]
fn a_lab_without_a_load_says_which_option_names_one() {
    let plan = RunPlan::new(&crate::election::LAB, 1);
    let error = LimitPlan::new(plan, None, vec![1]).expect_err("it has none");
    assert!(error.to_string().contains("--load KNOB"), "{error}");
}
