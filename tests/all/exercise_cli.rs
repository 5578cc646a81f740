//! `ddlab exercise` from the outside: the real binary in a pipe, as a script would use it.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A home of its own for each test, so that no record is shared.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ddlab"));
        command
            .arg("exercise")
            .args(arguments)
            .current_dir(self.0.path())
            .env("DDLAB_DATA", self.path("data"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// A started exercise whose program is this shell command.
    fn started(&self, run: &str) -> PathBuf {
        let dir = self.path("work");
        assert_eq!(code(&self.run(&["start", SLUG, "work"])), 0);
        let config = format!("exercise: {SLUG}\nlanguage: rust\nbuild: \"\"\nrun: {run:?}\n");
        fs::write(dir.join("ddlab.yaml"), config).expect("a file");
        dir
    }
}

const SLUG: &str = "scatter-gather-top10";

fn code(output: &Output) -> i32 {
    output.status.code().expect("it exits by itself")
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).expect("it speaks UTF-8")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", said(output)))
}

#[test]
fn the_list_names_the_exercises_without_colour() {
    let home = Home::new();
    let output = home.run(&["list"]);
    assert_eq!(code(&output), 0);
    assert!(said(&output).contains(SLUG));
    assert!(!said(&output).contains('\u{1b}'));
}

#[test]
fn start_lays_a_folder_out_once_and_refuses_the_second_time() {
    let home = Home::new();
    let output = home.run(&["start", SLUG, "--lang", "python"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(home.path(SLUG).join("statement.md").is_file());
    assert!(home.path(SLUG).join("main.py").is_file());
    let again = home.run(&["start", SLUG, "--lang", "python"]);
    assert_eq!(code(&again), 2);
    assert!(said(&again).contains("not empty"), "{}", said(&again));
}

#[test]
fn wrong_names_are_usage_errors_that_name_the_right_ones() {
    let home = Home::new();
    home.started("true");
    for (arguments, right) in [
        (&["start", "scatter-gather-top9"][..], SLUG),
        (
            &["start", SLUG, "other", "--lang", "java"][..],
            "rust, python",
        ),
        (&["grade", "work", "--check", "paralel"][..], "parallel"),
        (&["grade", "elsewhere"][..], "elsewhere"),
        (&["hint", "."][..], "ddlab exercise start"),
    ] {
        let output = home.run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", said(&output));
        assert!(
            said(&output).contains(right),
            "{arguments:?}: {}",
            said(&output)
        );
    }
}

#[test]
fn a_program_that_dies_at_once_fails_with_its_status_words_and_the_way_to_replay() {
    let home = Home::new();
    home.started("printf '\\033[31mno index' >&2; exit 7");
    let output = home.run(&["grade", "work", "--seed", "5"]);
    assert_eq!(code(&output), 1, "{}", said(&output));
    let text = said(&output);
    for part in [
        "exited with status 7",
        "␛[31mno index",
        "exited-before-listening",
        "ddlab exercise grade --check starts-and-stops --seed 5",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
    // From inside the folder, and as JSON: the same.
    let inside = home.path("work/src").display().to_string();
    let report = json(&home.run(&["grade", &inside, "--seed", "5", "--json"]));
    assert_eq!(report["verdict"], "fail");
    assert_eq!(report["checks"][0]["diagnosis"], "exited-before-listening");
    assert_eq!(report["checks"][1]["outcome"], "not_reached");
}

#[test]
fn hints_go_on_and_the_solution_waits_for_a_pass_or_for_giving_up() {
    let home = Home::new();
    home.started("true");
    let first = said(&home.run(&["hint", "work"]));
    let second = said(&home.run(&["hint", "work"]));
    assert!(
        first.starts_with("hint 1 of ") && second.starts_with("hint 2 of "),
        "{second}"
    );
    let refused = home.run(&["solution", "work"]);
    assert_eq!(code(&refused), 2);
    assert!(said(&refused).contains("--give-up"));
    let shown = home.run(&["solution", "work", "--give-up"]);
    assert_eq!(code(&shown), 0);
    assert!(said(&shown).contains("fn scatter("));
}

#[test]
fn reset_says_where_the_files_are_kept() {
    let home = Home::new();
    let dir = home.started("true");
    fs::write(dir.join("src/main.rs"), "my work").expect("a file");
    let output = home.run(&["reset", "work"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let text = said(&output);
    let kept = text
        .lines()
        .find_map(|line| line.strip_prefix("Your files are in "))
        .expect("it says where");
    let mine = fs::read_to_string(Path::new(kept).join("src/main.rs")).expect("it is there");
    assert_eq!(mine, "my work");
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_grade_leaves_nothing_behind() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let home = Home::new();
    home.started("setsid sleep 641 & sleep 641");
    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let mut grading = home
            .command(&["grade", "work"])
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary runs");
        while sleepers() < 2 {
            std::thread::yield_now();
        }
        let pid = i32::try_from(grading.id()).expect("a process number");
        kill(Pid::from_raw(pid), signal).expect("it lives");
        let ended = grading.wait().expect("it ends");
        assert_eq!(ended.code(), Some(status));
        // Killed is not yet gone: the kernel takes a moment.
        while sleepers() > 0 {
            std::thread::yield_now();
        }
    }
}

/// Living processes that are the `sleep 641` of the test above.
fn sleepers() -> usize {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            fs::read(entry.path().join("cmdline")).is_ok_and(|line| line == b"sleep\x00641\x00")
        })
        .count()
}

#[test]
fn an_edit_under_watch_grades_again() {
    use std::io::{BufRead, BufReader};
    let home = Home::new();
    let dir = home.started("exit 3");
    let mut watching = home
        .command(&["grade", "work", "--watch"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let lines = BufReader::new(watching.stdout.take().expect("it is piped")).lines();
    let mut summaries = 0;
    let mut edited = false;
    for line in lines.map_while(Result::ok) {
        summaries += usize::from(line.starts_with("fail · "));
        if line.starts_with("watching") && !edited {
            fs::write(dir.join("src/main.rs"), "// another try").expect("a file");
            edited = true;
        }
        if summaries == 2 {
            break;
        }
    }
    watching.kill().expect("it still watches");
    watching.wait().expect("it ends");
    assert_eq!(summaries, 2);
}

#[test]
fn the_full_way_from_start_to_pass_and_solution() {
    let home = Home::new();
    home.run(&["start", SLUG, "work", "--lang", "rust"]);
    let solution = home.run(&["solution", "work", "--give-up"]);
    let text = said(&solution);
    let main = text.split_once("<==\n").expect("a header, then the file").1;
    fs::write(home.path("work/src/main.rs"), main).expect("a file");
    let output = home.run(&["grade", "work", "--json"]);
    let report = json(&output);
    assert_eq!(code(&output), 0, "{report:#}");
    assert_eq!(
        (&report["verdict"], &report["complete"]),
        (&Value::from("pass"), &Value::from(true))
    );
    // Solved: from now on the solution is the learner's to see.
    assert_eq!(code(&home.run(&["solution", "work"])), 0);
}
