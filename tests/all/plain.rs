//! The plain forms, as scripts and screen readers meet them: the real binary, pipes on all sides.

use ddlab::progress::{Event, Marks, Record};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

struct Lab {
    data: TempDir,
}

impl Lab {
    fn new() -> Self {
        Self {
            data: tempfile::tempdir().unwrap(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ddlab"));
        command
            .args(arguments)
            .env("DDLAB_DATA", self.data.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Who asks nothing reads nothing, and may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    }

    fn events(&self) -> Vec<Event> {
        let path = self.data.path().join("progress.db");
        let mut record = Record::open(&path, ddlab::clock::now().at);
        record.events().map(|stored| stored.event.clone()).collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[track_caller]
fn assert_plain(output: &Output) {
    let out = text(&output.stdout);
    let obeyed: Vec<char> = out
        .chars()
        .filter(|c| c.is_control() && *c != '\n')
        .collect();
    assert!(obeyed.is_empty(), "{obeyed:?} in {out}");
}

#[test]
fn a_chapter_is_read_in_a_pipe_at_the_asked_width() {
    for width in ["60", "100"] {
        let output = Lab::new().run(&["read", "7", "--plain", "--width", width], "");
        assert!(output.status.success());
        assert_plain(&output);
        let out = text(&output.stdout);
        assert!(out.contains("Scatter/gather") && out.contains("Measured over 20s of"));
        assert!(out.contains("`ddlab quiz ch07-fan-out-hundred --plain`"));
    }
}

#[test]
fn the_words_of_a_chapter_are_explained_when_asked_for() {
    let read = |options: &[&str]| {
        let output = Lab::new().run(&[&["read", "12", "--plain"], options].concat(), "");
        assert!(output.status.success());
        assert_plain(&output);
        text(&output.stdout)
    };
    let (without, with) = (read(&[]), read(&["--terms"]));
    let words = with
        .strip_prefix(&without)
        .expect("the page stays as it is");
    assert!(words.contains("Words\n─────"), "{words}");
    assert_eq!(words.matches("• fencing token: ").count(), 1, "{words}");
}

#[test]
fn every_option_of_a_quiz_question_is_explained_after_the_answer() {
    let lab = Lab::new();
    let output = lab.run(&["quiz", "ch07-hedge-load", "--plain"], "a\n");
    let out = text(&output.stdout);
    let library = ddlab::content::Library::embedded();
    let (_, question) = library.quiz_question("ch07-hedge-load").unwrap();
    let ddlab::content::model::QuizKind::One { options } = &question.kind else {
        panic!("it is a question with options");
    };
    let said = out.split_whitespace().collect::<Vec<_>>().join(" ");
    for option in options {
        let first = option.why.split_whitespace().take(4);
        let first = first.collect::<Vec<_>>().join(" ").replace(['*', '`'], "");
        assert!(said.replace('`', "").contains(&first), "{first}: {out}");
    }
}

#[test]
fn every_chapter_can_be_read() {
    for number in 1..=13 {
        let output = Lab::new().run(&["read", &number.to_string()], "");
        assert!(output.status.success(), "chapter {number}");
        assert_plain(&output);
        assert!(output.stdout.len() > 300, "chapter {number}");
    }
}

#[test]
fn an_unknown_chapter_names_the_nearest_and_fails_with_2() {
    for (asked, nearest) in [("scater-gahter", "scatter-gather"), ("99", "13")] {
        for command in ["read", "ask", "quiz"] {
            let output = Lab::new().run(&[command, asked, "--plain"], "");
            assert_eq!(output.status.code(), Some(2));
            let error = text(&output.stderr);
            assert!(
                error.contains(&format!("did you mean `{nearest}`?")),
                "{error}"
            );
            assert!(output.stdout.is_empty());
        }
    }
}

#[test]
fn a_quiz_is_answered_line_by_line_and_kept() {
    let lab = Lab::new();
    let output = lab.run(&["ask", "7", "--only", "quiz"], "63 %\nmany\n10\n");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_plain(&output);
    let out = text(&output.stdout);
    assert!(out.contains("Right.") && out.contains("Try again"), "{out}");
    assert!(
        out.contains("The input has ended.") && out.contains("2 answers kept."),
        "{out}"
    );
    let marks = {
        let path = lab.data.path().join("progress.db");
        let mut record = Record::open(&path, ddlab::clock::now().at);
        Marks::of(record.events())
    };
    let answer = marks.answer("ch07-fan-out-hundred").unwrap();
    assert!(answer.right);
    assert_eq!(answer.said, "63 %");
}

#[test]
fn a_quiz_ends_with_its_score_by_section() {
    let lab = Lab::new();
    // The first is right, the second is not a number, then not right; the rest is skipped.
    let output = lab.run(
        &["quiz", "7", "--plain"],
        &format!("63\n1000000\n{}", "\n".repeat(40)),
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_plain(&output);
    let out = text(&output.stdout);
    let score = out
        .split("Score: ")
        .nth(1)
        .unwrap_or_else(|| panic!("{out}"));
    assert!(score.starts_with("1 of 2 right."), "{score}");
    assert!(score.contains("- The problem: 1 of 1 right\n"), "{score}");
    assert!(
        score.contains("- Neighbours: not answered yet\n"),
        "{score}"
    );
    assert!(!out.contains("What a strong answer has"), "{out}");
}

#[test]
fn a_quiz_has_no_interview_questions() {
    let output = Lab::new().run(&["quiz", "ch07-q2", "--plain"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_figure_of_a_lab_that_is_still_to_come_is_a_sentence() {
    for planned in ddlab_labs::PLANNED {
        let page = PAGE.replace(
            "Text",
            &format!("```lab {planned}/some-figure\nWhat it shows.\n```\n\nText"),
        );
        let folder = tempfile::tempdir().unwrap();
        pack(folder.path(), "13-mine", &page);
        let folder = folder.path().to_str().unwrap();
        let output = Lab::new().run(&["read", "mine", "--content", folder], "");
        assert!(output.status.success());
        let out = text(&output.stdout);
        assert!(
            out.contains("What it shows.") && out.contains("comes with the lab"),
            "{out}"
        );
        assert!(!out.contains("cannot be shown"), "{out}");
    }
}

#[test]
fn an_interview_answer_is_kept_before_the_rubric_and_graded_after() {
    let lab = Lab::new();
    let answer = "The root waits for its slowest leaf.\nSo I would hedge after the p95.\n.\n";
    let output = lab.run(&["ask", "ch07-q2"], &format!("?\n{answer}1 99\n1 2\n\n"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_plain(&output);
    let out = text(&output.stdout);
    for said in [
        "Hint:",
        "What a strong answer has",
        "mentioned?",
        "not seen",
        "A model answer",
    ] {
        assert!(out.contains(said), "no {said:?} in {out}");
    }
    assert!(
        out.contains("numbered 1 to") && out.contains("2 answers kept."),
        "{out}"
    );
    match lab.events().as_slice() {
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
    let lab = Lab::new();
    let output = lab.run(&["ask", "ch07-q2"], "The root waits for the slowest");
    assert!(output.status.success());
    assert!(matches!(
        lab.events().as_slice(),
        [Event::AnswerCommitted(_)]
    ));
}

#[test]
fn what_was_said_to_be_kept_is_kept_when_the_program_is_killed() {
    let lab = Lab::new();
    let mut child = lab
        .command(&["ask", "7", "--only", "quiz"])
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"63 %\n10\n").unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut kept = 0;
    while kept < 2 {
        kept += usize::from(lines.next().unwrap().unwrap().contains("Kept."));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(lab.events().len(), 2);
}

#[test]
fn a_closed_input_ends_the_questions_at_once() {
    let lab = Lab::new();
    let output = lab.run(&["ask", "7"], "");
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("0 answers kept."));
    assert_eq!(lab.events(), []);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let lab = Lab::new();
    let mut child = lab.command(&["read", "7", "--plain"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn the_book_is_checked_and_has_no_error() {
    let output = Lab::new().run(&["content", "check"], "");
    assert!(output.status.success(), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("13 chapters checked: 0 errors, 0 warnings"));
}

fn pack(folder: &Path, name: &str, page: &str) {
    let chapter = folder.join(name);
    std::fs::create_dir_all(&chapter).unwrap();
    std::fs::write(chapter.join("chapter.md"), page).unwrap();
}

const PAGE: &str = "---\nid: mine\nnumber: 13\ntitle: Mine\npart: Advanced\nsummary: Own.\nminutes: 1\ncoming: true\n---\n\n## In one paragraph\n\nText \u{1b}[31mred\u{1b}[0m and \u{9b}2J gone.\n";

#[test]
fn a_broken_pack_is_listed_with_file_line_and_column_and_the_rest_still_loads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    pack(
        path,
        "13-mine",
        &PAGE.replace("title: Mine", "title: [oops"),
    );
    pack(path, "14-other", &PAGE.replace("id: mine", "id: other"));
    let folder = path.to_str().unwrap();
    let output = Lab::new().run(&["content", "check", folder], "");
    assert_eq!(output.status.code(), Some(1));
    let out = text(&output.stdout);
    let place = format!("{folder}/13-mine/chapter.md:");
    let line = out
        .lines()
        .find(|line| line.starts_with(&place))
        .unwrap_or_else(|| panic!("{out}"));
    let numbers: Vec<&str> = line[place.len()..].split(':').collect();
    assert!(
        numbers[0].parse::<usize>().is_ok() && numbers[1].parse::<usize>().is_ok(),
        "{line}"
    );
    assert!(out.contains("cure:"), "{out}");
    let other = Lab::new().run(&["read", "other", "--content", folder], "");
    assert!(other.status.success());
    assert!(
        text(&other.stderr).contains("ddlab content check"),
        "{}",
        text(&other.stderr)
    );
    let book = Lab::new().run(&["read", "7", "--content", folder], "");
    assert!(book.status.success());
    let broken = Lab::new().run(&["read", "13-mine", "--content", folder], "");
    assert_eq!(broken.status.code(), Some(2));
    assert!(
        text(&broken.stderr).contains("the content has 1 problem"),
        "that a chapter is not there may be due to it: {}",
        text(&broken.stderr)
    );
}

#[test]
fn escape_sequences_of_a_pack_are_shown_harmlessly() {
    let folder = tempfile::tempdir().unwrap();
    pack(folder.path(), "13-mine", PAGE);
    let folder = folder.path().to_str().unwrap();
    let output = Lab::new().run(&["read", "mine", "--content", folder], "");
    assert!(output.status.success());
    assert_plain(&output);
    assert!(text(&output.stdout).contains("red"));
    let check = Lab::new().run(&["content", "check", folder], "");
    assert_eq!(check.status.code(), Some(1));
    assert_plain(&check);
    assert!(
        text(&check.stdout).contains("chapter.md:13:6: error: a control character"),
        "{}",
        text(&check.stdout)
    );
}

#[test]
fn a_folder_that_is_not_there_is_said_and_the_book_still_opens() {
    let output = Lab::new().run(&["read", "7", "--content", "/nowhere/at/all"], "");
    assert!(output.status.success());
    assert!(
        text(&output.stderr).contains("1 problem"),
        "{}",
        text(&output.stderr)
    );
    let check = Lab::new().run(&["content", "check", "/nowhere/at/all"], "");
    assert_eq!(check.status.code(), Some(1));
    assert!(text(&check.stdout).contains("cannot be read"));
}

#[test]
fn a_chapter_of_a_folder_takes_the_place_of_the_embedded_one() {
    let folder = tempfile::tempdir().unwrap();
    let page = PAGE
        .replace("id: mine", "id: scatter-gather")
        .replace("number: 13", "number: 7");
    pack(folder.path(), "07-scatter-gather", &page);
    let folder = folder.path().to_str().unwrap();
    let output = Lab::new().run(&["read", "7", "--content", folder], "");
    assert!(
        text(&output.stdout).contains("7 Mine"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn a_damaged_record_is_kept_aside_and_answers_are_kept_anew() {
    let lab = Lab::new();
    std::fs::write(lab.data.path().join("progress.db"), "x".repeat(5000)).unwrap();
    let output = lab.run(&["ask", "ch07-fan-out-hundred"], "63\n");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("damaged"),
        "{}",
        text(&output.stderr)
    );
    assert!(text(&output.stdout).contains("1 answer kept."));
    assert_eq!(lab.events().len(), 1);
    let aside = std::fs::read_dir(lab.data.path()).unwrap().any(|entry| {
        entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("progress.corrupt-")
    });
    assert!(aside);
}

#[test]
fn without_a_place_for_the_record_the_questions_go_on_and_say_so() {
    let lab = Lab::new();
    let file = lab.data.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut command = lab.command(&["ask", "ch07-fan-out-hundred"]);
    let mut child = command
        .env("DDLAB_DATA", file.join("under"))
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"63\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(
        error.contains("--data") && error.contains("could not be kept"),
        "{error}"
    );
    assert!(text(&output.stdout).contains("Right."));
}

#[test]
fn words_are_found_anywhere_in_the_book_one_place_a_line() {
    let lab = Lab::new();
    let output = lab.run(&["find", "fencing", "token", "--limit", "4"], "");
    assert!(output.status.success());
    assert_plain(&output);
    let out = text(&output.stdout);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 4, "{out}");
    assert!(lines.iter().all(|line| line.contains(" · ")), "{out}");
    let nothing = lab.run(&["find", "qqqxyzzy"], "");
    assert_eq!(nothing.status.code(), Some(1));
    assert!(text(&nothing.stderr).contains("nothing in the book"));
}

/// The commands of the book's `console` blocks, each on one line.
fn commands_of_the_book() -> Vec<String> {
    let library = ddlab::content::Library::embedded();
    let pages = library
        .chapters()
        .flat_map(|chapter| std::iter::once(chapter).chain(&chapter.appendices));
    let mut commands = Vec::new();
    for block in pages.flat_map(|chapter| ddlab::book::page(chapter).blocks) {
        if let ddlab::markdown::BlockKind::Code { lang, text, .. } = block.kind
            && lang == "console"
        {
            let text = text.replace("\\\n", " ");
            let lines = text.lines().filter(|line| line.starts_with("ddlab "));
            commands.extend(lines.map(str::to_owned));
        }
    }
    commands
}

#[test]
fn every_command_that_the_book_prints_runs_or_is_still_to_come() {
    let lab = Lab::new();
    let commands = commands_of_the_book();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        if ddlab::book::coming_in(&command).is_some() {
            continue;
        }
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let output = lab.run(&words, "");
        let said = text(&output.stderr);
        assert!(output.status.success(), "{command}: {said}");
    }
}
