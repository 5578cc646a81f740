//! The folder from which a new exercise is made is an exercise that holds.

// What the template's code finds at the root of its crate.
use ddlab_exercises::trust::{self, Subject};
use ddlab_exercises::{exercise, harness};
use std::path::Path;

#[path = "../template/mod.rs"]
mod template;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_template_of_an_exercise_is_one_that_holds() {
    assert!(template::EXERCISE.manifest().stub, "and says what it is");
    let mut subjects = trust::subjects(&template::EXERCISE).unwrap_or_else(|e| panic!("{e}"));
    subjects.retain(Subject::can_run);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("template");
    let trials = trust::lay_out(subjects, &dir).unwrap_or_else(|e| panic!("{e}"));
    for trial in trials {
        trial.verify(1).await.unwrap_or_else(|e| panic!("{e}"));
    }
}

/// A new exercise is the template with another name, so the word must mean nothing else in it.
#[test]
fn the_template_says_its_own_name_where_a_new_one_stands() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("template");
    let text = |file: &str| std::fs::read_to_string(folder.join(file)).expect("it is there");
    assert_eq!(text("mod.rs").matches("template").count(), 2);
    assert_eq!(text("exercise.yaml").matches("template").count(), 1);
    for file in ["checks.rs", "statement.md"] {
        assert_eq!(text(file).matches("template").count(), 0, "{file}");
    }
}
