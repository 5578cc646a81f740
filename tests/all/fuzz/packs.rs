//! Packs: a page, a quiz, interview questions, a glossary.

use super::{changed, hold};
use ddlab::cli::content::checked;
use ddlab::content::Library;
use std::fs;
use std::path::Path;

const MARKDOWN: &[&str] = &[
    "```lab scatter-gather/belt\n",
    "```diagram\nalt: x\n",
    "| a | b |\n|---|---|\n",
    "[^x]: > - # ```\n",
    "<!-- a --> b <!-- c",
    "<b><table><script>",
    "[](../../etc/passwd)",
    "![x](x)",
    "---\n",
    "\u{202e}\u{2028}\u{feff}",
    "# # #\n",
    "> > > > > > > > > > > >\n",
    "- - - - - - - - - - -\n",
    "\t\t\t",
];
const YAML: &[&str] = &[
    "- x\n",
    "- &a [*a]\n",
    "&a [",
    "*a",
    "!!binary x",
    "{{{{{{{{",
    "? : ? :",
    "%YAML 9\n",
    "---\n",
    "\t",
    "1e999",
    "- id: relay-q01\n",
    "|+\n",
];

fn pack(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pack/07-relay");
    fs::read_to_string(folder.join(file)).unwrap()
}

/// Loads and checks the pack of the fixtures with this file in it.
fn load(file: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let chapter = folder.path().join("07-relay");
    fs::create_dir(&chapter).unwrap();
    for name in ["chapter.md", "quiz.yaml", "interview.yaml"] {
        fs::write(chapter.join(name), pack(name)).unwrap();
    }
    fs::write(chapter.join(file), bytes).unwrap();
    let library = Library::folder(folder.path());
    let problems = checked(&library, None);
    for problem in problems.iter().chain(library.problems()) {
        let message = problem.to_string();
        let raw = |c: char| c.is_control() && c != '\n';
        assert!(!message.contains(raw), "{message:?}");
    }
}

#[test]
fn a_page_is_shown_or_its_faults_are_reported() {
    hold(changed(pack("chapter.md"), MARKDOWN), |bytes| {
        load("chapter.md", &bytes);
    });
}

#[test]
fn a_quiz_is_read_or_its_faults_are_reported() {
    hold(changed(pack("quiz.yaml"), YAML), |bytes| {
        load("quiz.yaml", &bytes);
    });
}

#[test]
fn interview_questions_are_read_or_their_faults_are_reported() {
    hold(changed(pack("interview.yaml"), YAML), |bytes| {
        load("interview.yaml", &bytes);
    });
}
