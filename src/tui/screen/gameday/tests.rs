//! What holds of a game day on the screen.

use super::*;
use crate::tui::screen::open;
use crate::tui::screen::stage::{Stage, golden, survives};
use crossterm::event::KeyCode::{Down, Enter, PageDown, Tab, Up};
use ddlab_design::gameday::alert::Severity;
use ddlab_design::gameday::shift::Alarm;
use std::time::Duration;

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
        .wait(Duration::from_secs(seconds))
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

/// Lets the clock go on by so many ticks.
fn ticks(stage: &mut Stage, screen: &mut GameDay, count: usize) {
    for _ in 0..count {
        stage.uptime += Duration::from_millis(200);
        stage.send(screen, Message::Tick);
    }
}

#[test]
fn an_evening_begins_held_so_that_one_can_read() {
    let mut stage = Stage::pack();
    let mut screen = on_call();
    ticks(&mut stage, &mut screen, 10);
    stage.shows(&screen, ["held", "00:00 of 30:00", "Tab lets it begin"]);
    stage.press(&mut screen, &[Tab]);
    ticks(&mut stage, &mut screen, 10);
    stage.shows(&screen, ["5x", "00:10 of 30:00"]);
    stage.press(&mut screen, &[Tab]);
    ticks(&mut stage, &mut screen, 10);
    stage.shows(&screen, ["held", "00:10 of 30:00"]);
}

#[test]
fn a_wait_lets_a_held_evening_go_on_and_holds_it_again() {
    let mut stage = Stage::pack();
    let mut screen = on_call();
    stage.keys(&mut screen, "wait 20s");
    let effects = stage.press(&mut screen, &[Enter]);
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Tick(_)))
    );
    stage.shows(&screen, ["waiting"]);
    ticks(&mut stage, &mut screen, 5);
    stage.shows(&screen, ["held", "00:20 of 30:00"]);
}

#[test]
fn a_page_slows_the_evening_down() {
    let mut stage = Stage::pack();
    let mut screen = on_call();
    stage.keys(&mut screen, "speed 50");
    stage.press(&mut screen, &[Enter, Tab]);
    ticks(&mut stage, &mut screen, 1);
    stage.shows(&screen, ["50x"]);
    let State::OnCall(on_call) = &mut screen.state else {
        panic!("nobody is on call")
    };
    let began = on_call.console.shift.now() + Duration::from_secs(1);
    on_call.console.shift.alarms.push(Alarm {
        began,
        ended: None,
        slo: 0,
        severity: Severity::Page,
        text: "bids: 50 % bad".to_owned(),
    });
    ticks(&mut stage, &mut screen, 1);
    stage.shows(&screen, ["5x", "PAGE: bids: 50 % bad"]);
    stage.hides(&screen, ["50x"]);
}

#[test]
fn what_was_typed_before_comes_back() {
    let stage = Stage::pack();
    let mut screen = on_call();
    for line in ["look bids", "kinds"] {
        stage.keys(&mut screen, line);
        stage.press(&mut screen, &[Enter]);
    }
    let typed = |screen: &GameDay| match &screen.state {
        State::OnCall(on_call) => on_call.typed.text().to_owned(),
        _ => panic!("nobody is on call"),
    };
    stage.press(&mut screen, &[Up, Up]);
    assert_eq!(typed(&screen), "look bids");
    stage.press(&mut screen, &[Up, Down]);
    assert_eq!(typed(&screen), "kinds");
    stage.press(&mut screen, &[Down]);
    assert_eq!(typed(&screen), "");
}

#[test]
fn a_long_answer_is_seen_from_its_beginning() {
    let stage = Stage::pack().sized(80, 24);
    let mut screen = on_call();
    stage.keys(&mut screen, "look");
    stage.press(&mut screen, &[Enter]);
    stage.shows(&screen, ["> look", "waiting  retries", "more below: pgdn"]);
    stage.hides(&screen, ["settlement"]);
    stage.press(&mut screen, &[PageDown]);
    stage.shows(&screen, ["settlement"]);
    stage.hides(&screen, ["more below", "waiting  retries"]);
}

#[test]
fn all_objectives_are_named_where_there_is_little_room() {
    let stage = Stage::pack().sized(80, 24);
    let mut screen = on_call();
    let State::OnCall(on_call) = &mut screen.state else {
        panic!("nobody is on call")
    };
    let now = on_call.console.shift.now();
    for slo in 0..3 {
        on_call.console.shift.alarms.push(Alarm {
            began: now,
            ended: None,
            slo,
            severity: Severity::Page,
            text: "it burns".to_owned(),
        });
    }
    stage.shows(
        &screen,
        [
            "PAGE    looks     budget 0 % burnt",
            "quiet: uploads, pictures, closings, payouts, counts, metrics",
        ],
    );
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
    stage.send(
        &mut screen,
        Message::Measured(job.unwrap(), MeasureNews::Share(0.4)),
    );
    stage.shows(&screen, ["40 %", "as an expert works it"]);
    let text = MeasureNews::Written("# Post-mortem\n\nIt was a night.".into());
    stage.send(&mut screen, Message::Measured(job.unwrap(), text));
    stage.shows(&screen, ["Post-mortem", "It was a night."]);
    let effects = stage.keys(&mut screen, "Y");
    let copied =
        |effect: &Effect| matches!(effect, Effect::Copy(text) if text.starts_with("# Post"));
    assert!(effects.iter().any(copied), "{effects:?}");
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
