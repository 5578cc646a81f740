//! Actions and the node that they are aimed at, by letter, by menu and by mouse.

use super::*;
use crossterm::event::{MouseButton, MouseEventKind};

#[test]
fn an_action_is_chosen_aimed_and_done() {
    let mut lab = Bench::running(120, 35);
    lab.keys("aj12");
    lab.shows(["Do something to it", "‹leaf 12›"]);
    assert_eq!(asked(&lab.press(KeyCode::Enter)), ["crash=12"]);
    lab.hides(["Do something to it"]);
    // The same node is aimed at again, and a letter is enough.
    assert_eq!(asked(&lab.keys("U")), ["restart=12"]);
}

#[test]
fn a_letter_without_a_node_opens_the_menu_at_it() {
    let mut lab = Bench::running(120, 35);
    assert!(lab.keys("S").is_empty());
    lab.shows(["Do something to it"]);
    lab.press(KeyCode::Esc);
    assert_eq!(asked(&lab.keys("B")), ["burst=500"]);
}

#[test]
fn the_mouse_selects_nodes_turns_knobs_and_goes_back_in_time() {
    let mut lab = Bench::running(120, 35);
    let mut node = lab.stage.place_of(&lab.screen, " 6 ");
    node.x += 1;
    let press = MouseEventKind::Down(MouseButton::Left);
    lab.stage.mouse_at(&mut lab.screen, press, node);
    assert_eq!(lab.screen.selected, Some(6));
    lab.click("arrival_rps");
    lab.click("‹50 rps›");
    assert_eq!(asked(&lab.pause()), ["arrival_rps=40"]);
    lab.click("deadline");
    assert_eq!(lab.screen.focus, 10);
    let effects = lab.click("▲ slow 3");
    assert_eq!(asked(&effects)[0], "Pause");
    assert!((11.0..13.0).contains(&sought(&effects)), "{effects:?}");
    assert_eq!(asked(&lab.click("00:42.310")), ["Play"]);
}
