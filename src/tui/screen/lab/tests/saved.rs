//! Runs that are saved, listed and opened again.

use super::*;
use crate::tui::effect::{RunSource, RunStart};
use ddlab_labs::workbench::frame::SavedView;
use ddlab_labs::workbench::replay::Replay;

#[test]
fn a_run_is_saved_and_the_saved_ones_are_listed() {
    let mut lab = Bench::running(120, 35);
    let run = lab.run();
    assert!(matches!(lab.keys("w")[..], [Effect::SaveRun(saved)] if saved == run));
    assert!(matches!(&lab.keys("W")[..], [Effect::Open(Place::Runs)]));
}

/// The screen of a saved run, with the lab that the frames of these tests are of.
fn saved() -> LabScreen {
    LabScreen::open_saved("scatter-gather", "a.run").expect("there is such a lab");
    LabScreen::with(fixture::spec(), LiveRun::of_saved(fixture::spec(), "a.run"))
}

#[test]
fn a_saved_run_stands_ready_with_its_knobs_and_says_what_was_found_at_its_end() {
    let mut lab = Bench::running(120, 35);
    lab.screen = saved();
    let effects = lab.send(Message::Shown);
    assert!(
        matches!(effects.first(), Some(Effect::Start(_, RunStart { source: RunSource::Saved(file), .. })) if file == "a.run"),
        "{effects:?}"
    );
    let mut frame = fixture::frame(20, 2);
    frame.knobs[9] = KnobValue::Word("hedge".to_owned());
    let until = SimTime(60_000_000_000);
    frame.saved = Some(SavedView { until, found: None });
    lab.frame(frame.clone());
    lab.shows(["saved run, to 01:00.000", "‖", "policy ‹hedge›", "seed 7"]);
    assert!(matches!(lab.screen.place(), Place::SavedRun { .. }));
    lab.keys(" ");
    let found = Some(Replay::Same { digest: 1 });
    frame.saved = Some(SavedView { until, found });
    lab.frame(frame.clone());
    lab.shows(["its digest was reached", "‖"]);
    frame.saved = None;
    lab.frame(frame);
    // Another future is no saved run.
    assert!(matches!(lab.screen.place(), Place::Lab { .. }));
}

#[test]
fn a_saved_run_that_can_not_be_opened_says_why_and_the_lab_starts_without_it() {
    let mut lab = Bench::running(80, 24);
    lab.screen = saved();
    lab.send(Message::Shown);
    let reason = "can't read a.run: line 3".to_owned();
    lab.send(Message::RunFailed(lab.run(), reason));
    lab.shows(["can't be opened", "line 3"]);
    assert_eq!(asked(&lab.keys("r")), ["StopRun", "Start"]);
}
