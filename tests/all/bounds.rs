//! Packs of a size that nobody writes by hand: they load in time by their length, and within a memory that is
//! given to the program and no more.

#![cfg(target_os = "linux")]

use crate::support::program::{Program, Ran};
use crate::support::{Home, Launch};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Of memory that it writes into (heap, stacks), in kB, whether it is resident or not.
const MEMORY_KB: u32 = 300 * 1024;
/// Of processor time, in seconds: in a build without optimisation, beside other tests.
const CPU_S: u32 = 60;

/// A pack with the page of the fixtures and these files.
fn pack(files: &[(&str, &str)]) -> tempfile::TempDir {
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pack/07-relay/chapter.md");
    let folder = tempfile::tempdir().unwrap();
    let chapter = folder.path().join("07-relay");
    fs::create_dir(&chapter).unwrap();
    fs::copy(fixture, chapter.join("chapter.md")).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Runs the program with limits that end it.
fn limited(arguments: &[&str]) -> Output {
    let home = Home::new();
    let script = format!("ulimit -d {MEMORY_KB}; ulimit -t {CPU_S}; exec \"$0\" \"$@\"");
    Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_ddlab")])
        .args(arguments)
        .env("HOME", home.path())
        .env("DDLAB_DATA", home.data())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn ten_thousand_questions_are_loaded() {
    let mut quiz = String::new();
    for number in 0..10_000 {
        let _ = write!(
            quiz,
            "- id: relay-q{number:05}\n  section: the-problem\n  prompt: Who waits for runner {number}?\n  \
             kind:\n    one:\n      options:\n        - {{text: The runner, right: true, why: There is one.}}\n        \
             - {{text: The baton, why: Batons are patient.}}\n        - {{text: The track, why: Tracks are long.}}\n  \
             explain: A runner waits.\n"
        );
    }
    let pack = pack(&[("07-relay/quiz.yaml", &quiz)]);
    let folder = pack.path().to_str().unwrap();
    let output = limited(&["read", "relay", "--plain", "--content", folder]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(output.stderr.is_empty(), "{}", said(&output));
}

#[test]
fn a_quiz_of_broken_items_is_reported_by_the_first_hundred() {
    let pack = pack(&[("07-relay/quiz.yaml", &"- x\n".repeat(40_000))]);
    let output = limited(&["content", "check", pack.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("39900 items are left out"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_glossary_of_twenty_thousand_terms_is_loaded() {
    let mut glossary = String::new();
    for number in 0..20_000 {
        let _ = writeln!(
            glossary,
            "- {{term: term {number}, also: [terms {number}], chapter: relay, means: \"Number {number} of the terms.\"}}"
        );
    }
    let pack = pack(&[("glossary.yaml", &glossary)]);
    let folder = pack.path().to_str().unwrap();
    let output = limited(&["read", "relay", "--plain", "--content", folder]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_heading_of_a_hundred_kilobytes_is_found_as_one_types() {
    let page = fs::read_to_string("tests/fixtures/pack/07-relay/chapter.md").unwrap();
    let heading = format!(
        "\n### {}\n\nIts text.\n",
        "batons and runners ".repeat(5_000)
    );
    let pack = pack(&[("07-relay/chapter.md", &(page + &heading))]);
    let folder = pack.path().to_str().unwrap();
    let script = format!("ulimit -t {CPU_S}; exec \"$0\" \"$@\"");
    let mut ddlab = Launch::default()
        .under(&["sh", "-c", &script])
        .arguments(&["read", "relay", "--content", folder])
        .start();
    ddlab.wait_for("The problem");
    ddlab.type_in(":");
    for typed in ["bat", "batons", "batons and", "batons and runners"] {
        ddlab.type_in(typed);
        ddlab.wait_for(typed);
        ddlab.type_in(&"\u{7f}".repeat(typed.len()));
    }
    ddlab.type_in("batons and");
    ddlab.wait_for("batons and runners");
    ddlab.type_in("\u{3}");
    ddlab.wait_for_end().assert_clean();
}

#[test]
fn a_page_of_three_hundred_figures_runs_each_once() {
    let page = fs::read_to_string("tests/fixtures/pack/07-relay/chapter.md").unwrap();
    let figure = "\n```lab scatter-gather/hedged\nOne leaf is slow.\n```\n";
    let pack = pack(&[("07-relay/chapter.md", &(page + &figure.repeat(300)))]);
    let folder = pack.path().to_str().unwrap();
    let output = limited(&["read", "relay", "--plain", "--content", folder]);
    assert!(output.status.success(), "{}", said(&output));
    let shown = said(&output).matches("Measured over").count();
    assert_eq!(shown, 300);
}

#[test]
fn a_link_that_leads_out_of_a_pack_is_refused() {
    let pack = pack(&[]);
    std::os::unix::fs::symlink("/etc/passwd", pack.path().join("07-relay/quiz.yaml")).unwrap();
    let output = limited(&["content", "check", pack.path().to_str().unwrap()]);
    assert!(
        said(&output).contains("leads out of the pack"),
        "{}",
        said(&output)
    );
}

#[test]
fn what_is_no_regular_file_is_refused_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for file in [
        pipe.to_str().unwrap(),
        "/dev/zero",
        folder.path().to_str().unwrap(),
    ] {
        for command in [
            ["lab", "replay"],
            ["lab", "merge"],
            ["record", "import"],
            ["content", "answers"],
        ] {
            // The rows of a sweep may come out of a pipe: that of a program which unpacks them.
            if command == ["lab", "merge"] && pipe.to_str() == Some(file) {
                continue;
            }
            let output = limited(&[command[0], command[1], file]);
            assert_eq!(
                output.status.code(),
                Some(2),
                "{command:?} {file}: {}",
                said(&output)
            );
        }
    }
}

#[test]
fn a_full_disk_and_a_reader_that_is_gone_are_no_panic() {
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let home = Home::new();
    for arguments in [
        &["read", "7", "--plain"][..],
        &["find", "deadline"],
        &["content", "check"],
        &["exercise", "list"],
        &["completions", "bash"],
        &["lab", "run", "scatter-gather", "--for", "2s"],
        &["picture", "home"],
        &["--help"],
        &["--version"],
        &["lab", "play", "election"],
    ] {
        let status = Command::new(env!("CARGO_BIN_EXE_ddlab"))
            .args(arguments)
            .env("HOME", home.path())
            .env("DDLAB_DATA", home.data())
            .stdout(full())
            .stderr(full())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn an_empty_data_folder_is_none_and_a_zone_that_is_a_device_is_not_read() {
    let home = Program::new();
    let mut command = home.command("review due");
    command.env("DDLAB_DATA", "").env("TZ", "/dev/zero");
    command.env("XDG_DATA_HOME", home.path("share"));
    Ran::of(&mut command, "").ended(0);
}
