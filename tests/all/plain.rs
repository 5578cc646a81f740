//! The plain forms, as scripts and screen readers meet them: the real binary, pipes on all sides.

use crate::support::program::{Program, Ran, ddlab};
use crate::support::{Holds, starts};
use ddlab::progress::{Event, Marks, Record};
use std::fs;
use std::io::{BufRead, BufReader, Write};

fn record(home: &Program) -> Record {
    Record::open(&home.path("data/progress.db"), ddlab::clock::now().at)
}

fn events(home: &Program) -> Vec<Event> {
    let mut record = record(home);
    record.events().map(|stored| stored.event.clone()).collect()
}

#[test]
fn a_chapter_is_read_in_a_pipe_at_the_asked_width() {
    for width in [60, 100] {
        let ran = ddlab(&format!("read 7 --plain --width {width}"));
        ran.plain().ended(0).shows([
            "Scatter/gather",
            "Measured over 20s of",
            "`ddlab quiz ch07-fan-out-hundred --plain`",
        ]);
    }
}

#[test]
fn the_words_of_a_chapter_are_explained_when_asked_for() {
    let read = |options: &str| {
        ddlab(&format!("read 12 --plain{options}"))
            .plain()
            .ended(0)
            .out
    };
    let (without, with) = (read(""), read(" --terms"));
    let words = with.strip_prefix(&without);
    let words = words.expect("the page stays as it is");
    words.holds(["Words\n─────"]);
    assert_eq!(words.matches("• fencing token: ").count(), 1, "{words}");
}

#[test]
fn every_option_of_a_quiz_question_is_explained_after_the_answer() {
    let ran = Program::new().answer("quiz ch07-hedge-load --plain", "a\n");
    let library = ddlab::content::Library::embedded();
    let (_, question) = library.quiz_question("ch07-hedge-load").unwrap();
    let ddlab::content::model::QuizKind::One { options } = &question.kind else {
        panic!("it is a question with options");
    };
    let words: Vec<&str> = ran.out.split_whitespace().collect();
    let said = words.join(" ").replace('`', "");
    for option in options {
        let first: Vec<&str> = option.why.split_whitespace().take(4).collect();
        said.holds([first.join(" ").replace(['*', '`'], "").as_str()]);
    }
}

#[test]
fn every_chapter_can_be_read() {
    for number in 1..=13 {
        let ran = ddlab(&format!("read {number}")).plain().ended(0);
        assert!(ran.out.len() > 300, "chapter {number}");
    }
}

#[test]
fn an_unknown_chapter_names_the_nearest_and_fails_with_2() {
    for (asked, nearest) in [
        ("scater-gahter", "did you mean `scatter-gather`?"),
        ("99", "did you mean `13`?"),
    ] {
        for command in ["read", "ask", "quiz"] {
            ddlab(&format!("{command} {asked} --plain")).refused([nearest]);
        }
    }
}

#[test]
fn what_was_given_is_repeated_short_and_harmless() {
    let long = "y".repeat(50_000);
    for command in [
        "read",
        "prove",
        "cheat",
        "find --limit",
        "lab run",
        "lab show",
        "exercise start",
        "drill --only",
        "interview --topic",
        "lab experiment",
        "lab replay",
        "lab merge",
        "record import",
        "content answers",
        "lab run faas --seed",
        "lab run faas --set concurrency=",
        "--now",
    ] {
        for given in ["\u{1b}]0;title\u{7}", "\u{202e}7", &long] {
            let ran = ddlab(&format!("{command} {given}")).plain().ended(2);
            assert!(ran.err.len() < 2_000, "{command}: {}", ran.err.len());
        }
    }
}

#[test]
fn a_quiz_is_answered_line_by_line_and_kept() {
    let home = Program::new();
    let ran = home.answer("ask 7 --only quiz", "63 %\nmany\n10\n");
    ran.plain().ended(0).shows([
        "Right.",
        "Try again",
        "The input has ended.",
        "2 answers kept.",
    ]);
    let marks = Marks::of(record(&home).events());
    let answer = marks.answer("ch07-fan-out-hundred").unwrap();
    assert!(answer.right);
    assert_eq!(answer.said, "63 %");
}

