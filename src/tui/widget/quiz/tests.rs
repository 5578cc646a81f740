use super::{Gesture, Quiz, Reply, Sheet};
use crate::content::model::{MatchPair, NearMiss, QuizKind, QuizOption, QuizQuestion};
use crate::study::grade::Confidence;
use crate::study::quiz::Answer;
use crate::testing::Holds;
use crate::tui::keymap::{Action, Context, footer};
use crate::tui::theme::{Depth, Ground, Theme};
use crossterm::event::{KeyCode, KeyEvent};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

fn theme() -> Theme {
    Theme::new(Ground::Dark, Depth::True, false)
}

fn question(kind: QuizKind) -> QuizQuestion {
    QuizQuestion {
        id: "ch07-q".to_owned(),
        section: "how-it-works".to_owned(),
        scenario: false,
        tells_apart: false,
        prompt: "What share of searches meets **at least one** slow leaf?".to_owned(),
        kind,
        explain: "Only if all are fast is the search fast.".to_owned(),
    }
}

fn option(text: &str, right: bool) -> QuizOption {
    QuizOption {
        text: text.to_owned(),
        right,
        why: format!("because of {text}"),
    }
}

fn one() -> QuizQuestion {
    question(QuizKind::One {
        options: vec![
            option("mean", false),
            option("slowest", true),
            option("median", false),
        ],
    })
}

fn several() -> QuizQuestion {
    question(QuizKind::Several {
        options: vec![
            option("hedge", true),
            option("retry at once", false),
            option("answer in part", true),
        ],
    })
}

fn order() -> QuizQuestion {
    question(QuizKind::Order {
        items: ["scatter", "wait", "merge"].map(str::to_owned).to_vec(),
        why_confused: "there is nothing to merge before the wait".to_owned(),
    })
}

fn pairs() -> QuizQuestion {
    let pair = |left: &str, right: &str| MatchPair {
        left: left.to_owned(),
        right: right.to_owned(),
        why: format!("why {left}"),
    };
    question(QuizKind::Match {
        pairs: vec![pair("root", "waits for all"), pair("leaf", "searches")],
    })
}

fn number() -> QuizQuestion {
    question(QuizKind::Number {
        answer: 63.4,
        unit: "%".to_owned(),
        tolerance: 1.0,
        near_misses: vec![NearMiss {
            value: 100.0,
            why: "adding counts a search with two slow leaves twice".to_owned(),
        }],
    })
}

fn rows(sheet: &Sheet) -> Vec<String> {
    let text = |line: &ratatui::text::Line<'_>| line.to_string().trim_end().to_owned();
    sheet.lines.iter().map(text).collect()
}

fn shown(quiz: &Quiz) -> String {
    rows(&quiz.sheet(60, true, &theme())).join("\n")
}

fn typed(quiz: &mut Quiz, text: &str) {
    for c in text.chars() {
        quiz.type_key(KeyEvent::from(KeyCode::Char(c)));
    }
}

/// Moves the cursor to the choice with this text.
fn go_to(quiz: &mut Quiz, text: &str) {
    for _ in 0..9 {
        quiz.act(Action::Up);
    }
    let row = |quiz: &Quiz| {
        let sheet = quiz.sheet(60, true, &theme());
        rows(&sheet)[sheet.focus_line].contains(text)
    };
    for _ in 0..9 {
        if row(quiz) {
            return;
        }
        quiz.act(Action::Down);
    }
    panic!("no choice says {text}:\n{}", shown(quiz));
}

#[test]
fn enter_answers_with_the_option_under_the_cursor_and_says_why() {
    let mut quiz = Quiz::new(&one(), 0);
    // No reason before the answer.
    shown(&quiz).lacks(["because"]);
    go_to(&mut quiz, "mean");
    assert_eq!(quiz.act(Action::Open), Reply::Answered);
    assert_eq!(quiz.answer(), Some(&Answer::One(0)));
    let page = shown(&quiz);
    page.holds([
        "✗ mean (your answer)",
        "because of mean",
        "✓ slowest (not chosen)",
        "because of median",
        "✗ Not right.",
        "Only if all are fast",
    ]);
}

