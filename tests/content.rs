//! The embedded content holds to its rules; what `ddlab content check` says, cargo says too.

use ddlab::cli::content::checked;
use ddlab::content::{Library, Problem, Severity};

fn listed(problems: &[&Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn the_embedded_content_has_no_error_and_no_warning() {
    let problems = checked(&Library::embedded());
    let faults: Vec<&Problem> = problems
        .iter()
        .filter(|problem| problem.severity != Severity::Notice)
        .collect();
    assert!(faults.is_empty(), "\n{}", listed(&faults));
}

#[test]
fn the_book_has_thirteen_chapters_in_order() {
    let library = Library::embedded();
    let numbers: Vec<u8> = library.chapters().map(|c| c.meta.number).collect();
    assert_eq!(numbers, (1..=13).collect::<Vec<_>>());
    assert!(library.problems().is_empty(), "{:?}", library.problems());
}