#[test]
fn a_quiz_ends_with_its_score_by_section() {
    // The first is right, the second is not a number, then not right; the rest is skipped.
    let input = format!("63\n1000000\n{}", "\n".repeat(40));
    let ran = Program::new().answer("quiz 7 --plain", &input);
    let ran = ran.plain().ended(0);
    let (_, score) = ran.out.split_once("Score: ").expect("it ends in a score");
    starts(score, "1 of 2 right.");
    score.holds([
        "- The problem: 1 of 1 right\n",
        "- Neighbours: not answered yet\n",
    ]);
    ran.out.lacks(["What a strong answer has"]);
}

#[test]
fn a_quiz_has_no_interview_questions() {
    ddlab("quiz ch07-q2 --plain").complaint();
}

#[test]
fn a_figure_of_a_lab_that_is_still_to_come_is_a_sentence() {
    for planned in ddlab_labs::PLANNED {
        let figure = format!("```lab {planned}/some-figure\nWhat it shows.\n```\n\nText");
        let home = with_pack("13-mine", &PAGE.replace("Text", &figure));
        let ran = home.run("read mine --content packs").ended(0);
        ran.shows(["What it shows.", "comes with the lab"]);
        ran.out.lacks(["cannot be shown"]);
    }
}

#[test]
fn an_interview_answer_is_kept_before_the_rubric_and_graded_after() {
    let home = Program::new();
    let answer = "The root waits for its slowest leaf.\nSo I would hedge after the p95.\n.\n";
    let ran = home.answer("ask ch07-q2", &format!("?\n{answer}1 99\n1 2\n\n"));
    ran.plain().ended(0).shows([
        "Hint:",
        "What a strong answer has",
        "mentioned?",
        "not seen",
        "A model answer",
        "numbered 1 to",
        "2 answers kept.",
    ]);
    match events(&home).as_slice() {
        [
            Event::AnswerCommitted(committed),
            Event::InterviewAnswered(graded),
        ] => {
            assert_eq!(committed.answer, graded.answer);
            assert_eq!(graded.ticked.len(), 2);
        }
        events => panic!("{events:?}"),
    }
}

#[test]
fn an_answer_cut_off_by_the_end_of_the_input_is_kept() {
    let home = Program::new();
    home.answer("ask ch07-q2", "The root waits for the slowest")
        .ended(0);
    assert!(matches!(events(&home)[..], [Event::AnswerCommitted(_)]));
}

#[test]
fn what_was_said_to_be_kept_is_kept_when_the_program_is_killed() {
    let home = Program::new();
    let mut child = home.command("ask 7 --only quiz").spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"63 %\n10\n").unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut kept = 0;
    while kept < 2 {
        kept += usize::from(lines.next().unwrap().unwrap().contains("Saved."));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(events(&home).len(), 2);
}

