use super::*;
use crate::progress::Event;
use crate::progress::practice::DrillAnswered;
use crate::tui::screen::stage::{Stage, golden, survives};
use crossterm::event::KeyCode::Char;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 35), (200, 60)];

fn missed() -> Event {
    Event::DrillAnswered(DrillAnswered {
        generator: "fan-out".to_owned(),
        seed: 1,
        said: 1.0,
        range: Some((0.5, 2.0)),
        answer: 63.4,
    })
}

#[test]
fn a_weak_point_leads_to_its_drill() {
    let mut stage = Stage::new();
    stage.happened(missed());
    let mut screen = Overview::progress(&stage.cx());
    let effects = stage.press(&mut screen, &[Char('1')]);
    assert!(
        matches!(&effects[..], [Effect::Open(Place::Drill { only: Some(kind) })] if kind == "fan-out"),
        "{effects:?}"
    );
    let effects = stage.press(&mut screen, &[Char('9')]);
    assert!(matches!(effects[..], [Effect::Notice(_)]));
    survives(&mut stage, &mut screen);
}

#[test]
fn a_cheat_sheet_is_shown_alone_or_with_all_others() {
    let stage = Stage::new().sized(100, 60);
    let sheet = Overview::cheat(Some("scatter-gather"), &stage.cx()).unwrap();
    stage.shows(
        &sheet,
        [
            "root ---+--> leaf 2",
            "63.4 %",
            "Not to be confused with Work queue",
        ],
    );
    let mut all = Overview::cheat(None, &stage.cx()).unwrap();
    stage.shows(&all, ["what you remember least first"]);
    survives(&mut Stage::new(), &mut all);
    assert!(Overview::cheat(Some("introduction"), &stage.cx()).is_err());
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::pack();
    stage.happened(missed());
    let mut screen = Overview::progress(&stage.cx());
    golden!("progress", stage, &mut screen, SIZES);
}

#[test]
fn the_whole_screen_of_a_cheat_sheet_is_as_agreed() {
    let mut stage = Stage::new();
    let mut screen = Overview::cheat(Some("scatter-gather"), &stage.cx()).unwrap();
    golden!("cheat", stage, &mut screen, SIZES);
}
