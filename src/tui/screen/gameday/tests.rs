//! What holds of a game day on the screen.

use super::*;
use crate::tui::screen::open;
use crate::tui::screen::stage::{Stage, golden, survives};
use crossterm::event::KeyCode::{Down, Enter, Tab};

const NIGHT: &str = "ddlab-gameday 2 night 1 seed 7";

fn on_call() -> GameDay {
    GameDay::open(Some(NIGHT)).unwrap()
}

/// Lets the evening go on, as the clock would.
fn pass(stage: &Stage, screen: &mut GameDay, seconds: u64) {
    let State::OnCall(on_call) = &mut screen.state else {
        panic!("nobody is on call")
    };
    on_call
        .console
        .shift
        .wait(std::time::Duration::from_secs(seconds))
        .unwrap();
    for line in on_call.console.news() {
        on_call.said.push(line);
    }
    stage.send(screen, Message::Resized);
}

#[test]
fn its_places_open_it() {
    let stage = Stage::pack();
    for night in [None, Some(NIGHT.to_owned())] {
        let place = Place::GameDay { night };
        let opened = open(&place, &[], &stage.cx()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(opened.place(), place);
    }
    let wrong = Place::GameDay {
        night: Some("night one".to_owned()),
    };
    assert!(open(&wrong, &[], &stage.cx()).is_err());
}

#[test]
fn a_night_is_chosen_from_a_list() {
    let stage = Stage::pack();
    let mut screen = GameDay::open(None).unwrap();
    stage.shows(&screen, ["Game day", "Night 1", "Night 6"]);
    let effects = stage.press(&mut screen, &[Down, Enter]);
    let opened = effects.iter().any(|effect| {
        matches!(effect, Effect::Replace(Place::GameDay { night: Some(line) }) if line.contains("night 2"))
    });
    assert!(opened, "{effects:?}");
}

#[test]
fn a_typed_line_is_obeyed_and_answered() {
    let stage = Stage::pack().sized(120, 60);
    let mut screen = on_call();
    pass(&stage, &mut screen, 30);
    stage.keys(&mut screen, "look bids");
    stage.press(&mut screen, &[Enter]);
    stage.shows(&screen, ["> look bids", "calls fraud", "bids 1: load"]);
    stage.keys(&mut screen, "restart bids");
    stage.press(&mut screen, &[Enter]);
    stage.shows(&screen, ["say first what you take for the cause"]);
}

#[test]
fn tab_holds_the_evening() {
    let stage = Stage::pack();
    let mut screen = on_call();
    stage.shows(&screen, ["5x"]);
    stage.press(&mut screen, &[Tab]);
    stage.shows(&screen, ["held"]);
}

#[test]
fn the_end_has_the_night_written_up_away_from_the_screen() {
    let stage = Stage::pack();
    let mut screen = on_call();
    stage.keys(&mut screen, "end");
    let effects = stage.press(&mut screen, &[Enter]);
    let job = effects.iter().find_map(|effect| match effect {
        Effect::Measure(job, Measuring::GameDay { .. }) => Some(*job),
        _ => None,
    });
    let text = MeasureNews::Written("# Post-mortem\n\nIt was a night.".into());
    stage.send(&mut screen, Message::Measured(job.unwrap(), text));
    stage.shows(&screen, ["Post-mortem", "It was a night."]);
}

#[test]
fn the_whole_screen_is_as_agreed() {
    const SIZES: [(u16, u16); 3] = [(80, 24), (120, 35), (200, 60)];
    let mut stage = Stage::pack();
    golden!("nights", stage, &mut GameDay::open(None).unwrap(), SIZES);
    let mut screen = on_call();
    // The incident of this night has begun, and its pages have come.
    pass(&stage, &mut screen, 400);
    golden!("evening", stage, &mut screen, SIZES);
}

#[test]
fn it_survives_any_key_and_any_size() {
    let mut stage = Stage::pack();
    survives(&mut stage, &mut on_call());
    survives(&mut stage, &mut GameDay::open(None).unwrap());
}
