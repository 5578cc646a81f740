//! The quiz on its screen: each kind by mouse and by keyboard, what comes next, and how it ends.

use super::super::Question;
use crate::progress::Event;
use crate::testing::Holds;
use crate::tui::effect::{Effect, Place, Show};
use crate::tui::screen::stage::{Stage, events, survives};
use crossterm::event::{KeyCode, MouseButton, MouseEventKind};

const QUIZ_PAGE: &str = r"---
id: relay
number: 7
title: Relay
part: Serving
summary: Runners.
minutes: 1
coming: true
---
## The start

Who runs.

## The end

Who stops.
";

/// One question of each kind.
const FIVE: &str = "
- id: q-one
  section: the-start
  prompt: Which one?
  kind: {one: {options: [{text: alpha, right: true, why: it is first}, {text: beta, why: it is near}, {text: gamma, why: it is far}]}}
  explain: Alpha it is.
- id: q-several
  section: the-start
  prompt: Which ones?
  kind: {several: {options: [{text: delta, right: true, why: yes it is}, {text: epsilon, why: no it is not}, {text: zeta, right: true, why: yes too}]}}
  explain: Two of them.
- id: q-order
  section: the-end
  prompt: In which order?
  kind: {order: {items: [first thing, second thing, third thing], why_confused: they look alike}}
  explain: By number.
- id: q-match
  section: the-end
  prompt: What goes with what?
  kind: {match: {pairs: [{left: hen, right: egg, why: it lays}, {left: cow, right: milk, why: it gives}, {left: bee, right: honey, why: it makes}]}}
  explain: Farm matters.
- id: q-number
  section: the-end
  prompt: How many?
  kind: {number: {answer: 42, tolerance: 0}}
  explain: All of them.
";

fn five() -> Stage {
    Stage::with_chapters(&[
        ("07-relay/chapter.md", QUIZ_PAGE),
        ("07-relay/quiz.yaml", FIVE),
    ])
    .sized(80, 23)
}

fn ask(stage: &Stage, id: &str) -> Question {
    Question::open("7", Some(id), &stage.cx()).unwrap()
}

/// Gives the answer; whether it was right.
fn given(stage: &mut Stage, screen: &mut Question) -> bool {
    let effects = stage.press(screen, &[KeyCode::Enter]);
    let right = match events(&effects)[..] {
        [Event::QuizAnswered(answered)] => answered.right,
        ref other => panic!("{other:?}:\n{}", stage.text(screen)),
    };
    stage.record(screen, effects, true);
    right
}

#[test]
fn each_kind_is_answered_with_the_mouse() {
    let mut stage = five();
    let up = MouseEventKind::Up(MouseButton::Left);
    let drag = MouseEventKind::Drag(MouseButton::Left);

    let mut screen = ask(&stage, "q-one");
    stage.click(&mut screen, "beta");
    stage.click(&mut screen, "alpha");
    assert!(given(&mut stage, &mut screen));

    let mut screen = ask(&stage, "q-several");
    for text in ["delta", "epsilon", "zeta", "epsilon"] {
        stage.click(&mut screen, text);
    }
    assert!(given(&mut stage, &mut screen));

    let mut screen = ask(&stage, "q-order");
    for (row, item) in ["first thing", "second thing", "third thing"]
        .into_iter()
        .enumerate()
    {
        let there = format!("{}.", row + 1);
        stage.click(&mut screen, item);
        stage.mouse(&mut screen, drag, &there);
        stage.mouse(&mut screen, up, &there);
        if stage.text(&screen).contains("1.‹") || stage.text(&screen).contains("2.‹") {
            // It stood there already: the press took it up, and puts it down again.
            stage.click(&mut screen, &there);
        }
    }
    assert!(given(&mut stage, &mut screen), "{}", stage.text(&screen));

    let mut screen = ask(&stage, "q-match");
    for (left, right) in [("hen", "egg"), ("cow", "milk"), ("bee", "honey")] {
        stage.click(&mut screen, left);
        stage.click(&mut screen, right);
    }
    assert!(given(&mut stage, &mut screen), "{}", stage.text(&screen));

    let mut screen = ask(&stage, "q-number");
    stage.click(&mut screen, "your answer");
    stage.keys(&mut screen, "42");
    stage.click(&mut screen, "90 %");
    assert!(given(&mut stage, &mut screen));
    stage.shows(&screen, ["You were 90 % sure."]);
}