#[test]
fn an_answer_is_given_once() {
    let mut quiz = Quiz::new(&one(), 0);
    quiz.act(Action::Open);
    let before = quiz.answer().cloned();
    assert_eq!(quiz.contexts(), [Context::CheckDone]);
    assert_eq!(quiz.act(Action::Down), Reply::Ignored);
    assert_eq!(quiz.act(Action::Open), Reply::Ignored);
    assert_eq!(quiz.answer().cloned(), before);
    assert_eq!(quiz.act(Action::NextFocus), Reply::Left);
}

#[test]
fn several_needs_at_least_one_and_takes_all_that_are_ticked() {
    let mut quiz = Quiz::new(&several(), 0);
    assert_eq!(quiz.act(Action::Open), Reply::Changed);
    shown(&quiz).holds(["choose at least one"]);
    for text in ["hedge", "answer in part"] {
        go_to(&mut quiz, text);
        quiz.act(Action::Toggle);
    }
    assert_eq!(shown(&quiz).matches("[x]").count(), 2);
    assert_eq!(quiz.act(Action::Open), Reply::Answered);
    assert!(quiz.marking().is_some_and(|marking| marking.right));
}

#[test]
fn an_item_that_is_taken_up_moves_with_the_cursor() {
    let mut quiz = Quiz::new(&order(), 0);
    for (place, text) in ["scatter", "wait", "merge"].into_iter().enumerate() {
        go_to(&mut quiz, text);
        quiz.act(Action::Toggle);
        // It shows that it is held.
        shown(&quiz).holds(["‹"]);
        for _ in 0..3 {
            quiz.act(Action::Up);
        }
        for _ in 0..place {
            quiz.act(Action::Down);
        }
        quiz.act(Action::Toggle);
    }
    assert_eq!(quiz.act(Action::Open), Reply::Answered);
    assert_eq!(quiz.answer(), Some(&Answer::Order(vec![0, 1, 2])));
    shown(&quiz).holds(["✓ Right."]);
}

#[test]
fn matches_are_turned_or_typed_by_letter() {
    let mut quiz = Quiz::new(&pairs(), 0);
    quiz.act(Action::Open);
    shown(&quiz).holds(["2 of 2 still have no match"]);
    for (left, right) in [("root", "waits"), ("leaf", "searches")] {
        go_to(&mut quiz, left);
        let page = shown(&quiz);
        let line = page.lines().rfind(|line| line.contains(right)).unwrap();
        typed(&mut quiz, line.trim().split(' ').next().unwrap());
    }
    assert_eq!(quiz.act(Action::Open), Reply::Answered);
    assert!(quiz.marking().is_some_and(|marking| marking.right));

    let mut turned = Quiz::new(&pairs(), 0);
    turned.act(Action::Larger);
    shown(&turned).holds(["‹a›"]);
    turned.act(Action::Smaller);
    turned.act(Action::Smaller);
    // Before none comes the last.
    shown(&turned).holds(["‹b›"]);
}

#[test]
fn a_number_is_typed_with_all_letters_to_itself() {
    let mut quiz = Quiz::new(&number(), 0);
    assert!(quiz.takes_text());
    assert_eq!(quiz.contexts(), [Context::CheckTyping]);
    typed(&mut quiz, "many");
    assert_eq!(quiz.act(Action::Open), Reply::Changed);
    shown(&quiz).holds(["does not begin with a number"]);
    for _ in 0..4 {
        quiz.type_key(KeyEvent::from(KeyCode::Backspace));
    }
    typed(&mut quiz, "100 %");
    shown(&quiz).holds(["100 %"]);
    assert_eq!(quiz.act(Action::Open), Reply::Answered);
    let page = shown(&quiz);
    page.holds(["two slow leaves twice", "It is 63.4 %."]);
    let at = |part| page.find(part).expect("the page holds it");
    assert!(at("Not right.") < at("It is 63.4 %."), "{page}");
    assert!(at("It is 63.4 %.") < at("two slow leaves twice"), "{page}");
    assert!(!quiz.takes_text(), "keys are keys again");
}

#[test]
fn being_sure_goes_round_and_is_said_with_the_verdict() {
    let mut quiz = Quiz::new(&one(), 0);
    for percent in [10, 30, 50, 70, 90] {
        quiz.act(Action::Sure);
        assert_eq!(quiz.confidence().map(Confidence::percent), Some(percent));
    }
    quiz.act(Action::Sure);
    assert_eq!(quiz.confidence(), None);
    quiz.act(Action::Sure);
    shown(&quiz).holds(["‹10 %›"]);
    quiz.act(Action::Open);
    shown(&quiz).holds(["You were 10 % sure."]);
}

