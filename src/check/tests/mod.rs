//! One fault at a time: a pack that breaks no rule, one change to it, and what is said of that.
//!
//! Here is the change and the search for what was said; the faults stand by the file that they are in.

mod appendix;
mod chapter;
mod damage;
mod glossary;
mod questions;

use super::*;
use crate::content::Severity;
use std::fs;

const FILES: [&str; 3] = ["chapter.md", "quiz.yaml", "interview.yaml"];

fn read(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pack/07-relay");
    fs::read_to_string(folder.join(file)).unwrap()
}

/// What is said of the pack after this file of it was changed.
fn check_with(file: &str, change: impl Fn(String) -> String) -> Vec<Problem> {
    let folder = tempfile::tempdir().unwrap();
    let chapter = folder.path().join("07-relay");
    fs::create_dir(&chapter).unwrap();
    for name in FILES {
        let text = read(name);
        let text = if name == file { change(text) } else { text };
        fs::write(chapter.join(name), text).unwrap();
    }
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let (labs, figures) = (set(&["relay"]), set(&["relay/two-runners"]));
    let exercises: BTreeSet<String> = set(&["relay-first"]);
    let references = References {
        labs: Some(&labs),
        figures: Some(&figures),
        exercises: Some(&exercises),
        planned: &["planned-lab"],
        scenario: &|scenario| match scenario.set.as_slice() {
            [knob] if knob == "runners=4" => Ok(()),
            _ => Err("it has no such knob".to_owned()),
        },
        include: &|include| Err(format!("there is no {include}")),
    };
    check(&Library::folder(folder.path()), &references)
}

/// Replaces `from` by `to` and expects an error on the line of the change that says `message`.
#[track_caller]
fn expect(file: &str, from: &str, to: &str, message: &str) {
    let (problem, line) = fault(file, from, to, message);
    assert_eq!(problem.severity, Severity::Error, "{problem}");
    if let Some(position) = problem.position {
        let near = position.line.abs_diff(line) <= 1;
        assert!(near, "expected at line {line}: {problem}");
    }
}

/// As [`expect`], where what is wrong is the whole that the change is part of.
#[track_caller]
fn expect_around(severity: Severity, file: &str, from: &str, to: &str, message: &str) {
    let (problem, line) = fault(file, from, to, message);
    assert_eq!(problem.severity, severity, "{problem}");
    let place = problem.position.unwrap().line;
    assert!(
        line.abs_diff(place) <= 75,
        "expected around line {line}: {problem}"
    );
}

/// Each line of the table is a fault: what stands in the file, what it becomes, and the error that says so,
/// on that line after `|`, around it after `~`. `\n` is the end of a line.
#[track_caller]
fn faults(file: &str, table: &str) {
    for line in table
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty())
    {
        let (sign, cells) = line.split_at(1);
        let cells: Vec<String> = cells
            .split(" => ")
            .map(|cell| cell.replace("\\n", "\n"))
            .collect();
        let [from, to, message] = &cells[..] else {
            panic!("a line has three cells: {line}")
        };
        match sign {
            "|" => expect(file, from, to, message),
            _ => expect_around(Severity::Error, file, from, to, message),
        }
    }
}

/// The problem that says `message` after `from` became `to`, and the line of the change.
#[track_caller]
fn fault(file: &str, from: &str, to: &str, message: &str) -> (Problem, usize) {
    let original = read(file);
    let at = original
        .find(from)
        .unwrap_or_else(|| panic!("{file} does not hold {from:?}"));
    let same = from.chars().zip(to.chars()).take_while(|(a, b)| a == b);
    let line = 1 + original[..at].matches('\n').count() + same.filter(|(c, _)| *c == '\n').count();
    let problems = check_with(file, |text| text.replacen(from, to, 1));
    let found = problems
        .iter()
        .find(|problem| problem.message.contains(message))
        .unwrap_or_else(|| panic!("nobody said {message:?}: {problems:#?}"));
    assert!(found.path.ends_with(file), "{found}");
    assert!(!found.cure.is_empty(), "{found}");
    (found.clone(), line)
}

#[test]
fn a_pack_that_breaks_no_rule_has_no_error() {
    let problems = check_with("", |text| text);
    let errors: Vec<_> = problems.iter().filter(|p| p.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let rest: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(rest.len(), 2, "{rest:?}");
    assert!(rest[0].contains("ch07-e2, ch07-e3") || rest[1].contains("ch07-e2, ch07-e3"));
    assert!(rest.iter().any(|message| message.contains("words of text")));
}
