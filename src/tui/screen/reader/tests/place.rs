//! Where one is on a page, and where one goes from there.

use super::*;
use crate::testing::Holds;
use crossterm::event::{KeyModifiers, MouseEvent, MouseEventKind};

#[test]
fn brackets_go_from_heading_to_heading() {
    let stage = stage().sized(80, 23);
    let mut reader = open(&stage);
    stage.keys(&mut reader, "]");
    stage.rows(&reader)[0].holds(["§2 How it works"]);
    stage.keys(&mut reader, "[");
    stage.rows(&reader)[0].holds(["§1 The problem"]);
}

#[test]
fn a_resize_keeps_the_place() {
    let mut stage = stage().sized(120, 34);
    let mut reader = open(&stage);
    stage.keys(&mut reader, "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj");
    let before = reader.place();
    stage.size = (64, 20);
    stage.send(&mut reader, Message::Resized);
    stage.size = (120, 34);
    stage.send(&mut reader, Message::Resized);
    let Place::Reader {
        anchor: Some(now), ..
    } = reader.place()
    else {
        panic!("{:?}", reader.place())
    };
    let Place::Reader {
        anchor: Some(then), ..
    } = before
    else {
        panic!("{before:?}")
    };
    assert_eq!(now.block, then.block);
    assert!(now.letters.abs_diff(then.letters) < 120, "{then:?} {now:?}");
}

#[test]
fn it_opens_where_it_was_left() {
    let mut stage = stage().sized(80, 23);
    let mut reader = open(&stage);
    // Not to a blank line: where one stands is the paragraph below it.
    stage.keys(&mut reader, "   j");
    let Place::Reader { anchor, .. } = reader.place() else {
        panic!("{:?}", reader.place())
    };
    let again = Reader::open("tails", anchor.as_ref(), &stage.cx()).expect("it is there");
    assert_eq!(stage.rows(&again), stage.rows(&reader));
    // And without a place in hand, the record knows the block.
    let effects = stage.press(&mut reader, &[KeyCode::Esc]);
    assert!(matches!(effects.last(), Some(Effect::Back)));
    stage.record(&mut reader, effects, true);
    let again = Reader::open("tails", None, &stage.cx()).expect("it is there");
    assert_eq!(
        again.page.flow.anchor_at(again.scroll.top).block,
        anchor.expect("a place").block
    );
}

#[test]
fn links_are_followed_by_a_click() {
    let stage = stage();
    let mut reader = open(&stage);
    stage.click(&mut reader, "how it works");
    stage.rows(&reader)[0].holds(["§2 How it works"]);
}

#[test]
fn the_wheel_scrolls() {
    let stage = stage();
    let mut reader = open(&stage);
    let wheel = MouseEvent {
        kind: MouseEventKind::ScrollDown,
        column: 10,
        row: 10,
        modifiers: KeyModifiers::NONE,
    };
    stage.send(&mut reader, Message::Mouse(wheel));
    assert_eq!(reader.scroll.top, 3);
}

#[test]
fn the_keys_of_the_chapter_open_its_lab_and_its_exercise() {
    let stage = stage();
    let mut reader = open(&stage);
    let effects = stage.keys(&mut reader, "l");
    assert!(matches!(
        effects.first(),
        Some(Effect::Open(Place::Lab { .. }))
    ));
    let effects = stage.keys(&mut reader, "x");
    assert!(matches!(
        effects.first(),
        Some(Effect::Open(Place::Exercise { .. }))
    ));
    let effects = stage.keys(&mut reader, "i");
    assert!(matches!(
        effects.first(),
        Some(Effect::Open(Place::Question { .. }))
    ));
}
