mod quiz;

use super::Question;
use crate::progress::Event;
use crate::study::grade::{Confidence, Grade};
use crate::study::ticks::Ticks;
use crate::testing::Holds;
use crate::tui::effect::{Effect, NoticeKind, Place};
use crate::tui::keymap::Context;
use crate::tui::screen::stage::{Stage, events, golden, survives};
use crate::tui::screen::{Message, Screen};
use crate::tui::theme::Role;
use crossterm::event::KeyCode;
use std::time::Duration;

const CARD: &str = "ch07-q1";

fn list(stage: &Stage) -> Question {
    Question::open("7", None, &stage.cx()).unwrap()
}

fn card(stage: &Stage) -> Question {
    let mut screen = Question::open("7", Some(CARD), &stage.cx()).unwrap();
    stage.send(&mut screen, Message::Shown);
    screen
}

fn rubric(stage: &Stage) -> Vec<String> {
    let (_, question) = stage.library.interview_question(CARD).unwrap();
    question
        .rubric
        .iter()
        .map(|point| point.statement.clone())
        .collect()
}

/// Words that survive wrapping.
fn shows(text: &str, sentence: &str) -> bool {
    let words: Vec<&str> = sentence.split_whitespace().take(3).collect();
    text.contains(&words.join(" "))
}

/// Types an answer, says how sure, commits, and lets the record answer.
fn revealed(stage: &mut Stage, answer: &str) -> Question {
    let mut screen = card(stage);
    stage.keys(&mut screen, answer);
    stage.press(&mut screen, &[KeyCode::Tab]);
    let effects = stage.ctrl(&mut screen, 's');
    stage.record(&mut screen, effects, true);
    screen
}

#[test]
fn the_list_shows_how_each_question_went() {
    let mut stage = Stage::new().sized(120, 40);
    let mut screen = list(&stage);
    stage.text(&screen).holds([
        "Quiz",
        "Interview",
        "design · senior · 35 min",
        "quiz 0 of 17",
    ]);
    // The first open interview question.
    stage.row(&screen, "▌").holds(["Design the search"]);
    // Answer one of the quiz; it is ticked or crossed when one comes back.
    stage.press(&mut screen, &[KeyCode::Tab]);
    let effects = stage.press(&mut screen, &[KeyCode::Enter]);
    assert!(events(&effects).is_empty());
    stage.keys(&mut screen, "63");
    let effects = stage.press(&mut screen, &[KeyCode::Enter]);
    assert_eq!(events(&effects).len(), 1);
    stage.record(&mut screen, effects, true);
    stage.shows(&screen, ["✓ Right.", "saved"]);
    stage.press(&mut screen, &[KeyCode::Esc]);
    stage.shows(&screen, ["quiz 1 of 17", "▌ ✓ Each leaf is slow"]);
}

#[test]
fn the_list_ends_the_quiz_with_its_score_by_section() {
    let mut stage = Stage::new().sized(120, 60);
    let mut screen = list(&stage);
    stage.hides(&screen, ["by section"]);
    stage.press(&mut screen, &[KeyCode::Tab, KeyCode::Enter]);
    stage.keys(&mut screen, "63");
    let effects = stage.press(&mut screen, &[KeyCode::Enter]);
    stage.record(&mut screen, effects, true);
    stage.press(&mut screen, &[KeyCode::Esc]);
    let text = stage.text(&screen);
    let row = |title: &str| {
        let mut rows = text.lines().filter(|row| row.contains(title));
        rows.next_back().unwrap_or_else(|| panic!("{text}")).trim()
    };
    assert!(row("The problem").ends_with("1 of 1 right"), "{text}");
    assert!(row("Neighbours").ends_with("not answered yet"), "{text}");
}

#[test]
fn a_score_that_comes_between_the_questions_moves_no_cursor() {
    let mut stage = Stage::new().sized(120, 60);
    let mut screen = list(&stage);
    let mut other = Question::open("7", Some("ch07-hedge-load"), &stage.cx()).unwrap();
    let effects = stage.press(&mut other, &[KeyCode::Enter]);
    stage.record(&mut other, effects, true);
    stage.send(&mut screen, Message::Shown);
    stage.row(&screen, "▌").holds(["Design the search"]);
}

