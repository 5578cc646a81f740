use super::*;
use crate::clock::{LocalDay, Moment, UtcMs};
use crate::progress::event::QuestionAnswered;
use crate::study::quiz::Answer;
use crate::tui::effect::Show;
use crate::tui::screen::stage::{Stage, events, golden, survives};
use crossterm::event::KeyCode::{Backspace, Char, Enter, Esc};
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
    assert!(
        stage.send(&mut screen, Message::Shown).is_empty(),
        "it has not begun"
    );
    stage.shows(
        &screen,
        ["a senior engineer, as chosen", "45 minutes, as chosen"],
    );
    stage.press(&mut screen, &[Char('3'), Char('2')]);
    stage.shows(&screen, ["a senior engineer, as chosen"]);
    let asked = stage.press(&mut screen, &[Enter]);
    assert!(matches!(asked[..], [Effect::Record(_), Effect::Tick(_)]));
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
fn what_was_missing_leads_to_where_it_is_taught_by_numbers_of_two_digits() {
    let mut stage = Stage::new();
    let mut screen = debriefed(&mut stage);
    stage.shows(&screen, ["Study next: what was missing", "12. "]);
    let read = stage.press(&mut screen, &[Char('3')]);
    assert!(matches!(&read[..], [Effect::Open(_)]), "{read:?}");
    let waits = stage.press(&mut screen, &[Char('1')]);
    assert!(
        matches!(&waits[..], [Effect::Tick(_), Effect::Notice(_)]),
        "{waits:?}"
    );
    let first = stage.press(&mut screen, &[Enter]);
    assert!(
        matches!(
            &first[..],
            [Effect::Open(Place::Reader {
                show: Some(Show::Section(_)),
                ..
            })]
        ),
        "{first:?}"
    );
    let twelfth = stage.press(&mut screen, &[Char('1'), Char('2')]);
    assert!(matches!(&twelfth[2..], [Effect::Open(_)]), "{twelfth:?}");
    assert!(matches!(
        stage.press(&mut screen, &[Enter])[..],
        [Effect::Back]
    ));
}

/// A mock interview of which nothing was said, at its profile.
fn debriefed(stage: &mut Stage) -> PracticeScreen {
    stage.size = (100, 200);
    let mut screen = PracticeScreen::interview("chat", "staff", 45, &stage.cx()).unwrap();
    stage.press(&mut screen, &[Enter]);
    for _ in 0..20 {
        stage.ctrl(&mut screen, 's');
    }
    stage.shows(&screen, ["What a strong staff engineer has"]);
    stage.keys(&mut screen, "2");
    let done = stage.press(&mut screen, &[Enter]);
    assert!(matches!(events(&done)[..], [Event::MockDone(_)]));
    screen
}

#[test]
fn the_settings_are_changed_kept_and_a_judge_that_is_gone_is_said() {
    let mut stage = Stage::new();
    let mut screen = PracticeScreen::settings(&stage.cx());
    stage.press(&mut screen, &[Char('1')]);
    stage.keys(&mut screen, "1970-01-09");
    let kept = stage.press(&mut screen, &[Enter]);
    assert!(matches!(events(&kept)[..], [Event::PracticePlanned(_)]));
    stage.record(&mut screen, kept, true);
    stage.shows(&screen, ["1970-01-09, in "]);
    stage.press(&mut screen, &[Char('4')]);
    stage.keys(&mut screen, "http://127.0.0.1:1/v1 m");
    let kept = stage.press(&mut screen, &[Enter]);
    stage.record(&mut screen, kept, true);
    let asked = stage.press(&mut screen, &[Char('5')]);
    let [Effect::Measure(job, Measuring::Judge(_))] = &asked[..] else {
        panic!("{asked:?}");
    };
    stage.shows(&screen, ["The judge is asked."]);
    let gone = MeasureNews::Failed("is the server running?".to_owned());
    stage.send(&mut screen, Message::Measured(*job, gone));
    stage.shows(&screen, ["is the server running?", "Try the judge"]);
}

