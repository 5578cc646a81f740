use super::*;
use crate::clock::UtcMs;
use crate::content::Library;
use crate::testing::Holds;
use ddlab_labs::workbench::headless;

fn now() -> Moment {
    Moment::in_zone(UtcMs(0), &jiff::tz::TimeZone::UTC)
}

fn settling(question: &str) -> Result<Prove, String> {
    let library = Library::embedded();
    let (_, question) = library.interview_question(question).unwrap();
    Prove::new(question)
}

/// Predicts, and has the lab run.
fn run(prove: &mut Prove, typed: &str) -> Vec<Event> {
    prove.reply(typed, now()).unwrap();
    let report = headless::run(prove.run().unwrap()).unwrap();
    prove.ran(Ok(&report))
}

#[test]
fn a_figure_that_the_scenario_speaks_of_is_predicted_before_it_runs() {
    let mut prove = settling("ch07-q5").unwrap();
    let step = prove.step(now());
    step.text
        .holds(["What will `completeness_ratio` be?", "20s:cut=7"]);
    assert!(prove.run().is_none(), "nothing runs before the prediction");
    assert!(prove.reply("often", now()).is_err());
    let events = run(&mut prove, "20 % 10..30");
    let [
        Event::Prediction {
            about,
            metric,
            guess,
            actual: Some(actual),
            step: None,
            ..
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(
        (about.as_str(), metric.as_str()),
        ("ch07-q5", "completeness_ratio")
    );
    assert!(
        (guess - 0.2).abs() < 1e-9 && (0.9..1.0).contains(actual),
        "{actual}"
    );
    prove
        .step(now())
        .text
        .holds(["You said 20", "does not hold it"]);
    let explained = prove
        .reply("One leaf of twenty is missing.", now())
        .unwrap();
    assert!(matches!(&explained[..], [Event::GapExplained { of, .. }] if of == "ch07-q5"));
    assert_eq!(prove.step(now()).ask, Ask::Done);
    assert_eq!(prove.leads().len(), 1);
}

#[test]
fn who_only_looks_is_asked_for_nothing_and_leaves_nothing() {
    let mut prove = settling("ch07-q5").unwrap();
    assert_eq!(run(&mut prove, ""), []);
    assert_eq!(prove.step(now()).ask, Ask::Done);
}

#[test]
fn a_question_without_a_lab_says_so() {
    let error = settling("ch06-q5").err().unwrap();
    error.as_str().holds(["no lab settles ch06-q5 yet"]);
}
