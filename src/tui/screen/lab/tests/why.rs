//! Why: the story of the last minute, and the limit of the load.

use super::*;
use crate::tui::effect::Measuring;
use crate::tui::event::MeasureNews;
use ddlab_labs::workbench::headless;

/// A lab of the registry with leaf 3 slow from 10 s on.
fn slowed(width: u16, height: u16) -> Bench {
    let lab = ddlab_labs::find("scatter-gather").expect("it is in the registry");
    let mut plan = ddlab_labs::workbench::plan::RunPlan::new(lab, 7);
    plan.script_text("10s:slow=3").expect("it is an action");
    let mut session = ddlab_labs::workbench::session::Session::start(plan);
    session.advance(SimTime::from_secs(25), u64::MAX);
    let mut bench = Bench::of(lab.spec(), width, height);
    bench.frame(session.frame());
    bench
}

#[test]
fn y_tells_what_happened_and_each_line_leads_to_its_moment() {
    for (width, height) in [(80, 24), (120, 35), (60, 16)] {
        let mut lab = slowed(width, height);
        lab.keys("y");
        lab.shows(["The last minute", "you: slow=3", "latency p99: up"]);
        let effects = lab.press(KeyCode::Enter);
        assert!((sought(&effects) - 10.0).abs() < 1.1, "{effects:?}");
        lab.hides(["The last minute"]);
    }
    let mut calm = Bench::new(80, 24);
    let mut frame = fixture::frame(20, 2);
    frame.metrics.clear();
    frame.interventions.clear();
    calm.frame(frame);
    calm.keys("y");
    calm.shows(["Nothing out of the ordinary", "twice or half"]);
    let keys = calm.screen.contexts();
    assert!(
        !crate::tui::keymap::footer(&keys)
            .iter()
            .any(|(_, word, _)| *word == "go there")
    );
    calm.press(KeyCode::Esc);
    calm.hides(["Nothing out of the ordinary"]);
}

#[test]
fn the_slowest_request_says_what_was_done_before_it() {
    let mut lab = slowed(120, 35);
    lab.keys("t");
    lab.shows(["since 00:10.000: you: slow=3"]);
}

#[test]
fn n_sets_what_theory_says_beside_what_was_measured_or_says_why_not() {
    let mut lab = slowed(120, 35);
    lab.keys("n");
    lab.shows([
        "What theory says",
        "latency p99",
        "measured",
        "order statistics",
    ]);
    lab.press(KeyCode::Esc);
    lab.hides(["What theory says"]);
    lab.screen = scatter("policy=hedge").expect("it opens");
    lab.send(Message::Shown);
    lab.keys("n");
    lab.shows(["theory doesn't hold here: the root asks again"]);
    // Of four figures it is the same reason.
    assert_eq!(lab.text().matches("the root asks again").count(), 1);
}

#[test]
fn what_theory_says_can_be_read_to_its_end_on_the_smallest_screen() {
    let mut lab = slowed(60, 16);
    lab.screen = scatter("policy=hedge").expect("it opens");
    lab.send(Message::Shown);
    lab.keys("nG");
    lab.shows(["What theory says", "nothing was done to it"]);
}

#[test]
fn f_finds_the_limit_with_the_knobs_as_they_are_and_can_be_given_up() {
    let mut lab = slowed(120, 35);
    let effects = lab.keys("f");
    let Some(Effect::Measure(job, Measuring::Limit(plan))) = effects.first() else {
        panic!("{effects:?}")
    };
    lab.shows(["searching"]);
    assert!(lab.press(KeyCode::Enter).is_empty(), "it goes on");
    lab.shows(["searching"]);
    let mut plan = plan.clone();
    for setting in ["fan_out=2", "slots=1", "replicas=1", "arrival_rps=20"] {
        plan.base.knobs.set_text(setting).expect("it is a setting");
    }
    plan.base.length = SimTime::from_secs(4);
    plan.base.warmup = SimTime::from_secs(1);
    let found = plan.search(|runs| runs.into_iter().map(headless::run).collect());
    let news = MeasureNews::Limit(Arc::new(found.expect("it runs")));
    lab.send(Message::Measured(*job, news));
    for size in [(120, 34), (80, 23)] {
        lab.stage.size = size;
        lab.shows([
            "limit ",
            "latency_ms p99",
            "of 3",
            "over the seeds",
            "meet it",
        ]);
    }
    assert!(lab.press(KeyCode::Esc).is_empty());
    let effects = lab.keys("f");
    assert_eq!(asked(&effects), ["Measure"]);
    assert_eq!(asked(&lab.press(KeyCode::Esc)), ["StopMeasuring"]);
}
