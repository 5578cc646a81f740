//! The run beneath the screen: begun, held, sped up, failed, and begun afresh.

use super::*;

#[test]
fn it_starts_a_run_when_it_is_shown_and_lets_it_wait_when_it_is_covered() {
    let mut desk = Desk::new(120, 35);
    assert!(desk.screen.live.id().is_some());
    assert!(desk.text().contains("starting"));
    let run = desk.screen.live.id().expect("a run was started");
    assert!(
        matches!(desk.send(Message::Hidden)[..], [Effect::Steer(to, Command::Pause)] if to == run)
    );
    assert!(
        matches!(desk.send(Message::Shown)[..], [Effect::Steer(to, Command::Play)] if to == run)
    );
    desk.keys(" ");
    desk.send(Message::Hidden);
    assert!(
        desk.send(Message::Shown).is_empty(),
        "what was paused stays paused"
    );
}

#[test]
fn frames_of_another_run_are_not_shown() {
    let mut desk = Desk::new(120, 35);
    desk.send(Message::Frame(
        RunId::fresh(),
        Arc::new(fixture::frame(20, 2)),
    ));
    assert!(desk.text().contains("starting"));
}

#[test]
fn speeds_step_along_the_ladder_and_what_is_not_reached_is_said() {
    let mut desk = Desk::running(120, 35);
    let effects = desk.keys("]]]");
    assert!(
        matches!(effects.last(), Some(Effect::Steer(_, Command::Speed(speed))) if (99.0..101.0).contains(speed))
    );
    let mut frame = fixture::frame(20, 2);
    frame.pace = ddlab_labs::workbench::frame::Pace {
        playing: true,
        asked: 100.0,
        reached: 41.2,
    };
    desk.frame(frame);
    assert!(desk.text().contains("▶ 100x, reaches 41x"));
    desk.keys("{");
    assert!(
        desk.text().contains("▶ 10x ") && !desk.text().contains("reaches"),
        "said only of the speed that was measured"
    );
    let effects = desk.keys(".");
    assert!(matches!(effects[..], [Effect::Steer(_, Command::Step)]));
    assert!(desk.text().contains("‖ 10x paused"));
}

#[test]
fn a_lab_that_fails_says_so_and_starts_afresh() {
    let mut desk = Desk::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    frame.fault = Some("index out of bounds: the len is 3".to_owned());
    desk.frame(frame);
    let text = desk.text();
    assert!(
        text.contains("The lab has failed") && text.contains("index out of bounds"),
        "{text}"
    );
    assert!(text.contains("r starts it again"));
    let before = desk.screen.live.id();
    let effects = desk.keys("r");
    assert!(
        matches!(effects[..], [Effect::StopRun(_), Effect::Start(..)]),
        "{effects:?}"
    );
    assert_ne!(desk.screen.live.id(), before);
}
