//! Words of the page that are explained.

use super::*;
use crate::testing::Holds;

const WORDS: &str = r"---
id: election
number: 12
title: Election
part: Advanced
summary: Who leads.
minutes: 1
coming: true
---
## The lease

A lease ends by itself; `lease` is code, and another lease is not new.

LONG

The fencing token of an old holder is refused.
";

const GLOSSARY: &str = "
- {term: lease, also: [leases], chapter: election, means: A right that ends by itself.}
- {term: fencing token, chapter: election, means: A number that grows with each lease.}
- {term: quorum, chapter: sharding, means: More than half.}
- {term: majority, chapter: sharding, means: A quorum of all.}
";

const OTHER: &str = r"---
id: sharding
number: 6
title: Sharding
part: Serving
summary: Who has what.
minutes: 1
coming: true
---
## The parts

Each part needs a quorum.
";

fn words_stage() -> Stage {
    let page = WORDS.replace("LONG", &"Nobody else speaks.\n\n".repeat(30));
    Stage::with_chapters(&[
        ("12-election/chapter.md", &page),
        ("06-sharding/chapter.md", OTHER),
        ("glossary.yaml", GLOSSARY),
    ])
    .sized(80, 23)
}

fn open_words(stage: &Stage) -> Reader {
    let mut reader = Reader::open("12", None, &stage.cx()).expect("a chapter 12");
    stage.send(&mut reader, Message::Shown);
    reader
}

#[test]
fn a_word_is_underlined_where_it_is_first_used_and_explained_at_a_key() {
    let stage = words_stage();
    let mut reader = open_words(&stage);
    assert_eq!(reader.page.words().count(), 2);
    let underlined = ratatui::style::Modifier::UNDERLINED;
    let cell = stage.cell(&reader, "l");
    assert!(!cell.modifier.contains(underlined), "a heading is none");
    stage.keys(&mut reader, "w");
    stage.text(&reader).holds([
        "A right that ends by itself.",
        "beside it  1 fencing token",
        "taught in  12 Election",
    ]);
    stage.press(&mut reader, &[KeyCode::Esc]);
    stage.hides(&reader, ["A right that ends"]);
}

#[test]
fn from_word_to_word_and_to_those_beside_it() {
    let stage = words_stage();
    let mut reader = open_words(&stage);
    stage.keys(&mut reader, "ww");
    // The word is in view.
    stage.shows(&reader, ["A number that grows", "The fencing token of"]);
    stage.keys(&mut reader, "1");
    stage.shows(&reader, ["A right that ends by itself."]);
    let effects = stage.keys(&mut reader, "W");
    let place = Place::Palette {
        words: "term ".to_owned(),
    };
    assert!(matches!(effects.first(), Some(Effect::Open(all)) if *all == place));
    stage.press(&mut reader, &[KeyCode::Enter]);
    assert!(reader.explained.is_none(), "one is in that chapter already");
}

#[test]
fn a_click_explains_a_word_and_one_elsewhere_closes_it() {
    let stage = words_stage();
    let mut reader = open_words(&stage);
    stage.click(&mut reader, "lease ends");
    stage.shows(&reader, ["A right that ends by itself."]);
    stage.click(&mut reader, "1 fencing token");
    stage.shows(&reader, ["A number that grows"]);
    stage.click(&mut reader, "Nobody else");
    assert!(reader.explained.is_none());
}

#[test]
fn a_term_that_the_page_never_uses_is_explained_in_the_middle_and_leads_to_its_chapter() {
    let stage = words_stage();
    let cx = stage.cx();
    let mut reader = open_words(&stage);
    reader.show(&Show::Term("quorum".to_owned()), None, &cx);
    stage.shows(&reader, ["More than half."]);
    let effects = stage.press(&mut reader, &[KeyCode::Enter]);
    let there = Place::term("sharding", "quorum");
    assert!(matches!(effects.first(), Some(Effect::Open(place)) if *place == there));
}

#[test]
fn explanations_survive_every_size() {
    let mut stage = words_stage();
    let mut reader = open_words(&stage);
    stage.keys(&mut reader, "w");
    survives(&mut stage, &mut reader);
}
