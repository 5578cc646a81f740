use super::note::Note;
use super::*;
use crate::progress::Event;
use crate::progress::bookmark;
use crate::testing::Holds;
use crate::tui::screen::reader::Reader;
use crate::tui::screen::stage::{Stage, events, golden, survives};
use crate::tui::widget::text_area::TEXT_MAX;
use crossterm::event::KeyCode;

fn marked(stage: &mut Stage, title: &str, note: &str) {
    stage.happened(Event::Bookmarked(Bookmark {
        of: bookmark::of_section("relay", title),
        title: title.to_owned(),
        place: serde_json::to_string(&Place::chapter("relay")).unwrap(),
        note: note.to_owned(),
    }));
}

fn listed() -> (Stage, Bookmarks) {
    let mut stage = Stage::pack();
    marked(&mut stage, "1  Relay · The problem", "");
    let note =
        "Who holds the baton while it changes hands? Ask about the zone.\nThen about the fall.";
    marked(&mut stage, "1  Relay · Handing over", note);
    let mut screen = Bookmarks::default();
    stage.send(&mut screen, Message::Shown);
    (stage, screen)
}

#[test]
fn the_last_one_comes_first_with_its_note_and_enter_goes_there() {
    let (stage, mut screen) = listed();
    stage
        .text(&screen)
        .holds(["Handing over", "Then about the fall."]);
    let opened = stage.press(&mut screen, &[KeyCode::Down, KeyCode::Enter]);
    assert!(
        matches!(&opened[..], [Effect::Open(Place::Reader { chapter, .. })] if chapter == "relay")
    );
    let note = stage.keys(&mut screen, "ke");
    assert!(
        matches!(&note[..], [Effect::Open(Place::Note { .. })]),
        "{note:?}"
    );
}

#[test]
fn one_is_deleted_when_asked_twice() {
    let (mut stage, mut screen) = listed();
    assert!(matches!(
        &stage.keys(&mut screen, "d")[..],
        [Effect::Notice(_)]
    ));
    let effects = stage.keys(&mut screen, "d");
    assert!(matches!(
        events(&effects)[..],
        [Event::BookmarkDropped { .. }]
    ));
    let said = stage.record(&mut screen, effects, true);
    assert!(matches!(said[..], [Effect::Notice(_)]), "{said:?}");
    stage.text(&screen).lacks(["Handing over"]);
}

#[test]
fn a_note_is_kept_when_it_is_left_and_found_again() {
    let mut stage = Stage::pack();
    let open = |stage: &Stage| Note::open("question:x", "A question", "\"home\"", &stage.cx());
    let mut note = open(&stage);
    stage.shows(&note, ["What you want to find here again"]);
    assert!(
        stage.send(&mut note, Message::Hidden).is_empty(),
        "nothing was typed"
    );
    stage.keys(&mut note, "mind the q");
    let effects = stage.press(&mut note, &[KeyCode::Esc]);
    let left = stage.record(&mut note, effects, true);
    assert!(matches!(&left[..], [Effect::Back]), "{left:?}");
    assert_eq!(
        stage.marks.bookmark("question:x").unwrap().note,
        "mind the q"
    );
    stage.shows(&open(&stage), ["mind the q"]);
    survives(&mut stage, &mut note);
}

#[test]
fn a_note_holds_so_much_and_says_when_more_was_pasted() {
    let stage = Stage::pack();
    let mut note = Note::open("question:x", "A question", "\"home\"", &stage.cx());
    let pasted = "ä".repeat(TEXT_MAX);
    let said = stage.send(&mut note, Message::Paste(pasted));
    assert!(matches!(&said[..], [Effect::Notice(_)]), "{said:?}");
    let effects = stage.send(&mut note, Message::Hidden);
    let kept = events(&effects);
    assert!(
        matches!(kept[..], [Event::Bookmarked(bookmark)] if bookmark.note.len() == TEXT_MAX),
        "{kept:?}"
    );
}

#[test]
fn a_page_is_marked_at_its_heading_and_says_so_in_the_margin() {
    let mut stage = Stage::pack();
    let screen = Reader::open("relay", None, &stage.cx()).unwrap();
    let spot = screen.spot(&stage.cx()).unwrap();
    assert_eq!(spot.of, "section:relay#the-problem");
    stage.text(&screen).lacks(["◆"]);
    stage.happened(Event::Bookmarked(Bookmark {
        of: spot.of,
        title: spot.title,
        place: serde_json::to_string(&spot.at).unwrap(),
        note: String::new(),
    }));
    stage.row(&screen, "◆").holds(["The problem"]);
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let (mut stage, mut screen) = listed();
    golden!("bookmarks", stage, &mut screen);
    survives(&mut stage, &mut screen);
}

#[test]
fn without_a_bookmark_the_bar_offers_none_of_their_keys() {
    let stage = Stage::pack();
    let mut screen = Bookmarks::default();
    stage.send(&mut screen, Message::Shown);
    assert_eq!(screen.contexts(), [Context::NoBookmarks, Context::Global]);
    let back = stage.keys(&mut screen, "'");
    assert!(matches!(back[..], [Effect::Back]), "{back:?}");
}
