//! What every lab exposes, held against promtool's rules; and the linter against mistakes that are put in.

use super::lint::{Family, lint, parse};
use super::*;
use ddlab_labs::engine::{Ran, SimTime};
use ddlab_labs::workbench::lab::Lab;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;

fn ran(lab: &'static dyn Lab, seconds: u64) -> Frame {
    let mut session = Session::start(RunPlan::new(lab, 7));
    while session.advance(SimTime::from_secs(seconds), 1_000_000) != Ran::Reached {}
    session.frame()
}

fn families(lab: &'static dyn Lab, frame: &Frame) -> Vec<Family> {
    let answered = BTreeMap::from([(200, 12), (404, 1)]);
    let text = exposition(lab.spec(), frame, &answered);
    parse(&text).unwrap_or_else(|error| panic!("{}: {error}", lab.spec().id))
}

#[test]
fn every_lab_exposes_what_promtool_accepts_from_its_first_moment_on() {
    for lab in ddlab_labs::all() {
        for seconds in [0, 8] {
            let frame = ran(*lab, seconds);
            let families = families(*lab, &frame);
            assert_eq!(lint(&families), Vec::<String>::new(), "{}", lab.spec().id);
            // All metrics, invariants, up, time, pace asked and reached, answered.
            assert_eq!(families.len(), lab.spec().metrics.len() + 6);
            for family in &families {
                assert!(
                    family
                        .samples
                        .iter()
                        .all(|of| of.label("lab") == Some(lab.spec().id))
                );
            }
        }
    }
}

#[test]
fn values_are_in_base_units_and_a_histogram_is_a_real_one() {
    let lab = ddlab_labs::find("scatter-gather").unwrap();
    let frame = ran(lab, 8);
    let families = families(lab, &frame);
    let find = |name: &str| {
        let family = families.iter().find(|family| family.name == name);
        family.unwrap_or_else(|| panic!("no {name}"))
    };
    let MetricValue::Histogram(view) = &frame.metric("latency_ms").unwrap().value else {
        panic!("latency is a histogram")
    };
    let latency = find("ddlab_latency_seconds");
    let value = |suffix: &str| {
        let name = format!("ddlab_latency_seconds{suffix}");
        latency
            .samples
            .iter()
            .find(|of| of.name == name)
            .unwrap()
            .value
    };
    assert!((value("_sum") / value("_count") - view.mean / 1e3).abs() < 1e-9);
    // Half of all requests lie at or below the median, read off the buckets.
    let above = latency.samples.iter().find(|of| {
        let edge = of.label("le").and_then(|edge| edge.parse::<f64>().ok());
        edge.is_some_and(|edge| edge * 1e3 >= view.p50)
    });
    assert!(above.unwrap().value >= view.count as f64 / 2.0);
    let counted: Vec<f64> = latency.samples.iter().map(|of| of.value).collect();
    assert!(
        counted.iter().any(|n| *n > 0.0 && *n < view.count as f64),
        "{counted:?}"
    );
    let time = find("ddlab_virtual_time_seconds");
    assert!((time.samples[0].value - 8.0).abs() < 1e-9);
    assert!(
        find("ddlab_invariant_held")
            .samples
            .iter()
            .all(|of| of.value > 0.5)
    );
}

#[test]
fn two_scrapes_have_the_same_series() {
    let lab = ddlab_labs::find("election").unwrap();
    let series = |seconds| -> Vec<String> {
        let families = families(lab, &ran(lab, seconds));
        let samples = families.into_iter().flat_map(|family| family.samples);
        samples
            .map(|of| format!("{}{:?}", of.name, of.labels))
            .collect()
    };
    assert_eq!(series(0), series(20));
}

#[test]
fn the_reader_refuses_what_is_not_the_format() {
    for (text, why) in [
        ("# HELP a b\n# TYPE a gauge\na 1", "line feed"),
        ("a 1\n", "no TYPE"),
        ("# TYPE a gauge\na 1\na 2\n", "twice"),
        ("# TYPE a gauge\na 1\n# HELP a late\n", "after its samples"),
        (
            "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n",
            "two places",
        ),
        ("# TYPE a gauge\na{x=\"1} 1\n", "does not end"),
        ("# TYPE a gauge\na{x=\"\\q\"} 1\n", "escape"),
        ("# TYPE a gauge\na one\n", "no number"),
        ("# TYPE a meter\na 1\n", "no such type"),
        ("# TYPE a gauge\n# TYPE a gauge\na 1\n", "a second TYPE"),
        (
            "# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
            "cumulative",
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 3\n",
            "not the count",
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
            "+Inf",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn the_linter_catches_mistakes_that_are_put_in() {
    for (text, why) in [
        ("# TYPE a gauge\na 1\n", "no help"),
        ("# HELP a b\n# TYPE a counter\na 1\n", "_total"),
        (
            "# HELP a_total b\n# TYPE a_total gauge\na_total 1\n",
            "_total",
        ),
        ("# HELP a_ms b\n# TYPE a_ms gauge\na_ms 1\n", "abbreviated"),
        (
            "# HELP a_milliseconds b\n# TYPE a_milliseconds gauge\na_milliseconds 1\n",
            "base units",
        ),
        (
            "# HELP a_minutes b\n# TYPE a_minutes gauge\na_minutes 1\n",
            "base units",
        ),
        ("# HELP a:b b\n# TYPE a:b gauge\na:b 1\n", "':'"),
        ("# HELP aB b\n# TYPE aB gauge\naB 1\n", "camelCase"),
        (
            "# HELP a_gauge b\n# TYPE a_gauge gauge\na_gauge 1\n",
            "type in the name",
        ),
        (
            "# HELP a_count b\n# TYPE a_count gauge\na_count 1\n",
            "suffix",
        ),
        ("# HELP a b\n# TYPE a gauge\na{le=\"1\"} 1\n", "le is for"),
        (
            "# HELP a b\n# TYPE a gauge\na{quantile=\"1\"} 1\n",
            "quantile",
        ),
    ] {
        let problems = lint(&parse(text).unwrap()).join("; ");
        assert!(problems.contains(why), "{text}: {problems}");
    }
}

#[test]
fn labels_are_escaped_and_read_back() {
    let mut page = Page {
        text: String::new(),
        lab: escaped("a\"b\\c\nd"),
    };
    page.head("x", "two\nlines \\", "gauge");
    page.sample("x", &[], f64::INFINITY);
    let families = parse(&page.text).unwrap();
    assert_eq!(families[0].samples[0].label("lab"), Some("a\"b\\c\nd"));
}