#[test]
fn an_earlier_answer_is_shown_again_and_one_that_no_longer_fits_is_asked_again() {
    let kept = Quiz::answered(&one(), 0, &Answer::One(1), Some(Confidence::Sure));
    shown(&kept).holds(["✓ Right."]);
    let rewritten = Quiz::answered(&one(), 0, &Answer::One(7), None);
    assert_eq!(rewritten.answer(), None);
}

/// The mouse on the last line that has this text, in the column where it begins.
fn mouse(quiz: &mut Quiz, gesture: Gesture, text: &str) -> Reply {
    let sheet = quiz.sheet(60, true, &theme());
    let rows = rows(&sheet);
    let line = rows.iter().rposition(|row| row.contains(text));
    let line = line.unwrap_or_else(|| panic!("no {text} in {rows:#?}"));
    let byte = rows[line].find(text).unwrap_or(0);
    let column = rows[line][..byte].chars().count();
    quiz.mouse(gesture, &sheet, line, column)
}

fn click(quiz: &mut Quiz, text: &str) -> Reply {
    let reply = mouse(quiz, Gesture::Press, text);
    mouse(quiz, Gesture::Release, text);
    reply
}

#[test]
fn a_click_chooses_one_option_and_another_takes_its_place() {
    let mut quiz = Quiz::new(&one(), 0);
    click(&mut quiz, "mean");
    click(&mut quiz, "slowest");
    let text = shown(&quiz);
    text.holds(["(•) slowest", "( ) mean"]);
    assert_eq!(quiz.act(Action::Open), Reply::Answered);
    assert_eq!(quiz.answer(), Some(&Answer::One(1)));
}

#[test]
fn clicks_choose_and_drop_several_options() {
    let mut quiz = Quiz::new(&several(), 0);
    assert_eq!(click(&mut quiz, "hedge"), Reply::Changed);
    click(&mut quiz, "retry");
    click(&mut quiz, "retry");
    let text = shown(&quiz);
    text.holds(["[x] hedge", "[ ] retry"]);
    assert_eq!(
        click(&mut quiz, "What share"),
        Reply::Ignored,
        "the prompt is no choice"
    );
}

#[test]
fn an_item_is_dragged_to_its_place() {
    let mut quiz = Quiz::new(&order(), 0);
    // Whatever the layout, each is brought to the row that it belongs on.
    for (row, item) in ["scatter", "wait", "merge"].into_iter().enumerate() {
        let there = format!("{}.", row + 1);
        if shown(&quiz).contains(&format!("{there}  {item}")) {
            continue;
        }
        mouse(&mut quiz, Gesture::Press, item);
        mouse(&mut quiz, Gesture::Drag, &there);
        mouse(&mut quiz, Gesture::Release, &there);
    }
    assert!(!quiz.pick.is_holding());
    assert_eq!(quiz.act(Action::Open), Reply::Answered);
    assert!(quiz.marking().is_some_and(|marking| marking.right));
}

#[test]
fn an_item_is_taken_up_by_one_click_and_put_down_by_the_next() {
    let mut quiz = Quiz::new(&order(), 0);
    for (row, item) in ["scatter", "wait", "merge"].into_iter().enumerate() {
        click(&mut quiz, item);
        assert!(quiz.pick.is_holding(), "{item}");
        click(&mut quiz, &format!("{}.", row + 1));
        assert!(!quiz.pick.is_holding(), "{item}");
    }
    quiz.act(Action::Open);
    assert!(quiz.marking().is_some_and(|marking| marking.right));
}

#[test]
fn a_match_is_clicked_left_and_right() {
    let mut quiz = Quiz::new(&pairs(), 0);
    click(&mut quiz, "root");
    click(&mut quiz, "waits for all");
    // The next left that has none is chosen by itself.
    click(&mut quiz, "searches");
    assert_eq!(quiz.act(Action::Open), Reply::Answered);
    assert!(quiz.marking().is_some_and(|marking| marking.right));
}

#[test]
fn a_number_has_a_field_to_click_and_how_sure_one_is_a_row() {
    let mut quiz = Quiz::new(&number(), 0);
    assert_eq!(click(&mut quiz, "your answer"), Reply::Changed);
    assert!(quiz.takes_text());
    for confidence in Confidence::ALL {
        let text = format!("{} %", confidence.percent());
        click(&mut quiz, &text);
        assert_eq!(quiz.confidence(), Some(confidence));
    }
    assert_eq!(click(&mut quiz, "how sure"), Reply::Ignored);
}

