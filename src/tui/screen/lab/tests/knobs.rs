//! Knobs: turned, typed, set by a place, turned by the script.

use super::*;

#[test]
fn the_arrows_turn_the_knob_in_focus_at_once() {
    let mut desk = Desk::running(120, 35);
    desk.keys("jj");
    let effects = desk.press(KeyCode::Right);
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Intervene(Intervention::Set { knob, value: KnobValue::Number(n) }))] if *knob == "fan_out" && *n > 20.0),
        "{effects:?}"
    );
    assert!(!desk.text().contains("fan_out ‹20›"));
    assert!(
        desk.text().contains("starts the run again"),
        "it says what turning does"
    );
    desk.press(KeyCode::Left);
    assert!(desk.text().contains("fan_out ‹20›"));
    assert!(matches!(desk.screen.place(), Place::Lab { set, .. } if set.is_empty()));
}

#[test]
fn a_typed_value_is_taken_and_a_wrong_one_is_explained_in_place() {
    let mut desk = Desk::running(120, 35);
    desk.screen.focus = 9;
    desk.press(KeyCode::Enter);
    for _ in 0..20 {
        desk.press(KeyCode::Backspace);
    }
    desk.keys("hedg");
    desk.press(KeyCode::Enter);
    assert!(
        desk.text().contains("did you mean `hedge`?"),
        "{}",
        desk.text()
    );
    desk.keys("e");
    let effects = desk.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Intervene(Intervention::Set { knob, value: KnobValue::Word(word) }))] if *knob == "policy" && word == "hedge"),
        "{effects:?}"
    );
    assert_eq!(
        desk.screen.place(),
        Place::Lab {
            lab: "scatter-gather".to_owned(),
            set: vec!["policy=hedge".to_owned()],
            seed: 7
        }
    );
}

#[test]
fn typing_can_be_left_without_a_change() {
    let mut desk = Desk::running(80, 24);
    desk.press(KeyCode::Enter);
    desk.keys("99q?");
    assert!(desk.text().contains("arrival_rps = 99q?"));
    assert!(desk.press(KeyCode::Esc).is_empty());
    assert!(desk.text().contains("‹50 rps›"));
}

#[test]
fn settings_of_a_place_are_applied_and_wrong_ones_are_refused() {
    let set = |text: &str| LabScreen::of(fixture::spec(), &[text.to_owned()], 1);
    let screen = set("fan_out=100").expect("it is a setting");
    assert_eq!(screen.values()[2], KnobValue::Number(100.0));
    let refused = set("fanout=100").err().expect("there is no such knob");
    assert!(refused.contains("fan_out"), "{refused}");
}

#[test]
fn a_knob_that_the_script_turned_is_shown_as_it_stands_at_the_moment_gone_to() {
    let mut desk = Desk::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    frame.knobs[9] = KnobValue::Word("hedge".to_owned());
    desk.frame(frame);
    assert!(desk.text().contains("policy ‹hedge›"));
    desk.frame(fixture::frame(20, 2));
    assert!(desk.text().contains("policy ‹wait_all›"));
}
