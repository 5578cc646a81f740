//! A stranger's chapters: the pack of `tests/fixtures` is added to the book, takes the place of a chapter,
//! and fails by halves; and what CONTRIBUTING.md says about writing one is true.

use ddlab::cli::content::checked;
use ddlab::content::Library;
use ddlab::content::model::{
    Dimension, FrontMatter, InterviewKind, InterviewQuestion, Level, QuizKind, QuizQuestion,
    RubricPoint, SampleKind,
};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture() -> PathBuf {
    root().join("tests/fixtures/pack")
}

/// The pack of the fixtures with one file changed.
fn changed(file: &str, from: &str, to: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let chapter = folder.path().join("07-relay");
    fs::create_dir(&chapter).unwrap();
    for name in ["chapter.md", "quiz.yaml", "interview.yaml"] {
        let mut text = fs::read_to_string(fixture().join("07-relay").join(name)).unwrap();
        if name == file {
            assert!(text.contains(from), "{file} does not hold {from:?}");
            text = text.replacen(from, to, 1);
        }
        fs::write(chapter.join(name), text).unwrap();
    }
    folder
}

fn with(folder: &Path) -> Library {
    Library::load(&[folder.to_owned()])
}

#[test]
fn a_pack_is_added_to_the_book() {
    let library = with(&fixture());
    assert!(library.problems().is_empty(), "{:?}", library.problems());
    assert_eq!(library.chapters().len(), 14);
    let (chapter, _) = library.quiz_question("relay-q01").unwrap();
    assert_eq!(chapter.meta.title, "Relay");
    assert!(library.interview_question("relay-i01").is_ok());
}

#[test]
fn a_folder_may_hold_packs_and_chapters_beside_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |to: PathBuf, id: &str| {
        fs::create_dir_all(&to).unwrap();
        for name in ["chapter.md", "quiz.yaml", "interview.yaml"] {
            let text = fs::read_to_string(fixture().join("07-relay").join(name)).unwrap();
            let text = text.replace("id: relay", &format!("id: {id}"));
            fs::write(to.join(name), text).unwrap();
        }
    };
    copy(folder.path().join("mine/07-relay"), "relay");
    copy(folder.path().join("07-race"), "race");
    let terms = "- {term: baton, chapter: relay, means: What is handed over.}\n";
    fs::write(folder.path().join("mine/glossary.yaml"), terms).unwrap();
    let library = with(folder.path());
    assert!(library.problems().is_empty(), "{:?}", library.problems());
    assert!(library.chapter("relay").is_ok() && library.chapter("race").is_ok());
    assert!(library.glossary().find("baton").is_some());
}

#[test]
fn a_chapter_of_a_pack_takes_the_place_of_the_books() {
    let pack = changed("chapter.md", "id: relay", "id: scatter-gather");
    let library = with(pack.path());
    assert_eq!(library.chapters().len(), 13);
    assert_eq!(library.chapter("7").unwrap().meta.title, "Relay");
    assert!(library.quiz_question("ch07-fan-out-hundred").is_err());
}

#[test]
fn a_broken_question_costs_that_question_and_is_named() {
    let pack = changed("quiz.yaml", "prompt: What is handed over?", "promt: Oops");
    let library = with(pack.path());
    let chapter = library.chapter("relay").unwrap();
    assert_eq!(chapter.quiz.len(), 9);
    assert_eq!(chapter.interview.len(), 1);
    let [problem] = library.problems() else {
        panic!("{:?}", library.problems())
    };
    assert!(problem.path.ends_with("07-relay/quiz.yaml"), "{problem}");
    assert!(
        problem.position.is_some() && problem.message.contains("promt"),
        "{problem}"
    );
}

#[test]
fn broken_front_matter_costs_the_chapter_and_not_the_book() {
    let pack = changed("chapter.md", "number: 7", "number: seven");
    let library = with(pack.path());
    assert_eq!(library.chapters().len(), 13);
    assert_eq!(library.problems().len(), 1);
}

#[test]
fn what_a_pack_refers_to_and_is_not_there_is_reported_with_its_place() {
    let said: Vec<String> = checked(&with(&fixture()), Some(&fixture()))
        .iter()
        .filter(|problem| problem.is_error())
        .map(ToString::to_string)
        .collect();
    // Its lab and its exercise are made up.
    assert!(
        said.iter()
            .any(|line| line.contains("there is no lab `relay`")),
        "{said:#?}"
    );
    assert!(said.iter().all(|line| line.contains("cure:")), "{said:#?}");
}

