//! The line of time: stepped along, dragged, and what lies ahead of a moment.

use super::*;
use crossterm::event::{MouseButton, MouseEventKind};
use ddlab_labs::workbench::frame::Seeking;

#[test]
fn the_timeline_comes_after_the_last_knob_and_the_arrows_step_along_it() {
    let mut lab = Bench::running(120, 35);
    lab.keys("k");
    lab.shows(["what lies ahead of the moment is kept"]);
    let effects = lab.press(KeyCode::Left);
    assert_eq!(asked(&effects)[0], "Pause");
    let first = sought(&effects);
    assert!((41.0..42.31).contains(&first), "{first}");
    let second = sought(&lab.press(KeyCode::Left));
    assert!(second < first, "steps add up before a frame answers");
    let end = ["Seek(SimTime(42310000000))"];
    assert_eq!(asked(&lab.keys("G")), end);
    lab.press(KeyCode::Right);
    // Not beyond what has happened.
    assert_eq!(asked(&lab.press(KeyCode::Right)), end);
}

#[test]
fn what_is_remembered_is_shown_with_where_the_replay_goes_and_what_lies_ahead() {
    let mut lab = Bench::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    frame.horizon = frame.now;
    frame.now = SimTime(20_000_000_000);
    frame.seeking = Some(Seeking {
        to: SimTime(20_300_000_000),
        reached: SimTime(3_000_000_000),
    });
    lab.frame(frame);
    lab.shows(["replays to 00:20.300"]);
    let text = lab.text();
    let line = text.lines().find(|line| line.contains('●'));
    let (before, after) = line.and_then(|line| line.split_once('●')).expect("now");
    assert!(before.contains('▲') && after.contains('▲'), "{text}");
}

#[test]
fn the_mouse_drags_along_the_line_of_time() {
    let mut lab = Bench::running(120, 35);
    let mark = lab.stage.place_of(&lab.screen, "▲ slow 3");
    lab.click("▲ slow 3");
    let mut drag = |kind, columns: u16| {
        let mut at = mark;
        at.x += columns;
        at.y -= 3;
        lab.stage.mouse_at(&mut lab.screen, kind, at)
    };
    let held = MouseEventKind::Drag(MouseButton::Left);
    assert!(sought(&drag(held, 10)) > 13.0);
    drag(MouseEventKind::Up(MouseButton::Left), 0);
    assert!(drag(held, 0).is_empty());
}
