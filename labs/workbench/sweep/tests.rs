//! Parts of a sweep against the whole of it, on a lab.

use super::*;
use crate::engine::SimTime;
use crate::scatter_gather::LAB;
use crate::workbench::frame::{MetricValue, Statistic};
use crate::workbench::headless::{self, Report};
use crate::workbench::plan::RunPlan;
use std::ops::Range;
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

/// What the runs came to; two of them shall have failed.
fn rows(runs: Range<u64>) -> impl Iterator<Item = Row> {
    let plan = plan(&VARY);
    runs.map(move |run| {
        let came_to = match run {
            7 | 11 => Err(format!("run {run} fell")),
            _ => Ok(&reports()[run as usize]),
        };
        Row::of(&plan, run, came_to)
    })
}

fn swept(rows: impl Iterator<Item = Row>) -> Sweep {
    let mut sweep = Sweep::new(plan(&VARY));
    rows.for_each(|row| sweep.take(&row));
    sweep
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
    let texts: Vec<_> = (0..4).map(|point| plan.point_text(point)).collect();
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
            run.knobs.value("policy").to_string(),
            run.knobs.value("fan_out").to_string()
        ),
        (8, "hedge".to_owned(), "10".to_owned())
    );
}

#[test]
fn rows_that_were_written_and_joined_again_give_the_sweep_of_all() {
    let whole = format!("{:?}", swept(rows(0..24)).outcomes());
    for of in [1, 2, 3, 5, 24] {
        let shards = (1..=of).flat_map(|index| {
            let runs = Shard::new(index, of).unwrap().of_runs(24).unwrap();
            rows(runs).map(|row| row.to_line())
        });
        let joined = swept(shards.map(|line| Row::parse(&line).unwrap()));
        assert!(joined.is_complete());
        assert_eq!(format!("{:?}", joined.outcomes()), whole);
        assert_eq!(joined.digest(), swept(rows(0..24)).digest());
    }
}

#[test]
fn a_line_that_was_changed_is_no_row() {
    let line = rows(0..1).next().unwrap().to_line();
    assert!(Row::parse(&line).is_some());
    assert_eq!(Row::parse(&line[..line.len() / 2]), None);
    for place in (0..line.len()).step_by(37) {
        let mut bytes = line.clone().into_bytes();
        bytes[place] ^= 1;
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(Row::parse(&changed), None, "{changed}");
    }
}

#[test]
fn figures_of_all_runs_together_are_not_means_of_theirs() {
    let sweep = swept(rows(0..24).filter(|row| row.failed.is_none()));
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
    let sweep = swept(rows(0..24));
    assert_eq!((sweep.done(), sweep.failed()), (24, 2));
    let outcome = &sweep.outcomes()[3];
    assert_eq!(
        outcome.failed.first,
        [(4, "run 7 fell".to_owned()), (5, "run 11 fell".to_owned())]
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
fn of_what_happens_often_all_are_counted_and_the_first_are_named() {
    let fell = rows(0..24).map(|row| Row {
        failed: Some(format!("seed {} fell", row.seed)),
        ..row
    });
    let sweep = swept(fell);
    let failed = &sweep.outcomes()[1].failed;
    assert_eq!(failed.count, 6);
    let seeds: Vec<u64> = failed.first.iter().map(|(seed, _)| *seed).collect();
    assert_eq!(seeds, [3, 4, 5, 6, 7]);
}

#[test]
fn what_sets_two_sweeps_apart_is_reported() {
    let refused = |change: &dyn Fn(&mut RunPlan), vary: &[&str]| {
        let mut other = base();
        change(&mut other);
        let other = SweepPlan::new(other, 3..9, vary).unwrap();
        let (ours, theirs) = plan(&VARY).difference(&other).unwrap();
        format!("{theirs}, where the others have {ours}")
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
fn what_is_no_shard_is_reported() {
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
