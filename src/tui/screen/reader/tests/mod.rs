//! Messages in, rows out.

use super::*;
use crate::markdown::block::Live;
use crate::progress::event::QuestionAnswered;
use crate::study::quiz::Answer;
use crate::tui::effect::RunId;
use crate::tui::screen::stage::{Stage, events, survives};
use crate::tui::theme::{Depth, Ground, Theme};
use crossterm::event::{KeyCode, KeyModifiers, MouseEvent, MouseEventKind};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::run::Command;
use proptest::prelude::*;
use std::sync::Arc;

const PAGE: &str = r"---
id: tails
number: 7
title: Tails
part: Serving
summary: Slow leaves.
minutes: 1
labs: [scatter-gather]
exercises: [scatter-gather-top10]
sources:
  - {id: tail, text: 'The Tail at Scale, 2013'}
---
## The problem

Twenty leaves, one of them slow.[^tail]

```check half
```

Read on, and see [how it works](#how-it-works).

## How it works

```lab scatter-gather/hedged
Turn the policy.
```

### Details

```rust
let answers = gather(leaves, deadline).await; // and a comment that makes this line far too long for the column of text
```

LONG

```try scatter-gather-top10
```

## Sources

What was read.
";

const QUIZ: &str = "
- id: half
  section: the-problem
  prompt: At what fan-out does every second request meet a slow leaf?
  kind:
    one:
      options:
        - {text: '69', right: true, why: 'ln 2 over 1 %'}
        - {text: '50', why: 'half of a hundred, as if chances added up'}
  explain: The chances of being fast multiply.
";

fn stage() -> Stage {
    let long = "The slowest leaf decides. ".repeat(12);
    let page = PAGE.replace("LONG", &format!("{long}\n\n").repeat(12));
    Stage::with_chapters(&[("07-tails/chapter.md", &page), ("07-tails/quiz.yaml", QUIZ)])
}

fn open(stage: &Stage) -> Reader {
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    stage.tell(&mut reader, Message::Shown);
    reader
}

fn runs(effects: &[Effect]) -> Vec<RunId> {
    let started = effects.iter().filter_map(|effect| match effect {
        Effect::StartLab { run, .. } => Some(*run),
        _ => None,
    });
    started.collect()
}

#[test]
fn the_page_has_its_title_its_section_and_its_text() {
    let stage = stage();
    let reader = open(&stage);
    let rows = stage.rows(&reader);
    assert!(rows[0].starts_with("  7  Tails"), "{rows:#?}");
    assert!(rows[0].ends_with("§1 The problem ·   0 %"), "{rows:#?}");
    let text = rows.join("\n");
    assert!(text.contains("Twenty leaves, one of them slow.¹"), "{text}");
    assert!(text.contains("? Before you read on"), "{text}");
}

#[test]
fn there_is_an_outline_only_when_there_is_room() {
    let stage = stage().sized(120, 34);
    let reader = open(&stage);
    assert!(stage.text(&reader).contains("▌ The problem"));
    let stage = stage.sized(80, 23);
    assert!(!stage.text(&open(&stage)).contains("▌ The problem"));
}

#[test]
fn brackets_go_from_heading_to_heading() {
    let stage = stage().sized(80, 23);
    let mut reader = open(&stage);
    stage.keys(&mut reader, "]");
    assert!(stage.rows(&reader)[0].contains("§2 How it works"));
    stage.keys(&mut reader, "[");
    assert!(stage.rows(&reader)[0].contains("§1 The problem"));
}

#[test]
fn a_resize_keeps_the_place() {
    let mut stage = stage().sized(120, 34);
    let mut reader = open(&stage);
    stage.keys(&mut reader, "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj");
    let before = reader.place();
    stage.size = (64, 20);
    stage.tell(&mut reader, Message::Resized);
    stage.size = (120, 34);
    stage.tell(&mut reader, Message::Resized);
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
fn an_unknown_chapter_names_the_nearest() {
    let stage = stage();
    let error = Reader::open("tials", None, &stage.cx())
        .err()
        .expect("no such chapter");
    assert!(error.contains("did you mean `tails`?"), "{error}");
}

#[test]
fn a_question_is_answered_in_place_and_kept() {
    let mut stage = stage().sized(80, 30);
    let mut reader = open(&stage);
    stage.press(&mut reader, &[KeyCode::Enter]);
    assert_eq!(reader.contexts().first(), Some(&Context::Check));
    let effects = stage.press(&mut reader, &[KeyCode::Enter]);
    let recorded = events(&effects);
    let Some(Event::CheckAnswered(given)) = recorded.first() else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (given.question.as_str(), &given.said),
        ("half", &given.said)
    );
    let right = given.right;
    let unwritten = Effect::Record(Event::CheckAnswered(given.clone()));
    stage.record(&mut reader, vec![unwritten], false);
    let text = stage.text(&reader);
    assert!(text.contains("answered, kept in memory only"), "{text}");
    stage.record(&mut reader, effects, true);
    let text = stage.text(&reader);
    assert!(text.contains("answered, kept"), "{text}");
    assert!(!text.contains("memory"), "{text}");
    assert!(
        text.contains("The chances of being fast multiply."),
        "{text}"
    );
    stage.press(&mut reader, &[KeyCode::Enter]);
    assert_eq!(
        reader.contexts().first(),
        Some(&Context::Reader),
        "reading goes on"
    );
    // Another day.
    let again = open(&stage);
    let text = stage.text(&again);
    assert!(text.contains("answered, kept"), "{text} {right}");
}

#[test]
fn an_answer_that_no_longer_fits_is_asked_again() {
    let mut stage = stage();
    stage.happened(Event::CheckAnswered(QuestionAnswered {
        question: "half".to_owned(),
        answer: Answer::Number("69".to_owned()),
        said: "69".to_owned(),
        right: true,
        confidence: None,
    }));
    assert!(!stage.text(&open(&stage)).contains("answered"));
}

#[test]
fn a_figure_runs_while_it_is_seen() {
    let stage = stage().sized(80, 16);
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    let effects = stage.tell(&mut reader, Message::Shown);
    assert_eq!(runs(&effects), [], "it is further down");
    let effects = stage.keys(&mut reader, "]");
    let [run] = runs(&effects)[..] else {
        panic!("{effects:?}")
    };
    let frame = Frame {
        lab: "scatter-gather",
        ..Frame::default()
    };
    stage.tell(&mut reader, Message::Frame(run, Arc::new(frame)));
    assert!(
        stage.text(&reader).contains("live ·"),
        "{}",
        stage.text(&reader)
    );
    let effects = stage.keys(&mut reader, "p");
    assert!(
        matches!(effects[..], [Effect::Lab(r, Command::Pause)] if r == run),
        "{effects:?}"
    );
    stage.keys(&mut reader, "p");
    let effects = stage.keys(&mut reader, "G");
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::StopLab(r) if *r == run)),
        "{effects:?}"
    );
}

