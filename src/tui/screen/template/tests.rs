//! What holds of the stub, and what is still to be done: drop `#[ignore]` from the reminder when it is.

use super::*;
use crate::tui::screen::open;
use crate::tui::screen::stage::{Stage, golden, survives};
use crossterm::event::KeyCode::Down;

#[test]
fn its_place_opens_it() {
    let stage = Stage::pack();
    let place = Place::Template;
    let opened = open(&place, &[], &stage.cx()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.place(), place);
}

#[test]
fn the_usual_keys_and_a_click_choose_from_the_list() {
    let mut stage = Stage::pack();
    let mut screen = Template::default();
    stage.shows(&screen, ["Template", "one", "three"]);
    stage.press(&mut screen, &[Down]);
    assert_eq!(screen.picker.chosen(), 1);
    stage.click(&mut screen, "three");
    assert_eq!(screen.picker.chosen(), 2);
    survives(&mut stage, &mut screen);
}

#[test]
#[ignore = "make its golden picture: INSTA_UPDATE=always cargo test -p ddlab --lib template -- --ignored"]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::pack();
    golden!("template", stage, &mut Template::default());
}
