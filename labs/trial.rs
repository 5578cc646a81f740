//! What the tests of every lab share: plans in a line, figures by name, and what must hold of any lab.

use crate::engine::{Ran, SimTime};
pub use crate::seeds::seeds;
use crate::workbench::frame::{
    Frame, HistogramView, InvariantView, MetricValue, NodeView, Statistic,
};
use crate::workbench::headless::{self, Report};
use crate::workbench::intervention::Intervention;
use crate::workbench::knob::KnobKind;
use crate::workbench::lab::Lab;
use crate::workbench::plan::RunPlan;
use crate::workbench::replay::Replay;
use crate::workbench::session::Session;
use ddlab_text::Unit;
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

/// A plan of so many seconds with these settings, `key=value`, and these interventions, `20s:slow=3`: words with spaces
/// between them.
pub fn plan_of(lab: &'static dyn Lab, seed: u64, seconds: u64, words: &str) -> RunPlan {
    let mut plan = RunPlan::new(lab, seed);
    plan.length = SimTime::from_secs(seconds);
    for word in words.split_whitespace() {
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            plan.script_text(word)
                .unwrap_or_else(|error| panic!("{error}"));
        } else {
            plan.knobs
                .set_text(word)
                .unwrap_or_else(|error| panic!("{error}"));
        }
    }
    plan
}

/// Seeds of an ordinary run.
const FEW: u64 = 6;

/// A mean over seeds, and how sure it is.
#[derive(Debug, Clone, Copy)]
pub struct Estimate {
    pub mean: f64,
    pub standard_error: f64,
    seeds: f64,
}

impl Estimate {
    /// Equal to `expected` within four standard errors and this share of it; and sure enough that this says
    /// something: within `sureness`. That is for twenty seeds; with fewer the error is larger, and itself less
    /// sure (of Student's t with 5 degrees of freedom as much lies beyond 7 as beyond 4 with 19).
    #[track_caller]
    pub fn is(self, expected: f64, sureness: f64, give: f64) {
        let (mean, error) = (self.mean, self.standard_error);
        let text = format!("{mean} ± {error}, expected {expected}");
        let sureness = sureness * (20.0 / self.seeds).sqrt();
        let errors = if self.seeds < 20.0 { 7.0 } else { 4.0 };
        assert!(error <= sureness * expected, "too unsure: {text}");
        assert!(
            (mean - expected).abs() <= errors * error + give * expected,
            "{text}"
        );
    }
}

/// Runs the plan of each seed without a breach, its start left out, and reads each of the figures.
pub fn over_seeds<const N: usize>(
    warmup: u64,
    plan: impl Fn(u64) -> RunPlan,
    read: impl Fn(&Report) -> [f64; N],
) -> [Estimate; N] {
    let figures: Vec<[f64; N]> = seeds(FEW)
        .map(|seed| {
            let mut plan = plan(seed);
            plan.warmup = SimTime::from_secs(warmup);
            read(&run(plan))
        })
        .collect();
    let seeds = figures.len() as f64;
    std::array::from_fn(|nth| {
        let values = || figures.iter().map(|of_seed| of_seed[nth]);
        let mean = values().sum::<f64>() / seeds;
        let variance = values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (seeds - 1.0);
        Estimate {
            mean,
            standard_error: (variance / seeds).sqrt(),
            seeds,
        }
    })
}

/// Runs it, and holds that nothing was broken.
pub fn run(plan: RunPlan) -> Report {
    let report = headless::run(plan).unwrap_or_else(|error| panic!("{error}"));
    let broken = broken_in(&report);
    assert!(broken.is_empty(), "{broken:?}");
    report
}

/// The same without a warm-up, so that all totals are of the whole run.
pub fn run_whole(plan: RunPlan) -> Report {
    run_from(0, plan)
}

/// The same, and what was before this second is left out of the figures.
pub fn run_from(second: u64, mut plan: RunPlan) -> Report {
    plan.warmup = SimTime::from_secs(second);
    run(plan)
}

/// The invariants that a run of this plan breaks.
pub fn broken(plan: RunPlan) -> Vec<InvariantView> {
    broken_in(&headless::run(plan).unwrap_or_else(|error| panic!("{error}")))
}

pub fn broken_in(report: &Report) -> Vec<InvariantView> {
    let broken = report.invariants.iter().filter(|one| !one.held);
    broken.cloned().collect()
}

/// The one invariant that a run of this plan breaks.
#[track_caller]
pub fn broken_one(plan: RunPlan) -> InvariantView {
    let mut broken = broken(plan);
    assert_eq!(broken.len(), 1, "{broken:?}");
    broken.remove(0)
}

