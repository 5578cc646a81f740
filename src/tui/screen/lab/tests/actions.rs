//! Actions and the node that they are aimed at, by letter, by menu and by mouse.

use super::*;

#[test]
fn an_action_is_chosen_aimed_and_done() {
    let mut desk = Desk::running(120, 35);
    desk.keys("aj12");
    let text = desk.text();
    assert!(text.contains("‹leaf 12›"), "{text}");
    let effects = desk.press(KeyCode::Enter);
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Intervene(what))] if what.to_string() == "crash=12"),
        "{effects:?}"
    );
    assert!(!desk.text().contains("Do something to it"));
    // The same node is aimed at again, and a letter is enough.
    let effects = desk.keys("U");
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Intervene(what))] if what.to_string() == "restart=12"),
        "{effects:?}"
    );
}

#[test]
fn a_letter_without_a_node_opens_the_menu_at_it() {
    let mut desk = Desk::running(120, 35);
    assert!(desk.keys("S").is_empty());
    assert!(desk.text().contains("Do something to it"));
    desk.press(KeyCode::Esc);
    let effects = desk.keys("B");
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Intervene(what))] if what.to_string().starts_with("burst="))
    );
}

#[test]
fn the_mouse_selects_nodes_turns_knobs_and_goes_back_in_time() {
    let mut desk = Desk::running(120, 35);
    let (x, y) = desk.find(" 6 ");
    desk.click(x + 1, y);
    assert_eq!(desk.screen.selected, Some(6));
    let (x, y) = desk.find("‹50 rps›");
    let effects = desk.click(x, y);
    assert!(
        matches!(&effects[..], [Effect::Steer(_, Command::Intervene(Intervention::Set { knob, .. }))] if *knob == "arrival_rps"),
        "{effects:?}"
    );
    let (x, y) = desk.find("deadline");
    desk.click(x, y);
    assert_eq!(desk.screen.focus, 10);
    let (x, y) = desk.find("▲ slow 3");
    let effects = desk.click(x, y);
    assert!(
        matches!(effects[..], [Effect::Steer(_, Command::Pause), Effect::Steer(_, Command::Seek(SimTime(at)))] if (11_000_000_000..13_000_000_000).contains(&at)),
        "{effects:?}"
    );
    let (x, y) = desk.find("00:42.310");
    assert!(matches!(
        desk.click(x, y)[..],
        [Effect::Steer(_, Command::Play)]
    ));
}
