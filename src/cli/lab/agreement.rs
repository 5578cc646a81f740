//! One run read in every way in which the program shows it: the figures must be the same.

use super::{json, table};
use crate::gateway::metrics::{exposition, name};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::claim::measure::Source;
use ddlab_labs::workbench::claim::{Measure, MeasuredRun, Readings};
use ddlab_labs::workbench::figure::Readout;
use ddlab_labs::workbench::frame::{Frame, MetricValue, Statistic};
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::meter::{MetricKind, MetricSpec};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use ddlab_text::{figure, grouped};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// A run with answers that are late, partial and hedged, so that no figure is nothing or all.
fn plan(lab: &str, set: &[&str]) -> RunPlan {
    let mut plan = RunPlan::new(ddlab_labs::find(lab).expect("it is in the registry"), 3);
    plan.length = SimTime::from_secs(12);
    plan.warmup = SimTime::from_secs(3);
    for setting in set {
        plan.knobs.set_text(setting).expect("a knob of the lab");
    }
    plan
}

fn frame(plan: RunPlan) -> Frame {
    let length = plan.length;
    let mut session = Session::start(plan);
    session.advance(length, u64::MAX);
    session.frame()
}

/// As an experiment measures them: by metric and statistic.
fn measured(plan: &RunPlan) -> Readings {
    let run = "whole";
    let measure = |metric: &'static MetricSpec, statistic: &Statistic| Measure {
        name: named(metric, *statistic),
        label: String::new(),
        unit: metric.unit,
        source: Source::Metric {
            run: run.to_owned(),
            metric,
            statistic: *statistic,
            over: None,
        },
    };
    let of_metric = |metric: &'static MetricSpec| {
        let statistics = metric.kind.statistics().iter();
        statistics.map(move |statistic| measure(metric, statistic))
    };
    let measures: Vec<Measure> = plan.lab.spec().metrics.iter().flat_map(of_metric).collect();
    let measured = MeasuredRun {
        id: run.to_owned(),
        plan: plan.clone(),
        begins: plan.warmup,
        speed: 1.0,
        breaks: Vec::new(),
    };
    let measured = measured.measure(plan.seed, &measures, &mut |_| ControlFlow::Continue(()));
    measured.expect("it runs to its end").readings
}

fn named(metric: &MetricSpec, statistic: Statistic) -> String {
    format!("{} {}", metric.name, statistic.key())
}

/// What an exposition says, by the name and labels of a sample.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        (name.to_owned(), value.parse().expect("a number"))
    };
    lines.map(sample).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

/// The words of the table's line of a metric, behind its name.
fn row<'a>(table: &'a str, name: &str) -> Vec<&'a str> {
    let mut rows = table.lines().map(|line| line.split_whitespace());
    let row = rows.find_map(|mut words| (words.next() == Some(name)).then_some(words));
    row.expect("the table has a line for each metric").collect()
}

fn text(metric: &MetricSpec, statistic: Statistic, value: f64) -> String {
    match metric.kind {
        MetricKind::Counter => grouped(value as i64),
        MetricKind::Ratio => metric.unit.show(value),
        MetricKind::Histogram if statistic == Statistic::Count => grouped(value as i64),
        MetricKind::Gauge | MetricKind::Histogram => figure(value),
    }
}

/// The share of samples at most as great as a percentile, by the buckets of an exposition: between the
/// edges around it.
fn around(samples: &BTreeMap<String, f64>, name: &str, percentile_s: f64) -> (f64, f64) {
    let prefix = format!("{name}_bucket{{");
    let buckets = samples.iter().filter(|(key, _)| key.starts_with(&prefix));
    let edge = |key: &str| {
        let text = key
            .split("le=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        match text.expect("a bucket has an edge") {
            "+Inf" => f64::INFINITY,
            text => text.parse().expect("an edge is a number"),
        }
    };
    let mut around = (0.0, f64::INFINITY);
    for (key, count) in buckets {
        if edge(key) < percentile_s * 0.999 {
            around.0 = f64::max(around.0, *count);
        } else if edge(key) > percentile_s * 1.001 {
            around.1 = f64::min(around.1, *count);
        }
    }
    around
}

fn exposed(samples: &BTreeMap<String, f64>, metric: &MetricSpec, value: &MetricValue) {
    let (name, scale) = name::of(metric);
    let sample = |end: &str| {
        let family = format!("{name}{end}{{");
        let mut found = samples.iter().filter(|(key, _)| key.starts_with(&family));
        *found.next().expect("each metric is exposed").1
    };
    let same = |sample: f64, value: f64| {
        let value = value * scale;
        assert!(close(sample, value), "exposition, {name}: {sample} {value}");
    };
    match value {
        MetricValue::Counter(total) => same(sample(""), *total),
        MetricValue::Ratio(Some(ratio)) => same(sample(""), *ratio),
        MetricValue::Ratio(None) => assert!(sample("").is_nan()),
        MetricValue::Gauge { last, .. } => same(sample(""), *last),
        MetricValue::Histogram(view) => {
            assert!(close(sample("_count"), view.count as f64));
            assert!(close(sample("_sum"), view.mean * view.count as f64 / 1e3));
            for (share, ms) in [(0.5, view.p50), (0.95, view.p95), (0.99, view.p99)] {
                let (below, upto) = around(samples, &name, ms / 1e3);
                let rank = share * view.count as f64;
                assert!(
                    below <= rank && rank <= upto,
                    "{name}: {below} {rank} {upto}"
                );
            }
        }
    }
}

fn agrees(lab: &str, set: &[&str]) {
    let plan = plan(lab, set);
    let report: Report = headless::run(plan.clone()).expect("it runs to its end");
    let frame = frame(plan.clone());
    let json = serde_json::to_value(json::report(&report)).expect("it is JSON");
    let mut printed = Vec::new();
    table::report(&mut printed, &report).expect("memory takes it");
    let printed = String::from_utf8(printed).expect("it is text");
    let samples = samples(&exposition(plan.lab.spec(), &frame, &BTreeMap::new()));
    let measured = measured(&plan);
    for (metric, value) in &report.metrics {
        let metric: &'static MetricSpec = metric;
        exposed(&samples, metric, value);
        let row = row(&printed, metric.name);
        for statistic in metric.kind.statistics() {
            let value = value.get(*statistic);
            let what = named(metric, *statistic);
            let printed_value = &json["metrics"][metric.name];
            let printed_value = match printed_value {
                Value::Object(figures) => &figures[statistic.key()],
                one => one,
            };
            assert_eq!(printed_value.as_f64(), value, "JSON, {what}");
            let readout = Readout {
                label: String::new(),
                metric,
                statistic: *statistic,
            };
            assert_eq!(readout.whole_run(&frame), value, "figure, {what}");
            assert_eq!(measured.get(&what).copied(), value, "experiment, {what}");
            if let Some(value) = value {
                let text = text(metric, *statistic, value);
                let words: Vec<&str> = text.split_whitespace().collect();
                let found = row.windows(words.len()).any(|part| part == words);
                assert!(found, "table, {what}: `{text}` is not in {row:?}");
            }
        }
    }
}

#[test]
fn table_json_exposition_figure_and_experiment_agree_on_scatter_gather() {
    let set = [
        "policy=hedge",
        "deadline=25ms",
        "straggler=2",
        "straggler_factor=5",
    ];
    agrees("scatter-gather", &set);
}

#[test]
fn table_json_exposition_figure_and_experiment_agree_on_every_other_lab_as_it_opens() {
    for lab in ddlab_labs::all() {
        agrees(lab.spec().id, &[]);
    }
}