// ── What CONTRIBUTING.md says ──

fn contributing() -> String {
    fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap()
}

/// The first fence of this language after a heading.
fn printed(heading: &str, language: &str) -> String {
    let text = contributing();
    let after = text
        .split(&format!("\n## {heading}\n"))
        .nth(1)
        .expect(heading);
    let fence = after
        .split(&format!("```{language}\n"))
        .nth(1)
        .expect("a fence");
    fence.split("```").next().unwrap().to_owned()
}

#[test]
fn the_printed_examples_make_a_chapter_that_loads_and_checks() {
    let folder = tempfile::tempdir().unwrap();
    let chapter = folder.path().join("07-relay");
    fs::create_dir(&chapter).unwrap();
    fs::write(chapter.join("chapter.md"), printed("A chapter", "markdown")).unwrap();
    fs::write(
        chapter.join("quiz.yaml"),
        printed("A quiz question", "yaml"),
    )
    .unwrap();
    let library = with(folder.path());
    assert_eq!(library.chapter("relay").unwrap().quiz.len(), 5);
    let problems = checked(&library, Some(folder.path()));
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn the_printed_interview_question_can_be_read() {
    let questions: Vec<InterviewQuestion> =
        serde_yaml::from_str(&printed("An interview question", "yaml")).unwrap();
    assert_eq!(questions.len(), 1);
    assert_eq!(questions[0].rubric.len(), 1);
}

/// The names in backquotes of the given column of the table with this head.
fn table(head: &str, column: usize) -> BTreeSet<String> {
    let text = contributing();
    let rows = text.split(&format!("| {head} |")).nth(1).expect(head);
    let rows = rows
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.trim_matches('|').split(" | ").nth(column).unwrap_or(""));
    cells.flat_map(names_in).collect()
}

fn names_in(cell: &str) -> Vec<String> {
    let names = cell.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

/// The names in backquotes of the row of a table that tells of this field.
fn choices(head: &str, field: &str) -> BTreeSet<String> {
    let text = contributing();
    let rows = text.split(&format!("| {head} |")).nth(1).expect(head);
    let start = format!("| `{field}` |");
    let row = rows
        .lines()
        .find(|line| line.starts_with(&start))
        .expect(field);
    names_in(&row[start.len()..]).into_iter().collect()
}

/// What the reader itself says that it knows, when it is given a name that it does not.
fn known<T: DeserializeOwned>(strange: &str) -> BTreeSet<String> {
    let Err(error) = serde_json::from_str::<T>(strange) else {
        panic!("{strange} was taken")
    };
    let said = error.to_string();
    let list = said.split("expected one of ").nth(1).expect(&said);
    names_in(list).into_iter().collect()
}

const STRANGE_FIELD: &str = r#"{"no-such": 1}"#;
const STRANGE_NAME: &str = r#""no-such""#;

#[test]
fn the_tables_name_every_field_and_no_other() {
    let cases = [
        ("front matter", known::<FrontMatter>(STRANGE_FIELD)),
        ("quiz question", known::<QuizQuestion>(STRANGE_FIELD)),
        (
            "interview question",
            known::<InterviewQuestion>(STRANGE_FIELD),
        ),
        ("rubric point", known::<RubricPoint>(STRANGE_FIELD)),
    ];
    for (head, fields) in cases {
        assert_eq!(table(head, 0), fields, "{head}");
    }
}

#[test]
fn the_tables_name_every_choice_and_no_other() {
    let question = "interview question";
    assert_eq!(
        choices("quiz question", "kind"),
        known::<QuizKind>(STRANGE_NAME)
    );
    assert_eq!(
        choices(question, "kind"),
        known::<InterviewKind>(STRANGE_NAME)
    );
    assert_eq!(choices(question, "level"), known::<Level>(STRANGE_NAME));
    assert_eq!(
        choices(question, "samples"),
        known::<SampleKind>(STRANGE_NAME)
    );
    assert_eq!(
        choices("rubric point", "dim"),
        known::<Dimension>(STRANGE_NAME)
    );
}
