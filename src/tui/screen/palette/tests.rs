//! What is typed, what is listed, where enter goes.

use super::*;
use crate::practice::prompt;
use crate::testing::Holds;
use crate::tui::effect::Show;
use crate::tui::screen::stage::{Stage, golden, survives};
use crate::tui::theme::{Depth, Ground, Theme};
use crossterm::event::KeyCode;

fn typed(stage: &Stage, text: &str) -> PaletteScreen {
    let mut palette = PaletteScreen::new("", &stage.cx());
    stage.keys(&mut palette, text);
    palette
}

/// The row of the first result of this kind.
fn first(palette: &PaletteScreen, kind: &str) -> usize {
    let found = palette.found.iter().position(|row| row.kind == kind);
    found.unwrap_or_else(|| panic!("nothing is a {kind}"))
}

fn opened(stage: &Stage, palette: &mut PaletteScreen, row: usize) -> Place {
    palette.picker = Picker::at(row);
    match stage.press(palette, &[KeyCode::Enter]).pop() {
        Some(Effect::Replace(place)) => place,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_few_letters_find_a_chapter_first() {
    let stage = Stage::new();
    for letters in ["7", "scat", "gath", "scatter/g", "7scat", "chapter 7"] {
        let mut palette = typed(&stage, letters);
        let place = opened(&stage, &mut palette, 0);
        assert_eq!(place, Place::chapter("scatter-gather"), "{letters}");
    }
}

#[test]
fn a_word_says_what_kind_of_thing_is_wanted() {
    let stage = Stage::new();
    let first = |letters: &str| opened(&stage, &mut typed(&stage, letters), 0);
    assert_eq!(first("lab scatter"), Place::lab("scatter-gather"));
    assert_eq!(first("scatter lab"), Place::lab("scatter-gather"));
    assert_eq!(first("source scat"), Place::source("scatter-gather"));
    let exercise = first("exercise scatter");
    assert!(matches!(exercise, Place::Exercise { .. }), "{exercise:?}");
    assert_eq!(first("term lease"), Place::term("election", "lease"));
    assert_eq!(first("scatter-gather"), Place::chapter("scatter-gather"));
}

#[test]
fn a_few_letters_inside_the_words_of_a_name_are_no_name() {
    let stage = Stage::new();
    let palette = typed(&stage, "hed");
    let text = stage.text(&palette);
    assert!(palette.found.iter().all(|row| row.kind != "lab"), "{text}");
    let first = palette.found[0].text.to_lowercase();
    assert!(first.contains("hedg"), "{text}");
}

#[test]
fn it_opens_with_the_words_that_it_was_given() {
    let stage = Stage::new();
    let palette = PaletteScreen::new("quorum", &stage.cx());
    let text = stage.text(&palette);
    assert!(
        text.contains("quorum") && first(&palette, "text") < 9,
        "{text}"
    );
}

#[test]
fn without_unicode_a_cut_is_drawn_so_too() {
    let mut stage = Stage::new();
    stage.theme = Theme::new(Ground::Dark, Depth::None, true);
    let palette = typed(&stage, "straggler");
    let text = stage.text(&palette);
    text.holds(["~"]);
    text.lacks(["…"]);
}

#[test]
fn below_the_names_stand_the_places_of_the_book_in_their_ranks() {
    let stage = Stage::new();
    let palette = typed(&stage, "fencing");
    let text = stage.text(&palette);
    text.holds(["term", "glossary"]);
    let (term, asked) = (first(&palette, "term"), first(&palette, "asked"));
    assert!(term < asked && asked < first(&palette, "text"), "{text}");
    assert!(
        palette
            .found
            .iter()
            .take_while(|row| row.within.is_empty())
            .count()
            <= NAMED_MAX
    );
}

#[test]
fn all_of_a_kind_are_shown_when_its_word_is_all_that_is_typed() {
    let palette = typed(&Stage::new(), "mock ");
    let mocks = palette.found.iter().filter(|row| row.kind == "mock");
    assert_eq!(mocks.count(), prompt::topics(&Stage::new().library).len());
}

#[test]
fn enter_goes_to_the_very_place_and_to_the_question() {
    let stage = Stage::new();
    let mut palette = typed(&stage, "fencing");
    let row = first(&palette, "text");
    match opened(&stage, &mut palette, row) {
        Place::Reader {
            anchor: Some(anchor),
            show: Some(Show::Words(words)),
            ..
        } => assert!(anchor.block > 0 && words == ["fencing"], "{words:?}"),
        other => panic!("{other:?}"),
    }
    let row = first(&palette, "term");
    assert_eq!(
        opened(&stage, &mut palette, row),
        Place::term("election", "fencing token")
    );
    let row = first(&palette, "asked");
    let place = opened(&stage, &mut palette, row);
    assert!(
        matches!(
            place,
            Place::Question {
                question: Some(_),
                ..
            }
        ),
        "{place:?}"
    );
}

#[test]
fn what_is_nowhere_is_said_so() {
    let stage = Stage::new();
    let palette = typed(&stage, "qqqxyzzy");
    stage.shows(&palette, ["nothing has these letters"]);
}

#[test]
fn no_size_breaks_the_list() {
    let mut stage = Stage::new();
    let mut palette = typed(&stage, "queue");
    survives(&mut stage, &mut palette);
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::pack();
    let mut palette = typed(&stage, "baton");
    golden!("palette", stage, &mut palette);
}