#[test]
fn an_answered_question_is_not_changed_by_the_mouse() {
    let mut quiz = Quiz::new(&one(), 0);
    quiz.act(Action::Open);
    let before = quiz.answer().cloned();
    click(&mut quiz, "median");
    assert_eq!(quiz.answer().cloned(), before);
}

#[test]
fn every_option_is_explained_after_the_answer() {
    for question in [one(), several()] {
        let mut quiz = Quiz::new(&question, 0);
        quiz.act(Action::Toggle);
        quiz.act(Action::Open);
        let text = shown(&quiz);
        let (QuizKind::One { options } | QuizKind::Several { options }) = &question.kind else {
            panic!("these have options");
        };
        for option in options {
            assert!(text.contains(&option.why), "{}: {text}", option.why);
        }
    }
}

#[test]
fn another_asking_may_lay_it_out_anew_and_the_same_never_does() {
    let places = |asked| shown(&Quiz::new(&several(), asked));
    assert_eq!(places(0), places(0));
    assert!((1..9).any(|asked| places(asked) != places(0)));
}

#[test]
fn ascii_terminals_get_ascii_signs() {
    let ascii = Theme::new(Ground::Dark, Depth::None, true);
    for question in [one(), several(), order(), pairs(), number()] {
        let mut quiz = Quiz::new(&question, 0);
        quiz.act(Action::Toggle);
        for _ in 0..2 {
            for row in rows(&quiz.sheet(60, true, &ascii)) {
                // The dash of a match is text, not a sign of ours.
                assert!(row.replace('–', "-").is_ascii(), "{row}");
            }
            quiz.act(Action::Open);
        }
    }
}

#[derive(Debug, Clone)]
enum Press {
    Act(Action),
    Type(char),
    Click(usize),
}

fn press() -> impl Strategy<Value = Press> {
    let actions = prop::sample::select(vec![
        Action::Down,
        Action::Up,
        Action::Toggle,
        Action::NextPart,
        Action::PreviousPart,
        Action::Larger,
        Action::Smaller,
        Action::Sure,
        Action::Choose(2),
        Action::Choose(9),
        Action::Open,
    ]);
    prop_oneof![
        4 => actions.prop_map(Press::Act),
        1 => prop::char::range('0', 'f').prop_map(Press::Type),
        1 => (0usize..20).prop_map(Press::Click),
    ]
}

proptest! {
    #[test]
    fn no_keys_break_it_and_it_fits_any_width(presses in prop::collection::vec(press(), 0..30), width in 1u16..120) {
        for question in [one(), several(), order(), pairs(), number()] {
            let mut quiz = Quiz::new(&question, 3);
            for press in &presses {
                match press {
                    Press::Act(action) => { quiz.act(*action); }
                    Press::Type(c) => typed(&mut quiz, &c.to_string()),
                    Press::Click(line) => {
                        let sheet = quiz.sheet(width, true, &theme());
                        let gestures = [Gesture::Press, Gesture::Drag, Gesture::Release];
                        let gesture = gestures[line % gestures.len()];
                        quiz.mouse(gesture, &sheet, line / 3, *line);
                    }
                }
            }
            let sheet = quiz.sheet(width, true, &theme());
            prop_assert!(sheet.focus_line < sheet.height());
            if width >= 50 {
                for row in rows(&sheet) {
                    prop_assert!(row.width() <= usize::from(width), "{row:?} at {width}");
                }
            }
        }
    }
}

#[test]
fn the_bar_names_the_keys_of_its_kind() {
    for (question, wanted) in [
        (one(), "space choose"),
        (several(), "space choose"),
        (pairs(), "\u{2190} \u{2192} match"),
        (order(), "J K shift"),
    ] {
        let bar: Vec<String> = footer(&Quiz::new(&question, 0).contexts())
            .into_iter()
            .map(|(keys, word, _)| format!("{keys} {word}"))
            .collect();
        assert!(bar.contains(&wanted.to_owned()), "{bar:?}");
        let others = ["space choose", "\u{2190} \u{2192} match", "J K shift"];
        let named = bar.iter().filter(|entry| others.contains(&entry.as_str()));
        assert_eq!(named.count(), 1, "{bar:?}");
    }
}