#[test]
fn a_sign_of_the_list_keeps_its_colour() {
    let stage = Stage::new().sized(120, 40);
    let sign = stage.cell(&list(&stage), "○");
    assert_eq!(sign.fg, stage.theme.style(Role::Faint).fg.unwrap());
}

#[test]
fn a_quiz_answer_goes_on_to_the_next_open_question() {
    let stage = Stage::new();
    let mut screen = Question::open("7", Some("ch07-hedge-load"), &stage.cx()).unwrap();
    let effects = stage.press(&mut screen, &[KeyCode::Enter]);
    assert!(
        matches!(events(&effects)[..], [Event::QuizAnswered(_)]),
        "{effects:?}"
    );
    stage.press(&mut screen, &[KeyCode::Enter]);
    assert_eq!(
        screen.place(),
        Place::question("scatter-gather", Some("ch07-which-pattern"))
    );
}

#[test]
fn the_answer_is_in_the_record_before_the_rubric_is_shown() {
    let mut stage = Stage::new().sized(120, 50);
    let mut screen = card(&stage);
    stage.keys(
        &mut screen,
        "The root asks every shard in parallel and merges the sorted lists.",
    );
    for point in rubric(&stage) {
        assert!(!shows(&stage.text(&screen), &point), "{point}");
    }
    stage.press(&mut screen, &[KeyCode::Tab]);
    let effects = stage.ctrl(&mut screen, 's');
    let committed = events(&effects);
    assert!(
        matches!(committed[..], [Event::AnswerCommitted(answer)]
            if answer.answer.starts_with("The root") && answer.confidence == Some(Confidence::Guess)),
        "{committed:?}"
    );
    for point in rubric(&stage) {
        assert!(
            !shows(&stage.text(&screen), &point),
            "not before the record has answered: {point}"
        );
    }
    stage.record(&mut screen, effects, true);
    let text = stage.text(&screen);
    for point in rubric(&stage) {
        assert!(shows(&text, &point), "{point}:\n{text}");
    }
    text.holds([
        "you were 10 % sure",
        "mentioned?",
        "not seen",
        "The root asks every shard",
    ]);
}

#[test]
fn committing_without_a_word_or_a_guess_asks_once_and_never_forces() {
    let stage = Stage::new();
    let mut screen = card(&stage);
    assert!(stage.ctrl(&mut screen, 's').is_empty());
    stage.shows(&screen, ["nothing is typed yet"]);
    stage.keys(&mut screen, "hedge");
    assert!(stage.ctrl(&mut screen, 's').is_empty());
    stage.shows(&screen, ["how sure are you?"]);
    assert_eq!(events(&stage.ctrl(&mut screen, 's')).len(), 1);
    assert!(stage.ctrl(&mut screen, 's').is_empty(), "committed once");
}

#[test]
fn a_draft_survives_leaving_the_screen() {
    let mut stage = Stage::new();
    let mut screen = card(&stage);
    stage.keys(&mut screen, "half a though");
    let effects = stage.press(&mut screen, &[KeyCode::Esc]);
    assert!(matches!(effects.last(), Some(Effect::Back)), "{effects:?}");
    stage.record(&mut screen, effects, true);
    let mut again = card(&stage);
    stage.shows(&again, ["half a though"]);
    stage.keys(&mut again, "t");
    // One types on at its end.
    stage.shows(&again, ["half a thought"]);
    stage.text(&list(&stage)).holds(["draft"]);
}

#[test]
fn a_draft_is_kept_while_one_types_and_when_the_screen_is_covered() {
    let mut stage = Stage::new();
    let mut screen = card(&stage);
    assert!(events(&stage.keys(&mut screen, "abc")).is_empty());
    stage.uptime = Duration::from_secs(11);
    assert_eq!(events(&stage.keys(&mut screen, "d")).len(), 1);
    assert!(
        events(&stage.keys(&mut screen, "e")).is_empty(),
        "not at each key"
    );
    assert_eq!(events(&stage.send(&mut screen, Message::Hidden)).len(), 1);
    assert!(
        events(&stage.send(&mut screen, Message::Hidden)).is_empty(),
        "nothing new"
    );
}

