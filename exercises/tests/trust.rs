//! The grader on programs whose verdict is known, on a few seeds. The full count is a command:
//! `cargo run -p ddlab-exercises --example trust -- --seeds 50`.

use ddlab_exercises::all;
use ddlab_exercises::harness::trust::{self, Expect, Subject};
use futures::StreamExt;
use std::collections::BTreeSet;

/// Solutions are tried on each of these, the others on the first.
const SEEDS: [u64; 2] = [1, 2];
/// Grades at a time: they mostly wait for deadlines.
const AT_ONCE: usize = 4;

fn subjects() -> Vec<Subject> {
    all()
        .iter()
        .flat_map(|exercise| trust::subjects(*exercise))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn solutions_pass_and_starters_and_wrong_programs_fail_for_their_own_mistake() {
    let (here, not_here): (Vec<_>, Vec<_>) = subjects().into_iter().partition(Subject::can_run);
    for subject in &not_here {
        println!(
            "left out, because {} is not installed: {}",
            subject.language.needs, subject.name
        );
    }
    assert!(
        here.iter().any(|subject| subject.language.id == "rust"),
        "cargo is where tests are"
    );
    let complaints: Vec<String> = futures::stream::iter(here)
        .map(|subject| async move {
            let seeds = if subject.expect == Expect::Pass {
                &SEEDS[..]
            } else {
                &SEEDS[..1]
            };
            let trial = subject.prepare().expect("its files can be laid out");
            let mut complaints = Vec::new();
            for seed in seeds {
                complaints.extend(trial.judge(&trial.grade(*seed).await).err());
            }
            complaints
        })
        .buffer_unordered(AT_ONCE)
        .flat_map(futures::stream::iter)
        .collect()
        .await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

#[test]
fn every_exercise_has_what_the_house_asks_for() {
    for exercise in all() {
        let about = exercise.manifest();
        let slug = &about.slug;
        let checks: Vec<&str> = exercise.checks().iter().map(|check| check.name).collect();
        let noted: Vec<&str> = about.checks.iter().map(|note| note.name.as_str()).collect();
        assert_eq!(
            checks, noted,
            "{slug}: the checks are those of the manifest, in order"
        );
        let subjects: Vec<Subject> = trust::subjects(*exercise);
        for language in ["rust", "python"] {
            for kind in ["starter", "solution"] {
                let path = format!("{kind}/{language}");
                assert!(
                    exercise.folder().get_dir(&path).is_some(),
                    "{slug} has no {path}"
                );
            }
        }
        let wrong_in_rust = subjects
            .iter()
            .filter(|s| s.name.starts_with("wrong/") && s.language.id == "rust");
        assert!(
            wrong_in_rust.count() >= 4,
            "{slug}: the trust test means little without Python"
        );
        for wrong in &about.wrong {
            let path = format!("wrong/{}", wrong.name);
            assert!(
                exercise.folder().get_dir(&path).is_some(),
                "{slug} has no {path}"
            );
            assert!(
                checks.contains(&wrong.check.as_str()),
                "{slug}: {} names no check",
                wrong.name
            );
        }
        let named: BTreeSet<&str> = about
            .wrong
            .iter()
            .map(|wrong| wrong.name.as_str())
            .collect();
        let laid: BTreeSet<&str> = exercise
            .folder()
            .get_dir("wrong")
            .map(|folder| {
                folder
                    .dirs()
                    .filter_map(|d| d.path().file_name()?.to_str())
                    .collect()
            })
            .unwrap_or_default();
        assert_eq!(
            named, laid,
            "{slug}: wrong programs in the manifest and in the folder"
        );
    }
}

#[test]
fn statements_fit_sixty_columns_and_hold_no_control_characters() {
    for exercise in all() {
        let statement = exercise
            .folder()
            .get_file("statement.md")
            .and_then(|f| f.contents_utf8());
        let statement = statement.expect("every exercise has a statement");
        for line in statement.lines() {
            assert!(line.chars().count() <= 62, "{line}");
            assert!(!line.chars().any(char::is_control), "{line}");
        }
    }
}