#[test]
fn a_closed_input_ends_the_questions_at_once() {
    let home = Program::new();
    home.run("ask 7").ended(0).shows(["0 answers kept."]);
    assert_eq!(events(&home), []);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Program::new();
    let mut child = home.command("read 1 --plain").spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[test]
fn the_book_is_checked_and_has_no_error() {
    let ran = ddlab("content check").ended(0);
    ran.shows(["13 chapters checked: 0 errors, 0 warnings"]);
}

/// A home with this chapter in its folder `packs`.
fn with_pack(name: &str, page: &str) -> Program {
    let home = Program::new();
    lay(&home, name, page);
    home
}

fn lay(home: &Program, name: &str, page: &str) {
    let chapter = home.path("packs").join(name);
    fs::create_dir_all(&chapter).unwrap();
    fs::write(chapter.join("chapter.md"), page).unwrap();
}

const PAGE: &str = "---\nid: mine\nnumber: 13\ntitle: Mine\npart: Advanced\nsummary: Own.\nminutes: 1\ncoming: true\n---\n\n## In one paragraph\n\nText \u{1b}[31mred\u{1b}[0m and \u{9b}2J gone.\n";

#[test]
fn a_broken_pack_is_listed_with_file_line_and_column_and_the_rest_still_loads() {
    let home = with_pack("13-mine", &PAGE.replace("title: Mine", "title: [oops"));
    lay(&home, "14-other", &PAGE.replace("id: mine", "id: other"));
    let ran = home.run("content check packs").ended(1);
    ran.shows(["cure:"]);
    let mut lines = ran.out.lines();
    let place = lines.find_map(|line| line.strip_prefix("packs/13-mine/chapter.md:"));
    let numbers: Vec<&str> = place.expect("it says where").split(':').collect();
    assert!(
        numbers[0].parse::<usize>().is_ok() && numbers[1].parse::<usize>().is_ok(),
        "{ran:?}"
    );
    let other = home.run("read other --content packs").ended(0);
    other.err.holds(["ddlab content check"]);
    home.run("read 1 --content packs").ended(0);
    let broken = home.run("read 13-mine --content packs");
    // That a chapter is not there may be due to it.
    broken.refused(["the content has 1 problem"]);
}

#[test]
fn escape_sequences_of_a_pack_are_shown_harmlessly() {
    let home = with_pack("13-mine", PAGE);
    let read = |line: &str| home.run(line).plain();
    read("read mine --content packs").ended(0).shows(["red"]);
    let check = read("content check packs").ended(1);
    check.shows(["chapter.md:13:6: error: a control character"]);
}

#[test]
fn a_folder_that_is_not_there_is_said_and_the_book_still_opens() {
    let read = ddlab("read 1 --content /nowhere/at/all").ended(0);
    read.err.holds(["1 problem"]);
    let check = ddlab("content check /nowhere/at/all").ended(1);
    check.shows(["cannot be read"]);
}

#[test]
fn a_chapter_of_a_folder_takes_the_place_of_the_embedded_one() {
    let page = PAGE.replace("id: mine", "id: scatter-gather");
    let page = page.replace("number: 13", "number: 7");
    let home = with_pack("07-scatter-gather", &page);
    home.run("read 7 --content packs").shows(["7 Mine"]);
}

#[test]
fn a_damaged_record_is_kept_aside_and_answers_are_kept_anew() {
    let home = Program::new();
    fs::create_dir(home.path("data")).unwrap();
    fs::write(home.path("data/progress.db"), "x".repeat(5000)).unwrap();
    let ran = home.answer("ask ch07-fan-out-hundred", "63\n").ended(0);
    ran.err.holds(["damaged"]);
    ran.shows(["1 answer kept."]);
    assert_eq!(events(&home).len(), 1);
    let mut files = fs::read_dir(home.path("data")).unwrap().flatten();
    assert!(files.any(|file| {
        let name = file.file_name();
        name.to_string_lossy().starts_with("progress.corrupt-")
    }));
}

#[test]
fn without_a_place_for_the_record_the_questions_go_on_and_say_so() {
    let home = Program::new();
    fs::write(home.path("file"), "").unwrap();
    let mut command = home.command("ask ch07-fan-out-hundred");
    command.env("DDLAB_DATA", home.path("file/under"));
    let ran = Ran::of(&mut command, "63\n").ended(1);
    ran.err.holds(["--data", "could not be kept"]);
    ran.shows(["Right."]);
}

#[test]
fn words_are_found_anywhere_in_the_book_one_place_a_line() {
    let found = ddlab("find fencing token --limit 4").plain().ended(0).out;
    assert_eq!(found.lines().count(), 4, "{found}");
    assert!(found.lines().all(|line| line.contains(" · ")), "{found}");
    let nothing = ddlab("find qqqxyzzy").ended(1);
    nothing.err.holds(["nothing in the book"]);
}
