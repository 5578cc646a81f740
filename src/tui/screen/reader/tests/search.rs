//! Words looked for on the page and in the book.

use super::*;

#[test]
fn search_jumps_to_the_words_and_escape_comes_back() {
    let stage = stage().sized(80, 23);
    let mut reader = open(&stage);
    stage.keys(&mut reader, "/what was read");
    stage.shows(&reader, ["What was read.", "1 of 1"]);
    stage.press(&mut reader, &[KeyCode::Esc]);
    assert_eq!(reader.scroll.top, 0);
    stage.keys(&mut reader, "/decides");
    stage.press(&mut reader, &[KeyCode::Enter]);
    stage.shows(&reader, ["1 of 144"]);
    stage.keys(&mut reader, "N");
    // Round the end.
    stage.shows(&reader, ["144 of 144"]);
}

#[test]
fn what_is_not_on_the_page_is_looked_for_in_the_book() {
    let stage = stage();
    let mut reader = open(&stage);
    stage.keys(&mut reader, "/quorum");
    stage.shows(&reader, ["not on this page"]);
    let effects = stage.press(&mut reader, &[KeyCode::Enter]);
    let words = "quorum".to_owned();
    assert!(
        matches!(effects.first(), Some(Effect::Open(place)) if *place == Place::Palette { words })
    );
}

#[test]
fn what_was_found_in_the_book_is_shown_and_marked_on_the_page() {
    let stage = Stage::new();
    let query = crate::search::Query::new("token fencing");
    let cx = stage.cx();
    let index = cx.catalogue.of(&stage.library);
    let found = index.find(&query, usize::MAX);
    let in_text = found
        .iter()
        .find(|f| f.passage.kind == crate::search::Kind::Text);
    let found = in_text.expect("the text speaks of it");
    let crate::search::Goal::Page(anchor) = found.goal() else {
        panic!("text has a place");
    };

    let cx = stage.cx();
    let mut reader = Reader::open(&found.passage.chapter, Some(&anchor), &cx).unwrap();
    reader.show(&Show::Words(found.words().to_vec()), Some(&anchor), &cx);
    let search = reader.search.as_ref().expect("the words are marked");
    let line = search.line().expect("and found");
    let seen = reader.scroll.top..reader.scroll.top + Reader::height(&cx);
    assert!(seen.contains(&line));
    let text = reader.page.flow.lines[line].text().to_lowercase();
    assert!(text.contains("token") || text.contains("fencing"), "{text}");
    assert!(!search.is_typing(), "the keys are the page's");
    let top = reader.scroll.top;
    stage.keys(&mut reader, "n");
    assert_ne!(reader.search.as_ref().map(Search::current), None);
    stage.press(&mut reader, &[KeyCode::Esc]);
    assert!(reader.search.is_none(), "esc takes the marks away first");
    assert!(reader.scroll.top >= top);
}
