//! Knobs: shown, found, turned, typed, taken back, set by a place, turned by the script.

use super::*;
use crate::testing::Holds;

const FAN_OUT: usize = 2;
const POLICY: usize = 9;
const DEADLINE: usize = 10;

/// Nothing but a wait for a pause of the learner's.
fn waits(effects: &[Effect]) -> bool {
    matches!(effects, [Effect::Tick(_)])
}

#[test]
fn what_the_arrows_turn_to_is_shown_at_once_and_applied_when_one_pauses() {
    let mut lab = Bench::running(120, 35);
    lab.screen.focus = POLICY;
    assert!(waits(&lab.press(KeyCode::Right)));
    assert!(waits(&lab.press(KeyCode::Right)), "deadline is passed by");
    lab.shows(["policy ‹hedge›?", "was wait_all, becomes hedge"]);
    assert!(
        lab.send(Message::Tick).is_empty(),
        "the tick of the first turn"
    );
    assert_eq!(asked(&lab.pause()), ["policy=hedge"]);
    lab.hides(["‹hedge›?"]);
    lab.screen.focus = FAN_OUT;
    lab.shows(["starts the run again; z takes that back"]);
}

#[test]
fn enter_applies_and_so_does_another_key_but_esc_and_z_do_not() {
    let mut lab = Bench::running(120, 35);
    lab.screen.focus = FAN_OUT;
    lab.press(KeyCode::Right);
    assert_eq!(asked(&lab.press(KeyCode::Enter)), ["fan_out=30"]);
    lab.press(KeyCode::Right);
    assert_eq!(asked(&lab.keys(".")), ["fan_out=45", "Step"]);
    for key in [KeyCode::Esc, KeyCode::Char('z')] {
        lab.press(KeyCode::Right);
        assert!(lab.press(key).is_empty());
        lab.shows(["fan_out ‹45›"]);
        assert!(lab.pause().is_empty());
    }
}

#[test]
fn z_takes_back_what_was_done_last_and_d_turns_all_knobs_back() {
    let mut lab = Bench::running(120, 35);
    assert_eq!(asked(&lab.keys("z")), ["Notice"], "nothing was done");
    assert_eq!(asked(&lab.keys("d")), ["Notice"], "nothing is turned");
    let mut frame = fixture::frame(20, 2);
    frame.knobs[POLICY] = KnobValue::Word("hedge".to_owned());
    frame.undoable = Some("policy=hedge".to_owned());
    lab.frame(frame);
    assert_eq!(asked(&lab.keys("z")), ["Undo", "Notice"]);
    assert_eq!(asked(&lab.keys("d")), ["Defaults", "Notice"]);
}

#[test]
fn the_essential_knobs_are_all_there_on_a_small_screen_and_the_rest_is_counted() {
    let lab = Bench::running(80, 24);
    let essential = fixture::spec().knobs.iter().filter(|knob| knob.essential);
    lab.shows(essential.map(|knob| knob.name));
    lab.shows(["/ finds 6 more"]);
    lab.hides(["hedge_budget"]);
}

#[test]
fn a_high_screen_shows_the_rest_too_and_leads_through_it() {
    let mut lab = Bench::running(200, 60);
    lab.shows(fixture::spec().knobs.iter().map(|knob| knob.name));
    lab.hides(["/ finds"]);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..fixture::spec().knobs.len() {
        seen.insert(lab.screen.focus);
        lab.press(KeyCode::Tab);
    }
    assert_eq!(seen.len(), fixture::spec().knobs.len());
}

#[test]
fn any_knob_is_found_by_typing_and_stays_while_it_is_turned() {
    let mut lab = Bench::running(80, 24);
    lab.keys("/");
    lab.shows(["Knobs", "load", "arrivals", "service"]);
    lab.keys("budg");
    lab.hides(["arrivals"]);
    lab.press(KeyCode::Enter);
    lab.shows(["hedge_budget ‹5 %›"]);
    lab.press(KeyCode::Right);
    assert_eq!(asked(&lab.pause()), ["hedge_budget=0.06"]);
    lab.press(KeyCode::Tab);
    lab.shows(["hedge_budget ‹6 %›"]);
    lab.keys("/");
    lab.press(KeyCode::Esc);
    lab.hides(["a part of a name"]);
}

#[test]
fn the_wheel_turns_the_knob_in_focus_alone() {
    use crossterm::event::MouseEventKind::ScrollUp;
    let mut lab = Bench::running(120, 35);
    lab.screen.focus = POLICY;
    lab.stage.mouse(&mut lab.screen, ScrollUp, "deadline ‹");
    assert!(lab.pause().is_empty());
    assert_eq!(lab.screen.focus, POLICY);
    lab.stage.mouse(&mut lab.screen, ScrollUp, "policy ‹");
    assert_eq!(asked(&lab.pause()), ["policy=deadline"]);
    lab.stage.click(&mut lab.screen, "deadline ‹100");
    assert_eq!(lab.screen.focus, DEADLINE);
}

#[test]
fn a_typed_value_is_taken_and_a_wrong_one_is_explained_in_place() {
    let mut lab = Bench::running(120, 35);
    lab.screen.focus = POLICY;
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
    lab.screen.focus = 0;
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