/// Holds that the culprit is told by these words.
#[track_caller]
pub fn says(broken: &InvariantView, words: &str) {
    assert!(broken.detail.contains(words), "{broken:?}");
}

/// Holds that what was measured is less than so much away from what was expected.
#[track_caller]
pub fn near(measured: f64, expected: f64, within: f64) {
    let is_near = (measured - expected).abs() < within;
    assert!(is_near, "{measured} and not {expected} ± {within}");
}

/// The mean of a figure over these seeds.
pub fn mean_over(seeds: Range<u64>, figure: impl Fn(u64) -> f64) -> f64 {
    let count = (seeds.end - seeds.start) as f64;
    seeds.map(figure).sum::<f64>() / count
}

/// The frame after so many seconds.
pub fn frame_at(session: &mut Session, seconds: u64) -> Frame {
    session.advance(SimTime::from_secs(seconds), u64::MAX);
    session.frame()
}

/// What a metric of the frame comes to: the last level of a gauge, the total of a counter; 0 before there is any.
pub fn shown(frame: &Frame, metric: &str) -> f64 {
    let metric = frame.metric(metric).expect("a metric of the table");
    let last = metric.value.get(Statistic::Last);
    last.or(metric.value.get(Statistic::Value)).unwrap_or(0.0)
}

/// Turns each knob that turns while the lab runs, by steps and to each of its words, and holds that nothing breaks.
pub fn turns_every_knob(mut session: Session) {
    let spec = session.spec();
    let live = || spec.knobs.iter().filter(|knob| !knob.needs_restart);
    let turn = |session: &mut Session, ms: u64, intervention: Intervention| {
        let at = session.now() + Duration::from_millis(ms);
        session.advance(at, u64::MAX);
        session.intervene(intervention).unwrap();
    };
    for steps in [1, 2, -3, 5] {
        for knob in live() {
            let value = knob.turned(session.knobs().value(knob.name), steps);
            let set = Intervention::Set {
                knob: knob.name,
                value: value.clone(),
            };
            turn(&mut session, 20, set);
            assert_eq!(session.knobs().value(knob.name), &value);
        }
    }
    for knob in live() {
        let KnobKind::Choice { options } = &knob.kind else {
            continue;
        };
        for option in *options {
            let text = format!("{}={option}", knob.name);
            let set = Intervention::parse(&text, spec).unwrap();
            turn(&mut session, 700, set);
        }
    }
    let invariants = session.lab().instruments().invariants();
    assert!(invariants.iter().all(|one| one.held), "{invariants:?}");
}

pub fn node<'a>(frame: &'a Frame, name: &str) -> &'a NodeView {
    let found = frame.nodes.iter().find(|node| node.name == name);
    found.unwrap_or_else(|| panic!("there is no node {name}"))
}

pub fn value(report: &Report, metric: &str) -> f64 {
    get(report, metric, Statistic::Value)
}

pub fn last(report: &Report, metric: &str) -> f64 {
    get(report, metric, Statistic::Last)
}

pub fn get(report: &Report, metric: &str, statistic: Statistic) -> f64 {
    let found = report.metric(metric).and_then(|value| value.get(statistic));
    found.unwrap_or_else(|| panic!("`{metric}` has no {statistic:?}"))
}

pub fn histogram(report: &Report, metric: &str) -> HistogramView {
    match report.metric(metric) {
        Some(MetricValue::Histogram(view)) => view.clone(),
        other => panic!("`{metric}` is {other:?}"),
    }
}

/// Turned in slices of 16 ms with a small budget, the plan gives the digest and the metrics that it
/// gives in one go.
pub fn slicing_changes_nothing(plan: &RunPlan, budget: u64) {
    let whole = headless::run(plan.clone()).unwrap_or_else(|error| panic!("{error}"));
    let mut session = Session::start(plan.clone());
    let mut goal = SimTime::ZERO;
    while goal < plan.length {
        goal = (goal + Duration::from_millis(16)).min(plan.length);
        while session.advance(goal, budget) == Ran::OutOfBudget {}
    }
    assert_eq!(session.digest(), whole.digest());
    let sliced = session.lab().instruments().meters.values(session.now());
    assert_eq!(sliced.len(), whole.metrics.len());
    for ((spec, sliced), (_, whole)) in sliced.iter().zip(&whole.metrics) {
        // As text: a gauge that has seen nothing is not a number, and that equals nothing.
        assert_eq!(format!("{sliced:?}"), format!("{whole:?}"), "{}", spec.name);
    }
}

