//! Figures that run within the page.

use super::*;
use crate::markdown::block::Live;
use crate::testing::Holds;
use crate::tui::effect::RunId;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::run::Command;
use std::sync::Arc;

fn runs(effects: &[Effect]) -> Vec<RunId> {
    let started = effects.iter().filter_map(|effect| match effect {
        Effect::Start(run, _) => Some(*run),
        _ => None,
    });
    started.collect()
}

#[test]
fn a_figure_runs_while_it_is_seen() {
    let stage = stage().sized(80, 16);
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    let effects = stage.send(&mut reader, Message::Shown);
    assert_eq!(runs(&effects), [], "it is further down");
    let effects = stage.keys(&mut reader, "]");
    let [run] = runs(&effects)[..] else {
        panic!("{effects:?}")
    };
    let frame = Frame {
        lab: "scatter-gather",
        ..Frame::default()
    };
    stage.send(&mut reader, Message::Frame(run, Arc::new(frame)));
    stage.shows(&reader, ["live ·"]);
    let effects = stage.keys(&mut reader, "p");
    assert!(
        matches!(effects[..], [Effect::Steer(r, Command::Pause)] if r == run),
        "{effects:?}"
    );
    stage.keys(&mut reader, "p");
    let effects = stage.keys(&mut reader, "G");
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::StopRun(r) if *r == run)),
        "{effects:?}"
    );
}

#[test]
fn a_covered_page_runs_nothing() {
    let stage = stage();
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    let started = runs(&stage.send(&mut reader, Message::Shown));
    assert_eq!(started.len(), 1);
    let effects = stage.send(&mut reader, Message::Hidden);
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::StopRun(r) if *r == started[0]))
    );
    let effects = stage.send(&mut reader, Message::Shown);
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
    let [Effect::Steer(_, Command::Intervene(Intervention::Set { knob, value }))] = &effects[..]
    else {
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
    let run = runs(&stage.send(&mut reader, Message::Shown))[0];
    let reason = "cannot start a thread".to_owned();
    stage.send(&mut reader, Message::RunFailed(run, reason));
    stage.shows(&reader, ["cannot start a thread"]);
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
    let effects = stage.send(&mut reader, Message::Shown);
    assert_eq!(runs(&effects), []);
    let text = stage.text(&reader);
    text.holds([
        "still · some figure",
        "comes with the lab",
        "Turn the policy.",
    ]);
    text.lacks(["there is no lab"]);
    // The question above it and the exercise below it have the focus, it has none.
    stage.press(&mut reader, &[KeyCode::Tab, KeyCode::Tab]);
    let effects = stage.press(&mut reader, &[KeyCode::Enter]);
    assert!(
        matches!(effects.last(), Some(Effect::Open(Place::Exercise { .. }))),
        "{effects:?}"
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
