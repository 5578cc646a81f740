//! The run beneath the screen: begun, held, sped up, failed, and begun afresh.

use super::*;
use ddlab_labs::workbench::frame::Pace;

#[test]
fn it_starts_a_run_when_it_is_shown_and_lets_it_wait_when_it_is_covered() {
    let mut lab = Bench::new(120, 35);
    lab.shows(["starting"]);
    let run = lab.run();
    let hidden = lab.send(Message::Hidden);
    assert!(matches!(hidden[..], [Effect::Steer(to, Command::Pause)] if to == run));
    assert_eq!(asked(&lab.send(Message::Shown)), ["Play"]);
    lab.keys(" ");
    lab.send(Message::Hidden);
    // What was paused stays paused.
    assert!(lab.send(Message::Shown).is_empty());
}

#[test]
fn frames_of_another_run_are_not_shown() {
    let mut lab = Bench::new(120, 35);
    let frame = Arc::new(fixture::frame(20, 2));
    lab.send(Message::Frame(RunId::fresh(), frame));
    lab.shows(["starting"]);
}

#[test]
fn speeds_step_along_the_ladder_and_what_is_not_reached_is_said() {
    let mut lab = Bench::running(120, 35);
    let effects = lab.keys("]]]");
    assert!(
        matches!(effects.last(), Some(Effect::Steer(_, Command::Speed(speed))) if (99.0..101.0).contains(speed))
    );
    let mut frame = fixture::frame(20, 2);
    frame.pace = Pace {
        playing: true,
        asked: 100.0,
        reached: 41.2,
    };
    lab.frame(frame);
    lab.shows(["▶ 100x, reaches 41x"]);
    lab.keys("{");
    lab.shows(["▶ 10x"]);
    // Said only of the speed that was measured.
    lab.hides(["reaches"]);
    assert_eq!(asked(&lab.keys(".")), ["Step"]);
    lab.shows(["‖ 10x paused"]);
    assert!(lab.screen.contexts().contains(&Context::Paused));
}

#[test]
fn a_lab_that_fails_says_so_and_starts_afresh() {
    let mut lab = Bench::running(120, 35);
    let mut frame = fixture::frame(20, 2);
    frame.fault = Some("index out of bounds: the len is 3".to_owned());
    lab.frame(frame);
    lab.shows([
        "The lab has failed",
        "index out of bounds",
        "r starts it again",
    ]);
    let before = lab.run();
    assert_eq!(asked(&lab.keys("r")), ["StopRun", "Start"]);
    assert_ne!(lab.run(), before);
}
