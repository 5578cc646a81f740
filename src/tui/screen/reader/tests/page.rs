//! What a page shows: its title, its outline, its text and its code, and when it counts as read.

use super::*;
use crate::testing::Holds;

#[test]
fn the_page_has_its_title_its_section_and_its_text() {
    let stage = stage();
    let reader = open(&stage);
    let rows = stage.rows(&reader);
    assert!(rows[0].starts_with("  7  Tails"), "{rows:#?}");
    assert!(rows[0].ends_with("§1 The problem ·   0 %"), "{rows:#?}");
    let text = rows.join("\n");
    text.holds(["Twenty leaves, one of them slow.¹", "? Before you read on"]);
}

#[test]
fn there_is_an_outline_only_when_there_is_room() {
    let stage = stage().sized(120, 34);
    let reader = open(&stage);
    stage.shows(&reader, ["▌ The problem"]);
    let stage = stage.sized(80, 23);
    stage.text(&open(&stage)).lacks(["▌ The problem"]);
}

#[test]
fn an_unknown_chapter_names_the_nearest() {
    let stage = stage();
    let error = Reader::open("tials", None, &stage.cx())
        .err()
        .expect("no such chapter");
    error.holds(["did you mean `tails`?"]);
}

#[test]
fn a_section_counts_as_read_when_its_end_was_on_the_screen() {
    let stage = stage().sized(80, 12);
    let mut reader = open(&stage);
    let effects = stage.keys(&mut reader, "j");
    let read = |effects: &[Effect]| -> Vec<String> {
        let finished = events(effects).into_iter().filter_map(|event| match event {
            Event::PageRead {
                section,
                finished: true,
                ..
            } => Some(section.clone()),
            _ => None,
        });
        finished.collect()
    };
    assert_eq!(read(&effects), Vec::<String>::new());
    let effects = stage.keys(&mut reader, " ");
    assert_eq!(read(&effects), ["the-problem"]);
    let effects = stage.keys(&mut reader, "kj");
    assert_eq!(read(&effects), Vec::<String>::new(), "once is enough");
}

#[test]
fn wide_code_is_carried_over() {
    let stage = stage().sized(80, 16);
    let mut reader = open(&stage);
    stage.keys(&mut reader, "]]");
    let text = stage.text(&reader);
    text.holds(["let answers", "↪", "column of text"]);
}

#[test]
fn code_is_asked_to_be_coloured_and_takes_its_colours() {
    let stage = stage();
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    let effects = stage.send(&mut reader, Message::Shown);
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Highlight { lang, code } => Some((lang.as_str(), code.as_str())),
        _ => None,
    });
    assert!(matches!(asked, Some(("rust", code)) if code.starts_with("let answers")));
}

#[test]
fn the_whole_screen_is_as_agreed() {
    let mut stage = Stage::pack();
    let mut reader = Reader::open("relay", None, &stage.cx()).unwrap();
    stage.send(&mut reader, Message::Shown);
    golden!("reader", stage, &mut reader);
}