/// Three tests that an eventful run of a lab is the same again: its plan, of so many seconds with these words.
macro_rules! is_the_same_again {
    ($plan:path, $seconds:literal, $words:literal) => {
        fn eventful(seed: u64) -> $crate::workbench::plan::RunPlan {
            $plan(seed, $seconds, $words)
        }

        #[test]
        fn the_same_seed_knobs_and_interventions_give_the_same_run() {
            let digest = |seed| $crate::trial::run(eventful(seed)).digest();
            assert_eq!(digest(1), digest(1));
            assert_ne!(digest(1), digest(2));
        }

        #[test]
        fn slices_of_16_ms_with_a_small_budget_give_the_same_run_as_one_go() {
            $crate::trial::slicing_changes_nothing(&eventful(1), 97);
        }

        #[test]
        fn a_recorded_run_replays_to_its_digest() {
            $crate::trial::replays_to_its_digest(eventful(3));
        }
    };
}
pub(crate) use is_the_same_again;

/// Runs the plan, and holds that its record comes to the same.
pub fn replays_to_its_digest(plan: RunPlan) {
    let report = run(plan);
    let digest = report.digest();
    assert_eq!(
        headless::replay(&report.record).unwrap(),
        Replay::Same { digest }
    );
}

/// Holds that scripts can address all of these in the lab's table.
pub fn has_all_of(lab: &'static dyn Lab, names: &str) {
    let spec = lab.spec();
    let known: BTreeSet<&str> = spec
        .knobs
        .iter()
        .map(|knob| knob.name)
        .chain(spec.actions.iter().map(|action| action.name))
        .chain(spec.metrics.iter().map(|metric| metric.name))
        .collect();
    for name in names.split_whitespace() {
        assert!(known.contains(name), "{name}");
    }
}

#[test]
fn in_every_table_names_and_keys_are_distinguished() {
    for spec in crate::all().iter().map(|lab| lab.spec()) {
        let knobs = spec.knobs.iter().map(|knob| knob.name);
        // A line of a script turns a knob or does an action; what it reads is asked for elsewhere.
        let mut done = BTreeSet::new();
        for name in knobs.chain(spec.actions.iter().map(|action| action.name)) {
            assert!(done.insert(name), "{}: `{name}` twice", spec.id);
        }
        let mut read = BTreeSet::new();
        for name in spec.metrics.iter().map(|metric| metric.name) {
            assert!(read.insert(name), "{}: `{name}` twice", spec.id);
        }
        let keys: BTreeSet<char> = spec.actions.iter().map(|action| action.key).collect();
        assert_eq!(keys.len(), spec.actions.len(), "{}", spec.id);
    }
}

#[test]
fn a_metric_that_has_a_unit_says_so_at_the_end_of_its_name() {
    for metric in crate::all().iter().flat_map(|lab| &lab.spec().metrics) {
        let stem = metric.unit.stem(metric.name);
        let share = metric.unit == Unit::Share && metric.name.ends_with("utilization");
        let bare = metric.unit == Unit::Count;
        assert!(bare || share || stem != metric.name, "{}", metric.name);
        for unit in [
            Unit::Milliseconds,
            Unit::Seconds,
            Unit::Share,
            Unit::PerSecond,
        ] {
            let says = unit.stem(metric.name) != metric.name;
            assert!(!says || unit == metric.unit, "{}", metric.name);
        }
    }
}

#[test]
fn every_lab_has_five_to_seven_knobs_that_say_what_it_is_about() {
    for spec in crate::all().iter().map(|lab| lab.spec()) {
        let essential = spec.knobs.iter().filter(|knob| knob.essential).count();
        assert!((5..=7).contains(&essential), "{}: {essential}", spec.id);
    }
}

#[test]
fn every_default_is_within_its_own_range_and_reads_back() {
    for knob in crate::all().iter().flat_map(|lab| &lab.spec().knobs) {
        knob.check(&knob.default)
            .unwrap_or_else(|error| panic!("{error}"));
        let text = knob.default.to_string();
        assert_eq!(knob.parse(&text).as_ref(), Ok(&knob.default));
    }
}

#[test]
fn every_figure_has_its_readings_when_it_says() {
    for lab in crate::all() {
        let guides = crate::guides(lab.spec().id);
        assert!(!guides.figures.is_empty(), "{}", lab.spec().id);
        for figure in &guides.figures {
            let mut session = Session::start(figure.plan(*lab));
            // A figure that has its readings early keeps them.
            let mut empty = None;
            for tenth in 1..=10 {
                session.advance(SimTime(figure.length.0 / 10 * tenth), u64::MAX);
                let frame = session.frame();
                let mut readouts = figure.readouts.iter();
                empty = readouts.find(|readout| readout.show(&frame) == "–");
                if empty.is_none() {
                    break;
                }
            }
            let label = empty.map(|readout| &readout.label);
            assert_eq!(label, None, "{}", figure.id);
        }
    }
}
