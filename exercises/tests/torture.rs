//! Other people's programs at their worst: each is told apart from the others, and none of them
//! leaves anything behind.

mod common;

use common::{graded, torture};
use ddlab_exercises::harness::report::Report;
use ddlab_exercises::harness::verdict::{Failure, Verdict};
use std::fmt::Write as _;
use std::time::Duration;

async fn habit(name: &str) -> Report {
    graded(&format!("{} {name}", torture().display()), Some("serves")).await
}

#[track_caller]
fn failure(report: &Report) -> &Failure {
    let found = report
        .checks
        .iter()
        .find_map(|check| check.outcome.failure());
    found.unwrap_or_else(|| panic!("nothing failed: {report:?}"))
}

#[track_caller]
fn diagnosis(report: &Report) -> &'static str {
    failure(report).diagnosis.0
}

/// The command lines of all living processes that hold this text.
fn alive_with(text: &str) -> String {
    let mut found = String::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        // The tests' own threads and shells that look for it do not count.
        if line.contains(text) && entry.file_name() != std::process::id().to_string().as_str() {
            let _ = writeln!(found, "{line}");
        }
    }
    found
}

/// Killed is not yet gone: on a busy machine the kernel takes its time.
async fn assert_gone(text: &str) {
    let gone = async {
        while !alive_with(text).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), gone).await;
    assert!(waited.is_ok(), "still alive: {}", alive_with(text));
}

#[tokio::test]
async fn an_honest_program_passes() {
    assert_eq!(habit("honest").await.verdict, Verdict::Pass);
}

#[tokio::test]
async fn a_program_that_listens_late_but_in_time_passes() {
    assert_eq!(habit("listens-late").await.verdict, Verdict::Pass);
}

#[tokio::test]
async fn alive_but_not_listening_is_neither_refused_nor_exited() {
    let report = graded("sleep 601", Some("serves")).await;
    assert_eq!(diagnosis(&report), "not-listening");
    let headline = &failure(&report).headline;
    assert_eq!(
        headline,
        "The program is alive but not listening on $PORT after 4 s."
    );
    assert_gone("sleep 601").await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_program_that_listens_on_another_port_hears_so() {
    let report = habit("elsewhere").await;
    assert_eq!(diagnosis(&report), "not-listening");
    assert!(
        failure(&report).got.contains("does it read $PORT?"),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_program_that_exits_at_once_gives_its_status_and_its_last_words() {
    let report = graded("echo no such index >&2; exit 3", Some("serves")).await;
    assert_eq!(diagnosis(&report), "exited-before-listening");
    let failure = failure(&report);
    assert!(
        failure.headline.contains("exited with status 3"),
        "{failure:?}"
    );
    assert_eq!(failure.program, ["no such index"]);
}

#[tokio::test]
async fn a_program_that_is_listening_but_ill_is_not_healthy() {
    let report = habit("ill").await;
    assert_eq!(diagnosis(&report), "not-healthy");
    assert!(failure(&report).got.contains("500"), "{report:?}");
}

#[tokio::test]
async fn a_program_that_forks_and_exits_has_exited_and_leaves_nothing() {
    let report = graded("sleep 602 & exit 0", Some("serves")).await;
    assert_eq!(diagnosis(&report), "exited-before-listening");
    assert_gone("sleep 602").await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_daemon_that_left_group_and_parent_is_found_and_reported() {
    let report = habit("daemon").await;
    assert_eq!(diagnosis(&report), "leaves-processes");
    assert_gone("sleep 613").await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_daemon_that_wiped_its_environment_is_found_once_it_was_seen() {
    // It is a child for half a second, long enough to be seen, then an orphan without the marker.
    let wiped = "setsid env -i /bin/sh -c 'sleep 0.6; exec sleep 614' & sleep 1; exit 0";
    let report = graded(wiped, Some("serves")).await;
    assert_eq!(diagnosis(&report), "exited-before-listening");
    assert_gone("sleep 614").await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_daemon_that_left_everything_at_once_is_found_and_reported() {
    // Its parents are gone and its environment is empty before anybody could look.
    let run = format!(
        "env -i /usr/bin/setsid /bin/sh -c '/bin/sleep 615 & exit 0'; exec {} honest",
        torture().display()
    );
    let report = graded(&run, Some("serves")).await;
    assert_eq!(diagnosis(&report), "leaves-processes");
    assert_gone("sleep 615").await;
}

#[tokio::test]
#[ignore = "it is killed by the test below"]
async fn a_grader_that_is_killed() {
    graded("sleep 616", Some("serves")).await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_grader_that_is_killed_leaves_no_program() {
    let tests = std::env::current_exe().expect("the tests are a program");
    let mut grader = std::process::Command::new(tests)
        .args(["--exact", "a_grader_that_is_killed", "--ignored"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("it starts again");
    while alive_with("sleep 616").is_empty() {
        tokio::task::yield_now().await;
    }
    grader.kill().expect("it can be killed");
    grader.wait().expect("it is dead");
    assert_gone("sleep 616").await;
}

#[tokio::test]
async fn a_program_that_ignores_sigterm_is_killed_and_reported() {
    // The shell ignores the signal, and so does what it starts.
    let report = graded(
        &format!("trap '' TERM; {} stubborn", torture().display()),
        Some("serves"),
    )
    .await;
    assert_eq!(diagnosis(&report), "ignores-sigterm");
    assert_gone("stubborn").await;
}

#[tokio::test]
async fn a_gigabyte_of_output_blocks_nobody_and_is_kept_head_and_tail() {
    let run = "echo first; yes | head -c 1000000000; echo last; exit 1";
    let report = graded(run, Some("serves")).await;
    let failure = failure(&report);
    // On a slow machine the flood may not be over when the limit for listening is.
    if failure.diagnosis.0 == "exited-before-listening" {
        assert_eq!(failure.program.last().map(String::as_str), Some("last"));
    } else {
        assert_eq!(failure.diagnosis.0, "not-listening");
    }
    assert_eq!(failure.program.first().map(String::as_str), Some("first"));
}

#[tokio::test]
async fn ways_of_not_answering_are_distinguished() {
    for (name, expected) in [
        ("dies-at-first-request", "exited-under-way"),
        ("closes-mid-body", "closed-without-answer"),
        ("not-http", "not-http"),
        ("slow-drip", "no-answer"),
    ] {
        let report = habit(name).await;
        assert_eq!(diagnosis(&report), expected, "{name}");
        if name == "dies-at-first-request" {
            let failure = failure(&report);
            assert!(
                failure.headline.contains("exited with status 42"),
                "{failure:?}"
            );
            assert!(
                failure.program.concat().contains("index out of bounds"),
                "{failure:?}"
            );
        }
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_program_over_its_memory_is_stopped_and_reported() {
    let report = habit("memory").await;
    assert_eq!(diagnosis(&report), "over-memory");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_program_that_becomes_too_many_is_stopped_and_reported() {
    let report = habit("processes").await;
    assert_eq!(diagnosis(&report), "over-processes");
    assert_gone("sleep 617").await;
}

#[tokio::test]
async fn a_grade_that_is_dropped_leaves_no_process() {
    let run = "sh -c 'sleep 603 & sleep 603'";
    let grading = tokio::spawn(async move { graded(run, Some("serves")).await });
    while alive_with("sleep 603").matches("sleep 603").count() < 2 {
        tokio::task::yield_now().await;
    }
    grading.abort();
    let _ = grading.await;
    assert_gone("sleep 603").await;
}