#[test]
fn a_draft_is_kept_after_a_second_without_a_key_and_at_once_after_a_paste() {
    let mut stage = Stage::new();
    let mut screen = card(&stage);
    let at = Duration::from_millis;
    let typed = stage.keys(&mut screen, "ab");
    let looks = typed
        .iter()
        .filter(|effect| matches!(effect, Effect::Tick(_)));
    assert_eq!(looks.count(), 1, "one look at a time: {typed:?}");
    stage.uptime = at(700);
    stage.keys(&mut screen, "c");
    stage.uptime = at(1_000);
    let effects = stage.send(&mut screen, Message::Tick);
    assert!(events(&effects).is_empty(), "0.3 s is no pause");
    let mut waits = effects.iter();
    assert!(
        waits.any(|effect| matches!(effect, Effect::Tick(wait) if *wait == at(700))),
        "{effects:?}"
    );
    stage.uptime = at(1_700);
    let effects = stage.send(&mut screen, Message::Tick);
    assert!(matches!(events(&effects)[..], [Event::DraftKept { text, .. }] if text == "abc"));
    let effects = stage.send(&mut screen, Message::Paste(" and more".to_owned()));
    assert_eq!(events(&effects).len(), 1);
}

#[test]
fn a_paste_of_a_megabyte_is_cut_at_the_room_of_an_answer() {
    let stage = Stage::new();
    let mut screen = card(&stage);
    let effects = stage.send(&mut screen, Message::Paste("word ".repeat(200_000)));
    let [Event::DraftKept { text, .. }] = events(&effects)[..] else {
        panic!("{} effects", effects.len());
    };
    assert_eq!(text.len(), 16 * 1024);
    assert!(stage.text(&screen).contains("what was beyond is left out"));
}

#[test]
fn the_editor_brings_text_back_and_control_characters_are_made_harmless() {
    let stage = Stage::new();
    let mut screen = card(&stage);
    stage.keys(&mut screen, "abc");
    let effects = stage.ctrl(&mut screen, 'e');
    assert!(
        matches!(&effects[..], [Effect::Editor { text, question }] if text == "abc" && !question.is_empty())
    );
    stage.send(
        &mut screen,
        Message::Edited("abc\nmore \u{1b}[31mred".to_owned()),
    );
    stage.send(&mut screen, Message::Paste(" and\u{7} pasted".to_owned()));
    let text = stage.text(&screen);
    text.holds(["more", "pasted"]);
    text.lacks(["\u{1b}", "\u{7}"]);
}

#[test]
fn hints_come_one_by_one_and_are_recorded() {
    let stage = Stage::new();
    let mut screen = card(&stage);
    let (_, question) = stage.library.interview_question(CARD).unwrap();
    for (index, hint) in question.hints.iter().enumerate() {
        let effects = stage.ctrl(&mut screen, 'g');
        assert!(
            matches!(events(&effects)[..], [Event::HintShown { number, .. }] if usize::from(*number) == index + 1)
        );
        assert!(shows(&stage.text(&screen), hint), "{hint}");
    }
    assert!(stage.ctrl(&mut screen, 'g').is_empty());
    stage.shows(&screen, ["no further hint"]);
}

#[test]
fn the_clock_counts_and_can_be_hidden() {
    let mut stage = Stage::new();
    let mut screen = card(&stage);
    stage.uptime = Duration::from_secs(75);
    let effects = stage.send(&mut screen, Message::Tick);
    assert!(matches!(effects[..], [Effect::Tick(_)]), "{effects:?}");
    stage.shows(&screen, ["01:15"]);
    stage.ctrl(&mut screen, 't');
    stage.hides(&screen, ["01:15"]);
    assert!(
        stage.send(&mut screen, Message::Tick).is_empty(),
        "a hidden clock asks for nothing"
    );
}

#[test]
fn ticks_follow_the_learner_and_the_grade_is_suggested_from_them() {
    let mut stage = Stage::new().sized(120, 50);
    let mut screen = revealed(&mut stage, "nothing of use");
    stage.shows(&screen, ["suggested: 1 again"]);
    let points = rubric(&stage).len();
    for _ in 0..points {
        stage.press(&mut screen, &[KeyCode::Char(' '), KeyCode::Char('j')]);
    }
    let text = stage.text(&screen);
    assert!(text.contains(&format!("{points} of {points}")), "{text}");
    text.holds(["suggested: 4 easy"]);
}

