//! Runs that are saved, listed and opened again.

use super::*;
use crate::tui::effect::{RunSource, RunStart};
use ddlab_labs::workbench::frame::SavedView;
use ddlab_labs::workbench::replay::Replay;

#[test]
fn a_run_is_saved_and_the_saved_ones_are_listed() {
    let mut desk = Desk::running(120, 35);
    let run = desk.screen.live.id().expect("a run was started");
    assert!(matches!(desk.keys("w")[..], [Effect::SaveRun(saved)] if saved == run));
    assert!(matches!(&desk.keys("W")[..], [Effect::Open(Place::Runs)]));
}

/// The screen of a saved run, with the lab that the frames of these tests are of.
fn saved() -> LabScreen {
    LabScreen::open_saved("scatter-gather", "a.run").expect("there is such a lab");
    LabScreen::with(fixture::spec(), LiveRun::of_saved(fixture::spec(), "a.run"))
}

#[test]
fn a_saved_run_stands_ready_with_its_knobs_and_says_what_was_found_at_its_end() {
    let mut desk = Desk::running(120, 35);
    desk.screen = saved();
    let effects = desk.send(Message::Shown);
    assert!(
        matches!(effects.first(), Some(Effect::Start(_, RunStart { source: RunSource::Saved(file), .. })) if file == "a.run"),
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
    desk.screen = saved();
    desk.send(Message::Shown);
    let run = desk.screen.live.id().expect("it was asked for");
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
        matches!(effects[..], [Effect::StopRun(_), Effect::Start(..)]),
        "{effects:?}"
    );
}
