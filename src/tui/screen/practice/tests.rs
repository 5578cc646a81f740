use super::*;
use crate::clock::{LocalDay, Moment, UtcMs};
use crate::progress::event::QuestionAnswered;
use crate::study::quiz::Answer;
use crate::tui::screen::stage::{Stage, events, golden, survives};
use crossterm::event::KeyCode::{Char, Enter};
use ddlab_labs::workbench::headless;
use std::sync::Arc;

fn on(day: i32) -> Moment {
    Moment {
        at: UtcMs(i64::from(day) * 86_400_000),
        day: LocalDay::of_number(day),
    }
}

/// A question was missed the day before.
fn missed(mut stage: Stage, id: &str) -> Stage {
    stage.now = on(100);
    stage.happened(Event::QuizAnswered(QuestionAnswered {
        question: id.to_owned(),
        answer: Answer::One(0),
        said: "x".to_owned(),
        right: false,
        confidence: None,
    }));
    stage.now = on(101);
    stage
}

#[test]
fn a_due_card_is_answered_graded_and_the_review_ends() {
    let mut stage = missed(Stage::new(), "ch07-hedge-load");
    let mut screen = PracticeScreen::review(&stage.cx());
    assert!(stage.text(&screen).contains("the last one"));
    stage.press(&mut screen, &[Char('a'), Enter]);
    assert!(stage.text(&screen).contains("How sure"));
    stage.press(&mut screen, &[Char('5')]);
    assert!(stage.text(&screen).contains("1 again"));
    let effects = stage.press(&mut screen, &[Char('3')]);
    assert!(matches!(
        events(&effects)[..],
        [Event::CardReviewed(_), Event::QuizAnswered(_)]
    ));
    stage.record(&mut screen, effects, true);
    assert!(stage.text(&screen).contains("Done for today"));
    let undone = stage.press(&mut screen, &[Char('u')]);
    assert_eq!(events(&undone).len(), 2);
    stage.record(&mut screen, undone, true);
    assert!(stage.text(&screen).contains("the last one"));
}

#[test]
fn what_cannot_be_read_is_said_and_the_answer_stays() {
    let stage = Stage::new();
    let mut screen = PracticeScreen::drill(Some("qps"), &stage.cx()).unwrap();
    stage.keys(&mut screen, "soon");
    stage.press(&mut screen, &[Enter]);
    let text = stage.text(&screen);
    assert!(
        text.contains("does not begin with a number") && text.contains("soon"),
        "{text}"
    );
    survives(&mut Stage::new(), &mut screen);
}

#[test]
fn a_mock_interview_counts_down_is_kept_and_goes_on_where_it_was_left() {
    let mut stage = Stage::new();
    stage.now = on(100);
    let mut screen = PracticeScreen::interview("chat", "senior", 45, &stage.cx()).unwrap();
    let asked = stage.send(&mut screen, Message::Shown);
    assert!(matches!(asked[..], [Effect::Tick(_), Effect::Record(_)]));
    stage.record(&mut screen, asked, true);
    assert!(stage.text(&screen).contains("requirements · 05:00 left"));
    stage.now.at = UtcMs(stage.now.at.0 + 61_000);
    assert!(
        stage.send(&mut screen, Message::Tick).is_empty(),
        "a tick of another screen"
    );
    stage.uptime = Duration::from_secs(61);
    stage.keys(&mut screen, "How many");
    let effects = stage.send(&mut screen, Message::Tick);
    assert!(stage.text(&screen).contains("03:59 left"));
    assert!(matches!(
        events(&effects)[..],
        [Event::MockKept(_), Event::DraftKept { .. }]
    ));
    stage.record(&mut screen, effects, true);
    // It is killed here: nothing more is kept.
    let again = PracticeScreen::interview("chat", "senior", 45, &stage.cx()).unwrap();
    let text = stage.text(&again);
    assert!(
        text.contains("03:59 left") && text.contains("How many"),
        "{text}"
    );
}

#[test]
fn a_question_is_settled_in_the_lab_while_the_screen_waits_for_the_run() {
    let mut stage = missed(Stage::new(), "ch07-hedge-load");
    let mut screen = PracticeScreen::prove("ch07-q5", &stage.cx()).unwrap();
    stage.keys(&mut screen, "20 % 10..30");
    let effects = stage.press(&mut screen, &[Enter]);
    let [Effect::Measure(job, Measuring::Plan(plan))] = &effects[..] else {
        panic!("{effects:?}");
    };
    stage.shows(&screen, ["The lab runs."]);
    let report = headless::run(plan.clone()).unwrap();
    let other = Message::Measured(JobId::fresh(), MeasureNews::Share(1.0));
    assert!(
        stage.send(&mut screen, other).is_empty(),
        "that of another screen"
    );
    let done = Message::Measured(*job, MeasureNews::Ran(Arc::new(report)));
    let effects = stage.send(&mut screen, done);
    assert!(matches!(events(&effects)[..], [Event::Prediction { .. }]));
    stage.record(&mut screen, effects, true);
    stage.shows(&screen, ["You said 20.0 %", "What explains the gap?"]);
    stage.press(&mut screen, &[Enter]);
    let watch = stage.press(&mut screen, &[Char('1')]);
    assert!(matches!(&watch[..], [Effect::Open(Place::Lab { .. })]));
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::new();
    let mut screen = PracticeScreen::drill(Some("fan-out"), &stage.cx()).unwrap();
    golden!("drill", stage, &mut screen);
    stage.keys(&mut screen, "63 % 40..80");
    stage.press(&mut screen, &[Enter]);
    golden!("drill-solution", stage, &mut screen);
}