#[test]
fn a_grade_is_kept_and_can_be_taken_back() {
    let mut stage = Stage::new().sized(120, 50);
    let mut screen = revealed(&mut stage, "the slowest leaf decides");
    stage.keys(&mut screen, " ");
    let effects = stage.keys(&mut screen, "3");
    assert!(
        matches!(events(&effects)[..], [Event::InterviewAnswered(answer)]
            if answer.grade == Grade::Good && answer.ticked == ["objectives"]),
        "{effects:?}"
    );
    // Not said to be kept before it is.
    stage.shows(&screen, ["saving"]);
    stage.record(&mut screen, effects, true);
    stage.shows(&screen, ["good  saved"]);
    assert_eq!(
        stage.marks.interview(CARD).map(|a| a.grade),
        Some(Grade::Good)
    );
    let effects = stage.keys(&mut screen, "u");
    assert!(matches!(events(&effects)[..], [Event::Undo { .. }]));
    stage.record(&mut screen, effects, true);
    assert_eq!(stage.marks.interview(CARD), None);
    // Ungraded again.
    stage.shows(&screen, ["suggested"]);
}

#[test]
fn another_grade_takes_the_place_of_the_first() {
    let mut stage = Stage::new().sized(120, 50);
    let mut screen = revealed(&mut stage, "the slowest leaf decides");
    let effects = stage.keys(&mut screen, "3");
    stage.record(&mut screen, effects, true);
    let effects = stage.keys(&mut screen, "2");
    assert!(
        matches!(
            events(&effects)[..],
            [Event::Undo { .. }, Event::InterviewAnswered(_)]
        ),
        "{effects:?}"
    );
    stage.record(&mut screen, effects, true);
    assert_eq!(
        stage.marks.interview(CARD).map(|a| a.grade),
        Some(Grade::Hard)
    );
}

#[test]
fn a_record_that_cannot_be_written_is_said_and_nothing_is_lost() {
    let mut stage = Stage::new().sized(120, 50);
    let mut screen = card(&stage);
    stage.keys(&mut screen, "the slowest leaf decides");
    stage.press(&mut screen, &[KeyCode::Tab]);
    let effects = stage.ctrl(&mut screen, 's');
    stage.record(&mut screen, effects, false);
    stage.shows(&screen, ["the slowest leaf decides"]);
    let effects = stage.keys(&mut screen, "3");
    stage.record(&mut screen, effects, false);
    stage.shows(&screen, ["in memory only, not saved"]);
    assert_eq!(
        stage.marks.interview(CARD).map(|a| a.grade),
        Some(Grade::Good)
    );
}

#[test]
fn an_answer_that_was_committed_and_not_graded_comes_back_revealed() {
    let mut stage = Stage::new().sized(120, 50);
    revealed(&mut stage, "the slowest leaf decides");
    let again = card(&stage);
    stage
        .text(&again)
        .holds(["the slowest leaf decides", "suggested"]);
}

#[test]
fn ticks_without_a_grade_are_kept_when_the_rubric_is_left() {
    let mut stage = Stage::new().sized(120, 50);
    let mut screen = revealed(&mut stage, "x");
    let before = stage.text(&screen).matches("not seen").count();
    stage.keys(&mut screen, " j ");
    let seen = stage.text(&screen).matches("not seen").count();
    assert_eq!(seen, before - 2, "who ticks a point has seen it");
    let effects = stage.press(&mut screen, &[KeyCode::Esc]);
    stage.record(&mut screen, effects, true);
    let mut again = card(&stage);
    assert_eq!(stage.text(&again).matches("[x]").count(), 2);
    stage.shows(&list(&stage), ["to grade"]);
    // Nothing has changed, so nothing is recorded.
    let effects = stage.press(&mut again, &[KeyCode::Esc]);
    assert!(events(&effects).is_empty(), "{effects:?}");
    // A grade ends it.
    let mut again = card(&stage);
    let effects = stage.keys(&mut again, "3");
    stage.record(&mut again, effects, true);
    let effects = stage.keys(&mut again, " n");
    assert!(events(&effects).is_empty(), "{effects:?}");
    stage.hides(&list(&stage), ["to grade"]);
}

#[test]
fn the_bar_offers_a_lab_only_where_there_is_one() {
    let stage = Stage::new();
    let offers = |chapter: &str| {
        let list = Question::open(chapter, None, &stage.cx()).unwrap();
        list.contexts().contains(&Context::WithLab)
    };
    assert!(offers("7") && !offers("1"));
}