#[test]
fn each_kind_is_answered_with_the_keyboard() {
    let mut stage = five();
    let row_of = |stage: &Stage, screen: &Question, text: &str| {
        let rows = stage.rows(screen);
        rows.iter().position(|row| row.contains(text)).unwrap()
    };
    let go_to = |stage: &Stage, screen: &mut Question, text: &str| {
        stage.keys(screen, "kkkk");
        let cursor = row_of(stage, screen, "▌");
        for _ in cursor..row_of(stage, screen, text) {
            stage.keys(screen, "j");
        }
    };
    let mut screen = ask(&stage, "q-one");
    go_to(&stage, &mut screen, "alpha");
    assert!(given(&mut stage, &mut screen));

    let mut screen = ask(&stage, "q-several");
    for text in ["delta", "zeta"] {
        go_to(&stage, &mut screen, text);
        stage.keys(&mut screen, " ");
    }
    assert!(given(&mut stage, &mut screen));

    let mut screen = ask(&stage, "q-order");
    for item in ["third thing", "second thing", "first thing"] {
        go_to(&stage, &mut screen, item);
        stage.keys(&mut screen, "KKK");
    }
    assert!(given(&mut stage, &mut screen), "{}", stage.text(&screen));

    let mut screen = ask(&stage, "q-match");
    for (left, right) in [("hen", "egg"), ("cow", "milk"), ("bee", "honey")] {
        go_to(&stage, &mut screen, left);
        let given = format!("{left}: {right}");
        for _ in 0..4 {
            if !stage.text(&screen).contains(&given) {
                stage.press(&mut screen, &[KeyCode::Right]);
            }
        }
    }
    assert!(given(&mut stage, &mut screen), "{}", stage.text(&screen));

    let mut screen = ask(&stage, "q-number");
    stage.keys(&mut screen, "42");
    assert!(given(&mut stage, &mut screen));
}

#[test]
fn the_quiz_ends_with_its_score_and_asks_again_what_was_missed() {
    let mut stage = five();
    let mut screen = ask(&stage, "q-one");
    stage.click(&mut screen, "beta");
    assert!(!given(&mut stage, &mut screen));
    // Each is explained.
    stage.shows(&screen, ["it is far"]);
    // On to the next, which is left out, and so on to the number.
    stage.press(&mut screen, &[KeyCode::Enter]);
    stage.press(&mut screen, &[KeyCode::Tab, KeyCode::Tab, KeyCode::Tab]);
    stage.shows(&screen, ["How many?"]);
    stage.keys(&mut screen, "42");
    assert!(given(&mut stage, &mut screen));
    stage.press(&mut screen, &[KeyCode::Enter]);
    let text = stage.text(&screen);
    text.holds(["1 of 5 right", "Ask the 4 that were missed or left open"]);
    let row = |title: &str| text.lines().find(|row| row.contains(title)).unwrap_or("");
    assert!(row("The start").ends_with("0 of 2 right, 1 open"), "{text}");
    assert!(row("The end").ends_with("1 of 3 right, 2 open"), "{text}");

    // Enter asks them again, the first missed first.
    stage.press(&mut screen, &[KeyCode::Enter]);
    stage.shows(&screen, ["Which one?"]);
    stage.click(&mut screen, "alpha");
    assert!(given(&mut stage, &mut screen));
    let next = [KeyCode::Enter, KeyCode::Tab, KeyCode::Tab, KeyCode::Tab];
    stage.press(&mut screen, &next);
    let text = stage.text(&screen);
    text.holds(["2 of 5 right", "Ask the 3 that are open"]);
    text.lacks(["Which one?"]);
    stage.press(&mut screen, &[KeyCode::Esc]);
    // To the list.
    stage.shows(&screen, ["Quiz: predict"]);
}

#[test]
fn a_section_of_the_score_opens_the_page_there() {
    let mut stage = five();
    let mut screen = ask(&stage, "q-number");
    stage.keys(&mut screen, "7");
    assert!(!given(&mut stage, &mut screen));
    let tabs = [KeyCode::Tab; 4];
    stage.press(&mut screen, &[KeyCode::Enter]);
    stage.press(&mut screen, &tabs);
    stage.click(&mut screen, "The end");
    let effects = stage.click(&mut screen, "The end");
    let Some(Effect::Open(Place::Reader { show, .. })) = effects.first() else {
        panic!("{effects:?}");
    };
    assert_eq!(*show, Some(Show::Section("the-end".to_owned())));
    survives(&mut stage, &mut screen);
}