#[test]
fn a_covered_page_runs_nothing() {
    let stage = stage();
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    let started = runs(&stage.tell(&mut reader, Message::Shown));
    assert_eq!(started.len(), 1);
    let effects = stage.tell(&mut reader, Message::Hidden);
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::StopLab(r) if *r == started[0]))
    );
    let effects = stage.tell(&mut reader, Message::Shown);
    assert_eq!(
        runs(&effects).len(),
        1,
        "and goes on when it is come back to"
    );
}

#[test]
fn what_is_turned_in_the_page_is_what_the_lab_opens_with() {
    let stage = stage();
    let mut reader = open(&stage);
    stage.press(&mut reader, &[KeyCode::Tab, KeyCode::Tab]);
    let effects = stage.press(&mut reader, &[KeyCode::Right]);
    let [Effect::Lab(_, Command::Set { knob, value })] = &effects[..] else {
        panic!("{effects:?}")
    };
    let effects = stage.press(&mut reader, &[KeyCode::Enter]);
    let Some(Effect::Open(Place::Lab { lab, set, .. })) = effects.first() else {
        panic!("{effects:?}")
    };
    assert_eq!(lab, "scatter-gather");
    assert!(set.contains(&format!("{knob}={value}")), "{set:?}");
}

#[test]
fn a_lab_that_cannot_start_says_why_in_its_place() {
    let stage = stage();
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    let run = runs(&stage.tell(&mut reader, Message::Shown))[0];
    let reason = "cannot start a thread".to_owned();
    stage.tell(&mut reader, Message::LabFailed(run, reason));
    assert!(stage.text(&reader).contains("cannot start a thread"));
}