#[test]
fn the_model_answer_marks_what_meets_the_point() {
    let mut stage = Stage::new().sized(120, 50);
    let mut screen = revealed(&mut stage, "x");
    stage.press(&mut screen, &[KeyCode::Tab]);
    stage.shows(&screen, ["a strong answer", "▎ Before I draw"]);
}

#[test]
fn follow_ups_depend_on_what_was_missed_or_met() {
    let mut stage = Stage::new().sized(160, 200);
    let asked = |stage: &Stage, screen: &mut Question| {
        for _ in 0..20 {
            stage.keys(screen, "f");
        }
        let text = stage.text(screen);
        text.matches("? ").count()
    };
    let mut screen = revealed(&mut stage, "x");
    stage.hides(&screen, ["What comes next"]);
    let all_missed = asked(&stage, &mut screen);
    let (_, question) = stage.library.interview_question(CARD).unwrap();
    let prompts = |ticked: &[usize]| -> Vec<String> {
        let ticked: Ticks = ticked.iter().copied().collect();
        let asked = ticked.followups(question).into_iter();
        asked.map(|followup| followup.prompt.clone()).collect()
    };
    let none = prompts(&[]);
    let all: Vec<usize> = (0..question.rubric.len()).collect();
    assert_ne!(none, prompts(&all), "ticks change what is asked");
    assert!(all_missed >= none.len());
    for prompt in none {
        assert!(shows(&stage.text(&screen), &prompt), "{prompt}");
    }
}

#[test]
fn the_lab_of_the_question_opens_or_it_is_said_why_not() {
    let mut stage = Stage::new();
    let mut screen = revealed(&mut stage, "x");
    let effects = stage.keys(&mut screen, "l");
    match &effects[..] {
        [Effect::Open(Place::Prove { question })] => assert!(question.starts_with("ch")),
        [Effect::Notice(notice)] => assert_eq!(notice.kind, NoticeKind::Info),
        other => panic!("{other:?}"),
    }
}

#[test]
fn unknown_names_are_refused_with_the_nearest_right_one() {
    let stage = Stage::new();
    let refused = |chapter, question| Question::open(chapter, question, &stage.cx()).err();
    refused("scater-gather", None)
        .unwrap()
        .holds(["scatter-gather"]);
    refused("7", Some("ch07-q11")).unwrap().holds(["ch07-q1"]);
    let bare = "---\nid: bare\nnumber: 2\ntitle: Bare\npart: Serving\nsummary: Text.\nminutes: 1\n---\nText.\n";
    let stage = Stage::with_chapters(&[("02-bare/chapter.md", bare)]);
    let refusal = Question::open("2", None, &stage.cx()).err().unwrap();
    refusal.holds(["no questions yet"]);
}

#[test]
fn every_size_and_theme_is_survived() {
    let mut stage = Stage::new();
    let mut screen = list(&stage);
    survives(&mut stage, &mut screen);
    let mut stage = Stage::new();
    let mut screen = card(&stage);
    survives(&mut stage, &mut screen);
    let mut stage = Stage::new();
    let mut screen = revealed(&mut stage, "the root asks every shard at once");
    stage.keys(&mut screen, "fjjj");
    survives(&mut stage, &mut screen);
    let mut stage = Stage::new();
    let mut screen = Question::open("7", Some("ch07-which-pattern"), &stage.cx()).unwrap();
    survives(&mut stage, &mut screen);
}

#[test]
fn the_whole_screens_are_as_agreed() {
    let mut stage = Stage::pack();
    let open = |question, stage: &Stage| {
        let mut screen = Question::open("relay", question, &stage.cx()).unwrap();
        stage.send(&mut screen, Message::Shown);
        screen
    };
    let mut screen = open(None, &stage);
    golden!("questions", stage, &mut screen);
    let mut screen = open(Some("relay-q01"), &stage);
    golden!("quiz", stage, &mut screen);
    stage.press(&mut screen, &[KeyCode::Enter]);
    golden!("quiz-answered", stage, &mut screen);
    let mut screen = open(Some("relay-i01"), &stage);
    golden!("interview", stage, &mut screen);
    stage.keys(&mut screen, "Both run while the baton moves.");
    stage.press(&mut screen, &[KeyCode::Tab]);
    let effects = stage.ctrl(&mut screen, 's');
    stage.record(&mut screen, effects, true);
    golden!("rubric", stage, &mut screen);
}
