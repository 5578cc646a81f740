//! Knobs: turned, typed, set by a place, turned by the script.

use super::*;
use crate::testing::Holds;

#[test]
fn the_arrows_turn_the_knob_in_focus_at_once() {
    let mut lab = Bench::running(120, 35);
    lab.keys("jj");
    assert_eq!(asked(&lab.press(KeyCode::Right)), ["fan_out=30"]);
    lab.hides(["fan_out ‹20›"]);
    lab.shows(["starts the run again"]);
    lab.press(KeyCode::Left);
    lab.shows(["fan_out ‹20›"]);
    assert!(matches!(lab.screen.place(), Place::Lab { set, .. } if set.is_empty()));
}

#[test]
fn a_typed_value_is_taken_and_a_wrong_one_is_explained_in_place() {
    let mut lab = Bench::running(120, 35);
    lab.screen.focus = 9;
    lab.press(KeyCode::Enter);
    for _ in 0..20 {
        lab.press(KeyCode::Backspace);
    }
    lab.keys("hedg");
    lab.press(KeyCode::Enter);
    lab.shows(["did you mean `hedge`?"]);
    lab.keys("e");
    assert_eq!(asked(&lab.press(KeyCode::Enter)), ["policy=hedge"]);
    let Place::Lab { set, seed: 7, .. } = lab.screen.place() else {
        panic!("{:?}", lab.screen.place())
    };
    assert_eq!(set, ["policy=hedge"]);
}

#[test]
fn typing_can_be_left_without_a_change() {
    let mut lab = Bench::running(80, 24);
    lab.press(KeyCode::Enter);
    lab.keys("99q?");
    lab.shows(["arrival_rps = 99q?"]);
    assert!(lab.press(KeyCode::Esc).is_empty());
    lab.shows(["‹50 rps›"]);
}

#[test]
fn settings_of_a_place_are_applied_and_wrong_ones_are_refused() {
    let set = |text: &str| LabScreen::of(fixture::spec(), &[text.to_owned()], 1);
    let screen = set("fan_out=100").expect("it is a setting");
    assert_eq!(screen.values()[2], KnobValue::Number(100.0));
    let refused = set("fanout=100").err().expect("there is no such knob");
    refused.holds(["fan_out"]);
}

#[test]
fn a_knob_that_the_script_turned_is_shown_as_it_stands_at_the_moment_gone_to() {
    let mut lab = Bench::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    frame.knobs[9] = KnobValue::Word("hedge".to_owned());
    lab.frame(frame);
    lab.shows(["policy ‹hedge›"]);
    lab.frame(fixture::frame(20, 2));
    lab.shows(["policy ‹wait_all›"]);
}