#[test]
fn esc_leads_from_a_setting_back_to_the_settings() {
    let stage = Stage::new();
    let mut screen = PracticeScreen::settings(&stage.cx());
    stage.press(&mut screen, &[Char('2')]);
    stage.keys(&mut screen, "abc");
    assert!(stage.press(&mut screen, &[Esc]).is_empty());
    stage.shows(&screen, ["The number changes it"]);
    let left = stage.press(&mut screen, &[Esc]);
    assert!(matches!(left[..], [Effect::Back]), "{left:?}");
}

#[test]
fn the_bar_offers_what_has_something_to_do() {
    let mut stage = Stage::new().sized(80, 23);
    let mut screen = PracticeScreen::settings(&stage.cx());
    stage.send(&mut screen, Message::Shown);
    let moves = |screen: &PracticeScreen| screen.contexts().contains(&Context::Movement);
    assert!(!moves(&screen), "all of it is in view");
    stage.size = (80, 8);
    stage.send(&mut screen, Message::Resized);
    assert!(moves(&screen));
}

#[test]
fn only_enter_goes_on_from_a_worked_solution() {
    let stage = Stage::new();
    let mut screen = PracticeScreen::drill(Some("qps"), &stage.cx()).unwrap();
    stage.press(&mut screen, &[Enter]);
    stage.shows(&screen, ["Skipped.", "1 of 10"]);
    stage.keys(&mut screen, "12");
    stage.shows(&screen, ["Skipped.", "1 of 10"]);
    stage.press(&mut screen, &[Enter]);
    stage.shows(&screen, ["2 of 10"]);
    assert_eq!(screen.typed_text(), "");
}

#[test]
fn what_the_interviewer_asks_is_in_view_before_the_room_for_the_answer() {
    let stage = Stage::new().sized(80, 23);
    let mut screen = PracticeScreen::interview("job-scheduler", "senior", 20, &stage.cx()).unwrap();
    stage.press(&mut screen, &[Enter]);
    stage.ctrl(&mut screen, 's');
    stage.shows(
        &screen,
        ["what they", "follow from.", "You could also have asked"],
    );
}

#[test]
fn a_paste_is_taken_as_far_as_there_is_room() {
    let stage = Stage::new();
    let mut screen = PracticeScreen::interview("chat", "mid", 0, &stage.cx()).unwrap();
    stage.press(&mut screen, &[Enter]);
    let said = stage.send(&mut screen, Message::Paste("x".repeat(1 << 20)));
    assert!(matches!(said[..], [Effect::Notice(_)]));
    assert_eq!(screen.typed_text().len(), text_area::TEXT_MAX);
    // The same from a terminal that does not mark a paste; what takes something away is still taken.
    let said = stage.press(&mut screen, &[Char('y'); 1_000]);
    assert!(matches!(said[..], [Effect::Notice(_), ..]));
    assert_eq!(screen.typed_text().len(), text_area::TEXT_MAX);
    stage.press(&mut screen, &[Backspace, Char('z')]);
    assert!(screen.typed_text().ends_with("xz"));
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 35), (200, 60)];

#[test]
fn the_whole_screen_of_a_review_is_as_agreed() {
    let mut stage = missed(Stage::pack(), "relay-q01");
    let mut screen = PracticeScreen::review(&stage.cx());
    golden!("review", stage, &mut screen, SIZES);
    stage.press(&mut screen, &[Char('a'), Enter, Char('5')]);
    golden!("review-graded", stage, &mut screen, SIZES);
}

#[test]
fn the_whole_screen_of_a_mock_interview_is_as_agreed() {
    let mut stage = Stage::new();
    stage.now = on(100);
    let mut screen = PracticeScreen::interview("chat", "senior", 45, &stage.cx()).unwrap();
    golden!("mock-offer", stage, &mut screen, SIZES);
    stage.press(&mut screen, &[Enter]);
    stage.keys(&mut screen, "How large are groups?");
    stage.ctrl(&mut screen, 's');
    golden!("mock", stage, &mut screen, SIZES);
    let mut screen = debriefed(&mut stage);
    golden!("mock-profile", stage, &mut screen, SIZES);
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::new();
    let mut screen = PracticeScreen::drill(Some("fan-out"), &stage.cx()).unwrap();
    golden!("drill", stage, &mut screen, SIZES);
    stage.keys(&mut screen, "63 % 40..80");
    stage.press(&mut screen, &[Enter]);
    golden!("drill-solution", stage, &mut screen, SIZES);
}
