//! Parts of a sweep against the whole of it, on a lab.

use super::*;
use crate::engine::SimTime;
use crate::scatter_gather::LAB;
use crate::workbench::frame::{MetricValue, Statistic};
use crate::workbench::headless;
use crate::workbench::plan::RunPlan;
use proptest::prelude::*;
use std::fmt::Write as _;
use std::sync::OnceLock;

fn base() -> RunPlan {
    let mut base = RunPlan::new(&LAB, 0);
    (base.warmup, base.length) = (SimTime::from_millis(500), SimTime::from_secs(2));
    base
}

fn plan(vary: &[&str]) -> SweepPlan {
    SweepPlan::new(base(), 3..9, vary).unwrap()
}

const VARY: [&str; 2] = ["policy=wait_all,hedge", "fan_out=5,10"];

/// Every run of the sweep, done once for all tests.
fn reports() -> &'static [Report] {
    static REPORTS: OnceLock<Vec<Report>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        let plan = plan(&VARY);
        let run = |number| {
            let (point, seed) = plan.run(number);
            headless::run(plan.run_plan(point, seed)).unwrap()
        };
        (0..plan.runs()).map(run).collect()
    })
}

fn swept(runs: impl Iterator<Item = u64>) -> Sweep {
    let mut sweep = Sweep::new(plan(&VARY));
    for run in runs {
        let came_to = match run {
            // Two of them shall have failed.
            7 | 11 => Err(format!("run {run} fell")),
            _ => Ok(&reports()[run as usize]),
        };
        sweep.take(run, came_to).unwrap();
    }
    sweep
}

/// All that there is to be told of a sweep.
fn told(sweep: &Sweep) -> String {
    let mut text = format!("{:?} {:?}", sweep.plan.seeds(), sweep.digest());
    for outcome in sweep.outcomes() {
        let metrics = outcome.metrics.iter().map(|total| {
            let spreads = total.spreads().map(|(_, spread)| spread.to_string());
            (total.all(), spreads.collect::<Vec<_>>())
        });
        let _ = write!(
            text,
            "\n{} {:?} {:?} {:?}",
            outcome.seeds,
            outcome.failed,
            outcome.invariants,
            metrics.collect::<Vec<_>>()
        );
    }
    text
}

