//! The learner's folder: nothing in it is ever lost, and it is found again from anywhere inside.

use ddlab_exercises::find;
use ddlab_exercises::harness::grade::{self, GradeRequest};
use ddlab_exercises::harness::language::Language;
use ddlab_exercises::harness::observe::{Event, Observer};
use ddlab_exercises::workspace::{Workspace, WorkspaceError};
use std::fs;
use std::path::Path;

fn started(language: &str) -> (tempfile::TempDir, Workspace) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let exercise = find("scatter-gather-top10").expect("the exercise is known");
    let workspace = Workspace::start(exercise, language, dir.path()).expect("it starts");
    (dir, workspace)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn a_started_folder_holds_statement_starter_and_commands() {
    for (language, main) in [("rust", "src/main.rs"), ("python", "main.py")] {
        let (dir, workspace) = started(language);
        assert!(read(&dir.path().join("statement.md")).contains("DEADLINE_MS"));
        assert!(read(&dir.path().join(main)).contains("TODO"));
        let about = Language::find(language).expect("it has a starter");
        assert_eq!(workspace.config.build, about.build);
        assert_eq!(workspace.config.run, about.run);
    }
}

#[test]
fn a_folder_that_is_not_empty_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    fs::write(dir.path().join("thesis.md"), "years of work").expect("a file");
    let exercise = find("scatter-gather-top10").expect("the exercise is known");
    let refused = Workspace::start(exercise, "rust", dir.path()).expect_err("it must refuse");
    assert!(
        matches!(refused, WorkspaceError::NotEmpty { .. }),
        "{refused}"
    );
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
}

#[test]
fn a_folder_is_found_again_from_inside_and_not_from_elsewhere() {
    let (dir, _) = started("rust");
    let inside = Workspace::open(&dir.path().join("src")).expect("it is found");
    assert_eq!(inside.dir, dir.path().canonicalize().expect("it exists"));
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let lost = Workspace::open(elsewhere.path()).expect_err("there is none");
    assert!(lost.to_string().contains("ddlab exercise start"), "{lost}");
}

#[test]
fn broken_settings_are_shown_with_their_line() {
    let (dir, _) = started("rust");
    let file = dir.path().join("ddlab.yaml");
    fs::write(
        &file,
        "exercise: scatter-gather-top10\nlanguage: rust\nrun: [\n",
    )
    .expect("a file");
    let error = Workspace::open(dir.path())
        .expect_err("it cannot be read")
        .to_string();
    assert!(
        error.contains("ddlab.yaml:") && error.lines().count() == 1,
        "{error}"
    );
    fs::write(
        &file,
        "exercise: scater-gather-top10\nlanguage: rust\nrun: x\n",
    )
    .expect("a file");
    let error = Workspace::open(dir.path())
        .expect_err("there is no such one")
        .to_string();
    assert!(
        error.contains("did you mean `scatter-gather-top10`?"),
        "{error}"
    );
}

#[test]
fn hints_come_one_more_each_time_and_the_count_outlives_the_program() {
    let (dir, mut workspace) = started("rust");
    let of = workspace.exercise.manifest().hints.len();
    for nr in 1..=of {
        let hint = workspace.hint().expect("it is kept").expect("there is one");
        assert_eq!((hint.nr, hint.of, hint.last), (nr, of, false));
        workspace = Workspace::open(dir.path()).expect("it opens");
    }
    let again = workspace.hint().expect("it is kept").expect("there is one");
    assert!(again.last && again.nr == of);
}

#[test]
fn a_program_is_compared_with_the_solution_file_by_file() {
    let (dir, workspace) = started("python");
    assert!(matches!(
        workspace.diff(false),
        Err(WorkspaceError::NotSolved)
    ));
    let diff = workspace.diff(true).expect("it is compared");
    assert!(
        diff.starts_with("--- yours/main.py\n+++ solution/main.py\n@@ "),
        "{diff}"
    );
    let solution = workspace.solution(true).expect("it is shown");
    for (path, text) in &solution {
        fs::write(dir.path().join(path), text).expect("a file");
    }
    assert_eq!(workspace.diff(true).expect("it is compared"), "");
    for (path, _) in &solution {
        fs::remove_file(dir.path().join(path)).expect("it was there");
    }
    let refused = workspace.diff(true).expect_err("there is nothing");
    assert!(refused.to_string().contains("main.py"), "{refused}");
}

#[test]
fn the_file_to_edit_is_the_one_that_the_commands_name() {
    for (language, main) in [("rust", "src/main.rs"), ("python", "main.py")] {
        let (_dir, workspace) = started(language);
        assert!(workspace.main_source().ends_with(main));
    }
    let (dir, mut workspace) = started("python");
    fs::write(dir.path().join("server.go"), "package main").expect("a file");
    workspace.config.run = "go run ./server.go".to_owned();
    assert!(workspace.main_source().ends_with("server.go"));
    fs::remove_file(dir.path().join("main.py")).expect("it was there");
    workspace.config.run = "./server".to_owned();
    assert!(workspace.main_source().ends_with("ddlab.yaml"));
}

