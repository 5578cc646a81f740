use super::*;
use crate::progress::Event;
use crate::testing::Holds;
use crate::tui::screen::stage::{Stage, golden, survives};
use crossterm::event::KeyCode;

fn listed(stage: &Stage, files: &[&str]) -> Designs {
    let mut screen = Designs::default();
    let files = files.iter().map(|name| format!("/home/me/designs/{name}"));
    stage.send(&mut screen, Message::Designs(Ok(Arc::new(files.collect()))));
    screen
}

#[test]
fn the_learners_files_are_read_when_the_list_is_shown_and_opened_by_enter() {
    let stage = Stage::new();
    let mut screen = Designs::default();
    assert!(matches!(
        stage.send(&mut screen, Message::Shown)[..],
        [Effect::ListDesigns]
    ));
    stage.shows(&screen, ["reading"]);
    let mut screen = listed(&stage, &["mine.yaml", "other.yaml"]);
    let asked = stage.press(&mut screen, &[KeyCode::Down, KeyCode::Enter]);
    assert!(
        matches!(&asked[..], [Effect::OpenDesign(path)] if path.ends_with("other.yaml")),
        "{asked:?}"
    );
    let path = "/home/me/designs/other.yaml".to_owned();
    let opened = stage.send(&mut screen, Message::Design(path.clone(), Ok(())));
    assert!(matches!(&opened[..], [Effect::Open(Place::Lab { lab, .. })] if *lab == path));
    // Read again while its lab stands above the list.
    let again = stage.send(&mut screen, Message::Design(path, Ok(())));
    assert!(again.is_empty(), "{again:?}");
    let edited = stage.keys(&mut screen, "e");
    assert!(matches!(&edited[..], [Effect::EditDesign(_)]), "{edited:?}");
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_place_and_its_cure() {
    let stage = Stage::new();
    let mut screen = listed(&stage, &["mine.yaml"]);
    stage.press(&mut screen, &[KeyCode::Enter]);
    let wrong = "mine.yaml:4:41: error: `gateway` has no `slts`; did you mean `slots`?".to_owned();
    stage.send(
        &mut screen,
        Message::Design("mine.yaml".to_owned(), Err(vec![wrong])),
    );
    stage
        .text(&screen)
        .holds(["mine.yaml:4:41", "did you mean `slots`?"]);
    stage.press(&mut screen, &[KeyCode::Down]);
    stage.text(&screen).lacks(["mine.yaml:4:41"]);
}

#[test]
fn an_example_and_a_brief_are_laid_out_as_files_of_the_learners_own() {
    let stage = Stage::new();
    let mut screen = listed(&stage, &[]);
    stage.shows(&screen, ["none yet"]);
    let begun = stage.press(&mut screen, &[KeyCode::Enter]);
    let Some(Effect::NewDesign { name, text, .. }) = begun.first() else {
        panic!("{begun:?}");
    };
    assert_eq!(*name, brief::all()[0].id);
    assert!(ddlab_design::read(text).design.is_some(), "{text}");
    stage.keys(&mut screen, "G");
    let begun = stage.press(&mut screen, &[KeyCode::Enter]);
    assert!(
        matches!(
            &begun[..],
            [Effect::NewDesign {
                name: "retry-storm",
                ..
            }]
        ),
        "{begun:?}"
    );
}

#[test]
fn a_brief_that_a_debrief_leads_to_is_chosen_when_the_list_is_there() {
    let stage = Stage::new();
    let wanted = &brief::all()[1];
    let lead = crate::practice::Lead::Design {
        brief: wanted.id.clone(),
    };
    let Place::Brief { brief } = Place::from(lead) else {
        panic!("a brief is led to");
    };
    let mut screen = Designs::at(&brief);
    let files = Arc::new(vec!["/home/me/designs/mine.yaml".to_owned()]);
    stage.send(&mut screen, Message::Designs(Ok(files)));
    let begun = stage.press(&mut screen, &[KeyCode::Enter]);
    assert!(
        matches!(&begun[..], [Effect::NewDesign { name, .. }] if *name == wanted.id),
        "{begun:?}"
    );
}

#[test]
fn the_auction_is_edited_as_a_copy() {
    let stage = Stage::new();
    let mut screen = listed(&stage, &[]);
    stage.press(&mut screen, &[KeyCode::Enter]);
    stage.keys(&mut screen, "Gkk");
    let begun = stage.keys(&mut screen, "e");
    assert!(
        matches!(
            &begun[..],
            [Effect::NewDesign {
                name: "auction",
                edit: true,
                ..
            }]
        ),
        "{begun:?}"
    );
}

#[test]
fn a_brief_can_be_read_whole_on_a_small_screen_and_begun_from_there() {
    let stage = Stage::new().sized(80, 23);
    let mut screen = listed(&stage, &[]);
    stage.shows(&screen, ["b shows the rest"]);
    stage.keys(&mut screen, "b");
    let brief = &brief::all()[0];
    stage.shows(&screen, [brief.title.as_str()]);
    let mut read = stage.text(&screen);
    for _ in 0..4 {
        stage.press(&mut screen, &[KeyCode::PageDown]);
        read += &stage.text(&screen);
    }
    for requirement in brief.requirements() {
        assert!(read.contains(requirement), "{requirement}: {read}");
    }
    stage.press(&mut screen, &[KeyCode::Esc]);
    stage.hides(&screen, ["It must hold"]);
    stage.keys(&mut screen, "b");
    let begun = stage.press(&mut screen, &[KeyCode::Enter]);
    assert!(
        matches!(&begun[..], [Effect::NewDesign { .. }]),
        "{begun:?}"
    );
}

#[test]
fn a_brief_that_a_design_has_met_has_a_tick() {
    let mut stage = Stage::new();
    let screen = listed(&stage, &[]);
    stage.hides(&screen, ["✓"]);
    stage.happened(Event::DesignGraded {
        brief: brief::all()[0].id.clone(),
        design: "mine.yaml".to_owned(),
        passed: true,
        missed: Vec::new(),
    });
    stage.shows(&screen, ["✓"]);
}

#[test]
fn a_folder_that_can_not_be_listed_is_said_and_every_size_is_survived() {
    let mut stage = Stage::new();
    let mut screen = Designs::default();
    stage.send(
        &mut screen,
        Message::Designs(Err("can't list it: denied".to_owned())),
    );
    stage.shows(&screen, ["denied"]);
    survives(&mut stage, &mut screen);
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::pack();
    let mut screen = listed(&stage, &["market.yaml", "shop.yaml"]);
    stage.press(&mut screen, &[KeyCode::Down, KeyCode::Down]);
    golden!(
        "designs",
        stage,
        &mut screen,
        [(80, 24), (120, 35), (200, 60)]
    );
}