#[test]
fn each_run_of_a_plan_has_its_own_point_and_seed() {
    let plan = plan(&VARY);
    assert_eq!((plan.points(), plan.runs()), (4, 24));
    let mut met: Vec<_> = (0..24).map(|run| plan.run(run)).collect();
    assert_eq!(met[..5], [(0, 3), (1, 3), (2, 3), (3, 3), (0, 4)]);
    met.sort_unstable();
    met.dedup();
    assert_eq!(met.len(), 24);
    let texts: Vec<_> = (0..4)
        .map(|point| Sweep::new(plan.clone()).point_text(point))
        .collect();
    assert_eq!(
        texts,
        [
            "policy=wait_all fan_out=5",
            "policy=wait_all fan_out=10",
            "policy=hedge fan_out=5",
            "policy=hedge fan_out=10"
        ]
    );
    let run = plan.run_plan(3, 8);
    assert_eq!(
        (
            run.seed,
            run.knobs.word("policy"),
            run.knobs.count("fan_out")
        ),
        (8, "hedge", 10)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn shards_merge_to_the_whole_in_any_order(
        order in Just((0..24u64).collect::<Vec<_>>()).prop_shuffle(),
        shards in Just((1..=3u64).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let whole = told(&swept(0..24));
        prop_assert_eq!(told(&swept(order.into_iter())), whole.clone());
        let mut merged: Option<Sweep> = None;
        for index in shards {
            let runs = Shard::new(index, 3).unwrap().of_runs(24).unwrap();
            let part = swept(runs);
            match &mut merged {
                None => merged = Some(part),
                Some(merged) => merged.merge(&part).unwrap(),
            }
        }
        let merged = merged.unwrap();
        prop_assert!(merged.is_complete());
        prop_assert_eq!(told(&merged), whole);
    }
}

#[test]
fn figures_of_all_runs_together_are_not_means_of_theirs() {
    let sweep = swept((0..24).filter(|run| ![7, 11].contains(run)));
    let outcome = &sweep.outcomes()[0];
    let own: Vec<&Report> = (0..24)
        .filter(|run| sweep.plan.run(*run).0 == 0)
        .map(|run| &reports()[run as usize])
        .collect();
    let total = |name: &str| {
        let found = outcome.metrics.iter().find(|total| total.spec.name == name);
        found.unwrap()
    };
    let figures = |name: &str, statistic| -> Vec<f64> {
        let figure = |report: &&Report| report.metric(name).unwrap().get(statistic);
        own.iter().filter_map(figure).collect()
    };
    let requests = total("requests_total");
    let sum: f64 = figures("requests_total", Statistic::Value).iter().sum();
    assert_eq!(requests.all(), MetricValue::Counter(sum));
    assert_eq!(requests.spread(Statistic::Value).unwrap().count(), 6);

    let latency = total("latency_ms");
    let counts: f64 = figures("latency_ms", Statistic::Count).iter().sum();
    assert_eq!(latency.all().get(Statistic::Count), Some(counts));
    let greatest = figures("latency_ms", Statistic::Max)
        .into_iter()
        .fold(0.0, f64::max);
    assert_eq!(latency.all().get(Statistic::Max), Some(greatest));
    let tails = figures("latency_ms", Statistic::P99);
    let spread = latency.spread(Statistic::P99).unwrap();
    let mean = tails.iter().sum::<f64>() / tails.len() as f64;
    assert!((spread.mean().unwrap() - mean).abs() < 1e-9);
    assert!(spread.min() < spread.max());
    let p99 = latency.all().get(Statistic::P99).unwrap();
    assert!(spread.min() <= Some(p99) && Some(p99) <= spread.max());
}

#[test]
fn a_failed_run_counts_for_no_metric_and_is_named() {
    let sweep = swept(0..24);
    assert_eq!((sweep.done(), sweep.failed()), (24, 2));
    let outcome = &sweep.outcomes()[3];
    let failed: Vec<_> = outcome.failed.first().collect();
    assert_eq!(
        failed,
        [
            (4, &"run 7 fell".to_owned()),
            (5, &"run 11 fell".to_owned())
        ]
    );
    assert_eq!(outcome.finished(), 4);
    let requests = outcome
        .metrics
        .iter()
        .find(|total| total.spec.name == "requests_total");
    assert_eq!(
        requests.unwrap().spread(Statistic::Value).unwrap().count(),
        4
    );
}

#[test]
fn what_is_missing_twice_or_of_another_sweep_is_told() {
    let mut first = swept(0..8);
    assert_eq!(first.first_gap(), Some((0, 5..9)));
    let again = first.merge(&swept(7..12)).unwrap_err().to_string();
    assert_eq!(
        again,
        "seed 4 (with policy=hedge fan_out=10) is in it and in another one too"
    );
    assert_eq!(first.done(), 8, "a refused part leaves no trace");

    let refused = |change: &dyn Fn(&mut RunPlan), vary: &[&str]| {
        let mut other = base();
        change(&mut other);
        let other = Sweep::new(SweepPlan::new(other, 3..9, vary).unwrap());
        swept(0..8).merge(&other).unwrap_err().to_string()
    };
    let knob = refused(&|plan| plan.knobs.set_text("replicas=3").unwrap(), &VARY);
    assert!(
        knob.contains("replicas=3, where the others have replicas=2"),
        "{knob}"
    );
    let length = refused(&|plan| plan.length = SimTime::from_secs(3), &VARY);
    assert!(
        length.contains("--for 3s, where the others have --for 2s"),
        "{length}"
    );
    let script = refused(&|plan| plan.script_text("1s:slow=3").unwrap(), &VARY);
    assert!(
        script.contains("--at 1s:slow=3, where the others have no --at"),
        "{script}"
    );
    let vary = refused(&|_| (), &VARY[..1]);
    assert!(vary.contains("--vary policy=wait_all,hedge, where the others have --vary policy=wait_all,hedge --vary fan_out=5,10"), "{vary}");
}

#[test]
fn sweeps_over_seeds_that_follow_each_other_merge_to_one_over_all() {
    let over = |seeds| Sweep::new(SweepPlan::new(base(), seeds, &VARY).unwrap());
    let mut sweep = over(0..10);
    sweep.merge(&over(10..30)).unwrap();
    assert_eq!(sweep.plan().seeds(), 0..30);
}

#[test]
fn shards_share_all_runs_as_evenly_as_can_be() {
    for (runs, of) in [(24, 3), (10, 4), (7, 7), (RUNS, 99_999)] {
        let mut next = 0;
        for index in 1..=of {
            let part = Shard::new(index, of).unwrap().of_runs(runs).unwrap();
            assert_eq!(part.start, next);
            let size = part.end - part.start;
            assert!(size == runs / of || size == runs / of + 1, "{size}");
            next = part.end;
        }
        assert_eq!(next, runs);
    }
}

const RUNS: u64 = plan::RUNS_MAX;

#[test]
fn what_is_no_shard_is_told() {
    assert_eq!(Shard::parse("2/4"), Shard::new(2, 4));
    for (text, says) in [
        ("0/4", "numbered from 1 to 4"),
        ("5/4", "no shard 5 of 4"),
        ("1/0", "no shard 1 of 0"),
        ("1", "write I/N"),
        ("a/b", "write I/N"),
    ] {
        let error = Shard::parse(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    let error = Shard::new(1, 25)
        .unwrap()
        .of_runs(24)
        .unwrap_err()
        .to_string();
    assert!(error.contains("more than there are runs (24)"), "{error}");
}

#[test]
fn a_sweep_that_cannot_be_is_refused_with_what_would_do() {
    let refused = |vary: &[&str]| SweepPlan::new(base(), 3..9, vary).unwrap_err().to_string();
    for (vary, says) in [
        ("polcy=hedge,tied", "did you mean `policy`?"),
        ("policy=hedge,tid", "did you mean `tied`?"),
        ("policy", "KNOB=VALUE,VALUE"),
        ("policy=hedge,hedge", "each value once"),
        ("fan_out=5,9999", "1 to 2000"),
        ("fan_out=5,", "it is not a number"),
        ("service=exp:8ms,lognormal:8ms,0.4", "put `;` between"),
    ] {
        let error = refused(&[vary]);
        assert!(error.contains(says), "{vary}: {error}");
    }
    assert!(refused(&["fan_out=5,6", "fan_out=7"]).contains("varied twice"));
    let many: Vec<String> = (1..=1001).map(|n| n.to_string()).collect();
    let many = format!("fan_out={}", many.join(","));
    assert!(refused(&[&many]).contains("1001 combinations"));

    let refused = |base, seeds| {
        SweepPlan::new(base, seeds, &[""; 0])
            .unwrap_err()
            .to_string()
    };
    let error = refused(base(), 0..1_000_000_000_000);
    assert!(error.contains("1000000000000 runs"), "{error}");
    assert!(refused(base(), 0..0).contains("no seed in"));
    let mut short = base();
    short.warmup = short.length;
    assert!(refused(short, 0..5).contains("warm-up"));
    let mut set = base();
    set.knobs.set_text("policy=tied").unwrap();
    let error = SweepPlan::new(set, 0..5, &VARY).unwrap_err().to_string();
    assert!(error.contains("both set and varied"), "{error}");
}

#[test]
fn values_with_commas_are_varied_with_semicolons_and_written_so() {
    let texts = [
        "service=exp:8ms;lognormal:8ms,0.4",
        "network=lognormal:1ms,0.2;",
    ];
    let plan = plan(&texts);
    assert_eq!(plan.points(), 2);
    let written: Vec<String> = plan.vary().iter().map(ToString::to_string).collect();
    assert_eq!(written, texts);
}
