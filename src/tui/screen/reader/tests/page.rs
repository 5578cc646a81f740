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

/// The sections that are recorded as read to their end.
fn read(effects: &[Effect]) -> Vec<&str> {
    let finished = events(effects).into_iter().filter_map(|event| match event {
        Event::PageRead {
            section,
            finished: true,
            ..
        } => Some(section.as_str()),
        _ => None,
    });
    finished.collect()
}

/// Lets the page stand for so long, then presses the key.
fn after(stage: &mut Stage, reader: &mut Reader, seconds: u64, key: &str) -> Vec<Effect> {
    stage.uptime += Duration::from_secs(seconds);
    stage.keys(reader, key)
}

#[test]
fn a_section_counts_as_read_when_its_end_was_in_view_for_long_enough() {
    let mut stage = stage().sized(80, 12);
    let mut reader = open(&stage);
    let effects = after(&mut stage, &mut reader, 20, " ");
    assert_eq!(read(&effects), [""; 0], "its end is below");
    let effects = after(&mut stage, &mut reader, 20, "k");
    assert_eq!(read(&effects), ["the-problem"]);
    let effects = after(&mut stage, &mut reader, 20, "kj");
    assert_eq!(read(&effects), [""; 0], "once is enough");
}

#[test]
fn who_pages_to_the_end_has_read_nothing() {
    let mut stage = stage().sized(80, 23);
    let mut reader = open(&stage);
    for _ in 0..40 {
        let effects = after(&mut stage, &mut reader, 1, " ");
        // But for the few words of the last page, which stays.
        assert!(read(&effects).iter().all(|slug| *slug == "sources"));
    }
    // However long that then stands there.
    let effects = after(&mut stage, &mut reader, 3600, "k");
    assert!(!read(&effects).contains(&"how-it-works"), "{effects:?}");
}

#[test]
fn time_under_another_screen_is_not_spent_on_the_page() {
    let mut stage = stage();
    let mut reader = open(&stage);
    stage.send(&mut reader, Message::Hidden);
    stage.uptime += Duration::from_hours(1);
    let effects = stage.send(&mut reader, Message::Shown);
    assert_eq!(read(&effects), [""; 0]);
    let effects = after(&mut stage, &mut reader, 60, "j");
    assert_eq!(read(&effects), ["the-problem"]);
}

#[test]
fn a_section_that_was_left_in_its_middle_is_read_from_there() {
    let mut stage = stage().sized(80, 23);
    let mut reader = open(&stage);
    let total = reader.page.flow.lines.len();
    while reader.scroll.top + 35 < total {
        after(&mut stage, &mut reader, 0, " ");
    }
    let effects = stage.press(&mut reader, &[KeyCode::Esc]);
    stage.record(&mut reader, effects, true);
    let mut again = open(&stage);
    assert!(
        again.scroll.top + 40 > total,
        "less than half of it is left"
    );
    let mut all = Vec::new();
    for _ in 0..6 {
        let effects = after(&mut stage, &mut again, 30, " ");
        all.extend(read(&effects).into_iter().map(str::to_owned));
    }
    assert!(all.contains(&"how-it-works".to_owned()), "{all:?}");
}

#[test]
fn a_glance_at_a_page_is_no_place_to_go_on_at() {
    let mut stage = stage();
    let mut reader = open(&stage);
    let effects = stage.press(&mut reader, &[KeyCode::Esc]);
    assert!(events(&effects).is_empty(), "{effects:?}");
    stage.uptime += Duration::from_secs(6);
    let effects = stage.press(&mut reader, &[KeyCode::Esc]);
    let is_place = |event: &&Event| {
        matches!(
            event,
            Event::PageRead {
                finished: false,
                ..
            }
        )
    };
    assert_eq!(events(&effects).into_iter().filter(is_place).count(), 1);
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