#[test]
fn a_figure_whose_lab_is_still_to_come_is_still_and_no_error() {
    let planned = ddlab_labs::PLANNED.first().copied();
    // When every lab is built there is nothing to be still.
    let Some(lab) = planned else { return };
    let page = PAGE
        .replace("scatter-gather/hedged", &format!("{lab}/some-figure"))
        .replace("LONG", "Short.");
    let stage =
        Stage::with_chapters(&[("07-tails/chapter.md", &page), ("07-tails/quiz.yaml", QUIZ)])
            .sized(100, 60);
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    let effects = stage.tell(&mut reader, Message::Shown);
    assert_eq!(runs(&effects), []);
    let text = stage.text(&reader);
    for said in [
        "still · some figure",
        "comes with the lab",
        "Turn the policy.",
    ] {
        assert!(text.contains(said), "no {said:?} in {text}");
    }
    assert!(!text.contains("there is no lab"), "{text}");
    // The question above it and the exercise below it have the focus, it has none.
    stage.press(&mut reader, &[KeyCode::Tab, KeyCode::Tab]);
    let effects = stage.press(&mut reader, &[KeyCode::Enter]);
    assert!(
        matches!(effects.last(), Some(Effect::Open(Place::Exercise { .. }))),
        "{effects:?}"
    );
}

#[test]
fn search_jumps_to_the_words_and_escape_comes_back() {
    let stage = stage().sized(80, 23);
    let mut reader = open(&stage);
    stage.keys(&mut reader, "/what was read");
    let text = stage.text(&reader);
    assert!(
        text.contains("What was read.") && text.contains("1 of 1"),
        "{text}"
    );
    stage.press(&mut reader, &[KeyCode::Esc]);
    assert_eq!(reader.scroll.top, 0);
    stage.keys(&mut reader, "/decides");
    stage.press(&mut reader, &[KeyCode::Enter]);
    let first = stage.text(&reader);
    assert!(first.contains("1 of 144"), "{first}");
    stage.keys(&mut reader, "N");
    assert!(stage.text(&reader).contains("144 of 144"), "round the end");
}

#[test]
fn what_is_not_on_the_page_is_looked_for_in_the_book() {
    let stage = stage();
    let mut reader = open(&stage);
    stage.keys(&mut reader, "/quorum");
    assert!(stage.text(&reader).contains("not on this page"));
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
    let index = crate::search::Index::of(&stage.library);
    let found = index.find(&query, usize::MAX);
    let in_text = found
        .iter()
        .find(|f| f.passage.kind == crate::search::Kind::Text);
    let found = in_text.expect("the text speaks of it");
    let crate::search::Goal::Page(anchor) = found.goal() else {
        panic!("text has a place");
    };
    let anchor = effect::Anchor::from(anchor);
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
    stage.tell(&mut reader, Message::Shown);
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
    let text = stage.text(&reader);
    assert!(text.contains("A right that ends by itself."), "{text}");
    assert!(text.contains("beside it  1 fencing token"), "{text}");
    assert!(text.contains("taught in  12 Election"), "{text}");
    stage.press(&mut reader, &[KeyCode::Esc]);
    assert!(!stage.text(&reader).contains("A right that ends"));
}

