use super::*;
use crate::clock::UtcMs;
use crate::runs::Summary;
use crate::testing::Holds;
use crate::tui::screen::stage::{Stage, golden, survives};
use crossterm::event::KeyCode;
use ddlab_labs::engine::SimTime;

fn entries(count: u64) -> Arc<Vec<ListedRun>> {
    let lab = ddlab_labs::find("scatter-gather").unwrap().spec();
    let mut entries: Vec<ListedRun> = (1..=count)
        .map(|seed| ListedRun {
            name: format!("scatter-gather-{seed}.run"),
            when: Some(UtcMs(1_795_348_800_000)),
            run: Ok(Summary {
                lab,
                seed,
                length: SimTime::from_secs(60),
                interventions: 2,
                turned: vec!["policy=hedge".to_owned()],
                digest: 0xabc,
                by: None,
            }),
        })
        .collect();
    entries.push(ListedRun {
        name: "bad.run".to_owned(),
        when: None,
        run: Err("can't read bad.run: line 3 of the run file: no such knob".to_owned()),
    });
    Arc::new(entries)
}

#[test]
fn runs_are_read_when_the_list_is_shown_and_opened_by_enter() {
    let stage = Stage::new();
    let mut screen = Runs::default();
    assert!(matches!(
        stage.send(&mut screen, Message::Shown)[..],
        [Effect::ListRuns]
    ));
    stage.shows(&screen, ["reading"]);
    stage.send(&mut screen, Message::Runs(Ok(entries(2))));
    stage
        .text(&screen)
        .holds(["Scatter/gather", "0000000000000abc", "✗ can't read bad.run"]);
    let effects = stage.press(&mut screen, &[KeyCode::Down, KeyCode::Enter]);
    assert!(
        matches!(&effects[..], [Effect::Open(Place::SavedRun { lab, file })]
            if lab == "scatter-gather" && file == "scatter-gather-2.run"),
        "{effects:?}"
    );
    let effects = stage.press(&mut screen, &[KeyCode::Down, KeyCode::Enter]);
    assert!(
        matches!(&effects[..], [Effect::Notice(_)]),
        "a damaged one says why"
    );
}

#[test]
fn an_empty_folder_and_one_that_can_not_be_read_are_said() {
    let stage = Stage::new();
    let mut screen = Runs::default();
    stage.send(&mut screen, Message::Runs(Ok(Arc::new(Vec::new()))));
    stage.shows(&screen, ["`w` saves the run"]);
    assert!(stage.press(&mut screen, &[KeyCode::Enter]).is_empty());
    stage.send(
        &mut screen,
        Message::Runs(Err("can't read it: denied".to_owned())),
    );
    stage.shows(&screen, ["denied"]);
}

#[test]
fn a_long_list_scrolls_and_every_size_is_survived() {
    let mut stage = Stage::new().sized(80, 23);
    let mut screen = Runs::default();
    stage.send(&mut screen, Message::Runs(Ok(entries(100))));
    stage.keys(&mut screen, "G");
    stage.shows(&screen, ["bad.run"]);
    stage.keys(&mut screen, "k");
    let text = stage.text(&screen);
    assert!(
        text.lines()
            .any(|line| line.contains("▌") && line.contains("100")),
        "{text}"
    );
    survives(&mut stage, &mut screen);
}

#[test]
fn a_run_is_renamed_in_place_and_deleted_when_asked_twice() {
    let stage = Stage::new();
    let mut screen = Runs::default();
    stage.send(&mut screen, Message::Runs(Ok(entries(2))));
    stage
        .text(&screen)
        .holds(["scatter-gather-1.run", "policy=hedge"]);
    stage.keys(&mut screen, "e");
    stage.text(&screen).holds(["new name: scatter-gather-1"]);
    stage.keys(&mut screen, "x");
    let effects = stage.press(&mut screen, &[KeyCode::Enter]);
    assert!(
        matches!(&effects[..], [Effect::ChangeRun { file, change: RunChange::Rename(to) }]
            if file == "scatter-gather-1.run" && to == "scatter-gather-1x"),
        "{effects:?}"
    );
    stage.keys(&mut screen, "e");
    assert!(stage.press(&mut screen, &[KeyCode::Esc]).is_empty());

    let asked = stage.keys(&mut screen, "d");
    assert!(matches!(&asked[..], [Effect::Notice(_)]), "{asked:?}");
    stage.keys(&mut screen, "j");
    let asked = stage.keys(&mut screen, "d");
    assert!(matches!(&asked[..], [Effect::Notice(_)]), "another one");
    let done = stage.keys(&mut screen, "d");
    assert!(
        matches!(&done[..], [Effect::ChangeRun { file, change: RunChange::Delete }]
            if file == "scatter-gather-2.run"),
        "{done:?}"
    );
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::pack();
    let mut screen = Runs::default();
    stage.send(&mut screen, Message::Runs(Ok(entries(2))));
    golden!("runs", stage, &mut screen);
}
