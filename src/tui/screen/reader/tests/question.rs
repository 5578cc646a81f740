//! Questions that are answered within the page.

use super::*;
use crate::progress::event::QuestionAnswered;
use crate::study::quiz::Answer;
use crate::testing::Holds;

#[test]
fn a_question_is_answered_in_place_and_kept() {
    let mut stage = stage().sized(80, 30);
    let mut reader = open(&stage);
    stage.press(&mut reader, &[KeyCode::Enter]);
    assert_eq!(reader.contexts().first(), Some(&Context::Check));
    let effects = stage.press(&mut reader, &[KeyCode::Enter]);
    let recorded = events(&effects);
    let Some(Event::CheckAnswered(given)) = recorded.first() else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (given.question.as_str(), &given.said),
        ("half", &given.said)
    );
    let right = given.right;
    let unwritten = Effect::Record(Event::CheckAnswered(given.clone()));
    stage.record(&mut reader, vec![unwritten], false);
    stage.shows(&reader, ["answered, in memory only"]);
    stage.record(&mut reader, effects, true);
    let text = stage.text(&reader);
    text.holds(["answered, saved"]);
    text.lacks(["memory"]);
    text.holds(["The chances of being fast multiply."]);
    stage.press(&mut reader, &[KeyCode::Enter]);
    assert_eq!(
        reader.contexts().first(),
        Some(&Context::Reader),
        "reading goes on"
    );
    // Another day.
    let again = open(&stage);
    let text = stage.text(&again);
    assert!(text.contains("answered, saved"), "{text} {right}");
}

#[test]
fn after_an_answer_the_verdict_and_why_are_in_view_and_enter_goes_on_to_the_text_after() {
    for height in [12, 16, 23] {
        let stage = stage().sized(80, height);
        let mut reader = open(&stage);
        stage.press(&mut reader, &[KeyCode::Tab, KeyCode::Enter]);
        if reader.contexts().first() == Some(&Context::Check) {
            stage.press(&mut reader, &[KeyCode::Enter]);
        }
        let text = stage.text(&reader);
        assert!(text.contains("ight."), "the verdict\n{text}");
        text.holds(["The chances of being fast multiply."]);
        let before = reader.scroll.top;
        stage.press(&mut reader, &[KeyCode::Enter]);
        assert!(reader.scroll.top >= before);
        assert_eq!(reader.contexts().first(), Some(&Context::Reader));
    }
}

#[test]
fn an_answer_that_no_longer_fits_is_asked_again() {
    let mut stage = stage();
    stage.happened(Event::CheckAnswered(QuestionAnswered {
        question: "half".to_owned(),
        answer: Answer::Number("69".to_owned()),
        said: "69".to_owned(),
        right: true,
        confidence: None,
    }));
    stage.text(&open(&stage)).lacks(["answered"]);
}
