//! Runs that are saved, listed and opened again.

use super::*;
use ddlab_labs::workbench::frame::SavedView;
use ddlab_labs::workbench::headless::Replay;

#[test]
fn a_run_is_saved_and_the_saved_ones_are_listed() {
    let mut desk = Desk::running(120, 35);
    let run = desk.screen.run.expect("a run was started");
    assert!(matches!(desk.keys("w")[..], [Effect::SaveRun(saved)] if saved == run));
    assert!(matches!(&desk.keys("W")[..], [Effect::Open(Place::Runs)]));
}

#[test]
fn a_saved_run_stands_ready_with_its_knobs_and_says_what_was_found_at_its_end() {
    let mut desk = Desk::running(120, 35);
    let screen = LabScreen::open_saved("scatter-gather", "a.run").expect("there is such a lab");
    desk.screen = LabScreen {
        spec: fixture::spec(),
        values: fixture::values(),
        ..screen
    };
    let effects = desk.send(Message::Shown);
    assert!(
        matches!(effects.first(), Some(Effect::StartSaved { file, .. }) if file == "a.run"),
        "{effects:?}"
    );
    let mut frame = fixture::frame(20, 2);
    frame.knobs[9] = KnobValue::Word("hedge".to_owned());
    frame.saved = Some(SavedView {
        until: SimTime(60_000_000_000),
        found: None,
    });
    desk.frame(frame.clone());
    let text = desk.text();
    assert!(
        text.contains("saved run, to 01:00.000") && text.contains("‖"),
        "{text}"
    );
    assert!(
        text.contains("policy ‹hedge›") && text.contains("seed 7"),
        "{text}"
    );
    assert!(matches!(desk.screen.place(), Place::SavedRun { .. }));
    desk.keys(" ");
    frame.saved = Some(SavedView {
        until: SimTime(60_000_000_000),
        found: Some(Replay::Same { digest: 1 }),
    });
    desk.frame(frame.clone());
    assert!(
        desk.text().contains("its digest was reached") && desk.text().contains("‖"),
        "{}",
        desk.text()
    );
    frame.saved = None;
    desk.frame(frame);
    assert!(
        matches!(desk.screen.place(), Place::Lab { .. }),
        "another future is no saved run"
    );
}

#[test]
fn a_saved_run_that_can_not_be_opened_says_why_and_the_lab_starts_without_it() {
    let mut desk = Desk::running(80, 24);
    let screen = LabScreen::open_saved("scatter-gather", "a.run").expect("there is such a lab");
    desk.screen = LabScreen {
        spec: fixture::spec(),
        values: fixture::values(),
        ..screen
    };
    desk.send(Message::Shown);
    let run = desk.screen.run.expect("it was asked for");
    desk.send(Message::LabFailed(
        run,
        "can't read a.run: line 3".to_owned(),
    ));
    let text = desk.text();
    assert!(
        text.contains("can't be opened") && text.contains("line 3"),
        "{text}"
    );
    let effects = desk.keys("r");
    assert!(
        matches!(effects[..], [Effect::StopLab(_), Effect::StartLab { .. }]),
        "{effects:?}"
    );
}