#[test]
fn from_word_to_word_and_to_those_beside_it() {
    let stage = words_stage();
    let mut reader = open_words(&stage);
    stage.keys(&mut reader, "ww");
    let text = stage.text(&reader);
    assert!(text.contains("A number that grows"), "{text}");
    assert!(
        text.contains("The fencing token of"),
        "it is in view: {text}"
    );
    stage.keys(&mut reader, "1");
    assert!(stage.text(&reader).contains("A right that ends by itself."));
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
    assert!(stage.text(&reader).contains("A right that ends by itself."));
    stage.click(&mut reader, "1 fencing token");
    assert!(stage.text(&reader).contains("A number that grows"));
    stage.click(&mut reader, "Nobody else");
    assert!(reader.explained.is_none());
}

#[test]
fn a_term_that_the_page_never_uses_is_explained_in_the_middle_and_leads_to_its_chapter() {
    let stage = words_stage();
    let cx = stage.cx();
    let mut reader = open_words(&stage);
    reader.show(&Show::Term("quorum".to_owned()), None, &cx);
    let text = stage.text(&reader);
    assert!(text.contains("More than half."), "{text}");
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
    assert!(text.contains("let answers"), "{text}");
    assert!(
        text.contains("↪") && text.contains("column of text"),
        "{text}"
    );
}

#[test]
fn every_figure_of_the_book_runs_when_its_lab_is_there() {
    let stage = Stage::new();
    let mut live = 0;
    for chapter in stage.library.chapters() {
        let reader = Reader::open(&chapter.meta.id, None, &stage.cx()).expect("a chapter");
        let slots = reader.page.flow.slots.iter();
        for (slot, inset) in slots.zip(&reader.page.insets) {
            if let (Live::Figure(named), Inset::Figure(figure)) = (&slot.live, inset) {
                let planned = ddlab_labs::PLANNED.contains(&named.lab.as_str());
                assert_eq!(figure.is_live(), !planned, "{named:?}");
                live += usize::from(figure.is_live());
            }
        }
    }
    assert!(live >= 9, "{live}");
}

#[test]
fn links_are_followed_by_a_click() {
    let stage = stage();
    let mut reader = open(&stage);
    stage.click(&mut reader, "how it works");
    assert!(stage.rows(&reader)[0].contains("§2 How it works"));
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
    stage.tell(&mut reader, Message::Mouse(wheel));
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

#[test]
fn code_is_asked_to_be_coloured_and_takes_its_colours() {
    let stage = stage();
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    let effects = stage.tell(&mut reader, Message::Shown);
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Highlight { lang, code } => Some((lang.as_str(), code.as_str())),
        _ => None,
    });
    assert!(matches!(asked, Some(("rust", code)) if code.starts_with("let answers")));
}

#[test]
fn without_colour_and_without_unicode_it_says_the_same() {
    let mut stage = stage();
    stage.theme = Theme::new(Ground::Dark, Depth::None, true);
    let mut reader = open(&stage);
    stage.tell(&mut reader, Message::Resized);
    let text = stage.text(&reader);
    assert!(text.contains("one of them slow.[1]"), "{text}");
    assert!(text.replace('§', "").is_ascii(), "{text}");
}

#[test]
fn every_size_is_survived() {
    let mut stage = stage();
    let mut reader = open(&stage);
    stage.press(&mut reader, &[KeyCode::Enter]);
    survives(&mut stage, &mut reader);
    let mut real = Stage::new();
    let mut reader = open(&real);
    survives(&mut real, &mut reader);
}

/// Keys that mean something here, and some that do not.
const KEYS: &str = "jk dubgG[]pnN/ +-slJ129wwW";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_keys_at_any_size_are_survived(
        steps in prop::collection::vec((0..KEYS.len() + 6, 1_u16..130, 1_u16..50), 1..40)
    ) {
        let mut stage = stage();
        let mut reader = open(&stage);
        let special = [KeyCode::Enter, KeyCode::Tab, KeyCode::BackTab, KeyCode::Esc];
        for (key, width, height) in steps {
            let key = KEYS.chars().map(KeyCode::Char).chain(special).nth(key);
            if let Some(key) = key {
                stage.press(&mut reader, &[key]);
            } else {
                stage.size = (width, height);
                stage.tell(&mut reader, Message::Resized);
            }
            stage.text(&reader);
            reader.cursor(&stage.cx());
        }
    }
}
