//! What is typed, what is listed, where enter goes.

use super::*;
use crate::tui::screen::stage::{Stage, survives};
use crossterm::event::KeyCode;

fn typed(stage: &Stage, text: &str) -> PaletteScreen {
    let mut palette = PaletteScreen::new(&stage.cx());
    stage.keys(&mut palette, text);
    palette
}

/// The row of the first result of this kind.
fn first(palette: &PaletteScreen, kind: &str) -> usize {
    let found = palette.found.iter().position(|row| row.kind == kind);
    found.unwrap_or_else(|| panic!("nothing is a {kind}"))
}

fn opened(stage: &Stage, palette: &mut PaletteScreen, row: usize) -> Place {
    palette.selected = row;
    match stage.press(palette, &[KeyCode::Enter]).pop() {
        Some(Effect::Replace(place)) => place,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_few_letters_find_a_chapter_first() {
    let stage = Stage::new();
    let mut palette = typed(&stage, "7scat");
    assert_eq!(
        opened(&stage, &mut palette, 0),
        Place::chapter("scatter-gather")
    );
}

#[test]
fn below_the_names_stand_the_places_of_the_book_in_their_ranks() {
    let stage = Stage::new();
    let palette = typed(&stage, "fencing");
    let text = stage.text(&palette);
    assert!(text.contains("term") && text.contains("glossary"), "{text}");
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
fn enter_goes_to_the_very_place_and_to_the_question() {
    let stage = Stage::new();
    let mut palette = typed(&stage, "fencing");
    for kind in ["term", "text"] {
        let row = first(&palette, kind);
        match opened(&stage, &mut palette, row) {
            Place::Reader {
                anchor: Some(anchor),
                ..
            } => assert!(anchor.block > 0, "{kind}"),
            other => panic!("{kind}: {other:?}"),
        }
    }
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
    assert!(stage.text(&palette).contains("nothing has these letters"));
}

#[test]
fn no_size_breaks_the_list() {
    let mut stage = Stage::new();
    let mut palette = typed(&stage, "queue");
    survives(&mut stage, &mut palette);
}