#[test]
fn the_solution_is_given_when_it_may_be_seen_whatever_the_folder_says() {
    let (dir, _) = started("python");
    fs::write(dir.path().join(".ddlab/state.json"), r#"{"solved": true}"#).expect("a file");
    let workspace = Workspace::open(dir.path()).expect("it opens");
    assert!(matches!(
        workspace.solution(false),
        Err(WorkspaceError::NotSolved)
    ));
    let files = workspace.solution(true).expect("it is shown");
    assert!(
        files
            .iter()
            .any(|(path, text)| path.ends_with("main.py") && text.contains("scatter"))
    );
}

#[cfg(unix)]
#[test]
fn state_is_not_written_through_a_link_nor_read_from_a_pipe() {
    let (dir, mut workspace) = started("python");
    let (outside, state) = (
        dir.path().join("notes.txt"),
        dir.path().join(".ddlab/state.json"),
    );
    fs::write(&outside, "{}").expect("a file");
    fs::remove_file(&state).expect("it is there");
    std::os::unix::fs::symlink(&outside, &state).expect("a link");
    workspace.hint().expect("it is kept");
    assert_eq!(read(&outside), "{}");
    fs::remove_file(&state).expect("it is there");
    let made = std::process::Command::new("mkfifo").arg(&state).status();
    assert!(made.expect("mkfifo").success());
    let refused = Workspace::open(dir.path()).expect_err("a pipe").to_string();
    assert!(refused.contains("not a regular file"), "{refused}");
}

#[test]
fn a_longer_start_is_the_learners_to_ask_for() {
    let (dir, _) = started("python");
    let file = dir.path().join("ddlab.yaml");
    let config = read(&file);
    fs::write(&file, format!("{config}start_s: 30\n")).expect("a file");
    let workspace = Workspace::open(dir.path()).expect("it opens");
    assert_eq!(workspace.config.start_s, Some(30));
    fs::write(&file, format!("{config}start_s: 600\n")).expect("a file");
    let refused = Workspace::open(dir.path())
        .expect_err("too long")
        .to_string();
    assert!(refused.contains("from 1 to 60"), "{refused}");
}

#[test]
fn a_reset_lays_the_starter_out_and_keeps_every_file() {
    let (dir, mut workspace) = started("rust");
    let main = dir.path().join("src/main.rs");
    let starter = read(&main);
    workspace.hint().expect("it is kept");
    for work in ["first try", "second try"] {
        fs::write(&main, work).expect("a file");
        fs::write(dir.path().join("notes.txt"), work).expect("a file");
        let kept = workspace.reset().expect("it resets");
        assert_eq!(read(&main), starter);
        assert!(!dir.path().join("notes.txt").exists());
        assert_eq!(read(&kept.join("src/main.rs")), work);
        assert_eq!(read(&kept.join("notes.txt")), work);
    }
    assert_eq!(workspace.state.hints_shown, 1, "a reset forgets no hint");
}

#[test]
fn names_that_are_nearly_right_are_answered_with_the_right_ones() {
    let unknown = find("scatter-gater")
        .expect_err("there is none")
        .to_string();
    assert!(unknown.contains("scatter-gather-top10"), "{unknown}");
    let exercise = find("scatter-gather-top10").expect("the exercise is known");
    let unknown = grade::find_check(exercise, "shard-hang")
        .expect_err("there is none")
        .to_string();
    assert!(unknown.contains("did you mean `shard-hangs`?"), "{unknown}");
    let dir = tempfile::tempdir().expect("a temporary folder");
    let error = Workspace::start(exercise, "cobol", dir.path()).expect_err("no starter");
    assert!(error.to_string().contains("rust, python"), "{error}");
}

#[tokio::test]
async fn a_program_that_does_not_build_is_shown_with_the_words_of_the_compiler() {
    let (dir, _) = started("rust");
    let exercise = find("scatter-gather-top10").expect("the exercise is known");
    let request = GradeRequest {
        exercise,
        dir: dir.path().to_owned(),
        build: "echo 'error[E0425]: cannot find value' >&2; exit 101".to_owned(),
        run: "true".to_owned(),
        start_s: None,
        seed: 1,
        only: None,
    };
    let (observer, mut events) = Observer::channel();
    let report = grade::grade(&request, &observer).await;
    assert_eq!(report.diagnoses(), ["build-failed"]);
    let details = report.checks[0].details().join("\n");
    assert!(
        details.contains("E0425") && details.contains("status 101"),
        "{details}"
    );
    assert!(
        report.checks[1..]
            .iter()
            .all(|check| check.details()[0].contains("does not start")
                || check.details()[0].contains("not built"))
    );
    let mut names = Vec::new();
    while let Ok(event) = events.try_recv() {
        names.push(match event {
            Event::Planned { checks, .. } => format!("planned {}", checks.len()),
            Event::Building { .. } => "building".to_owned(),
            Event::Built { .. } => "built".to_owned(),
            Event::Finished(_) => "finished".to_owned(),
            Event::CheckStarted { .. } | Event::CheckEnded(_) | Event::Output { .. } => {
                continue;
            }
        });
    }
    assert_eq!(names, ["planned 15", "building", "built", "finished"]);
}
