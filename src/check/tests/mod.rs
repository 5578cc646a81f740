//! One fault at a time: a pack that breaks no rule, one change to it, and what is said of that.

use super::*;
use crate::content::Severity;
use std::fs;
use std::path::Path;

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

#[test]
fn front_matter_tells_the_truth() {
    let page = |from, to, message| expect("chapter.md", from, to, message);
    page("part: Serving", "part: Dinner", "no part of the book");
    page("labs: [relay]", "labs: [relais]", "no lab `relais`");
    page(
        "[relay-first]",
        "[relay-frist]",
        "no exercise `relay-frist`",
    );
    page(
        "[ch07-e1]",
        "[ch07-e9]",
        "no code of the curriculum `ch07-e9`",
    );
    page(
        "prerequisites: []",
        "prerequisites: [walk]",
        "no chapter `walk`",
    );
    page("minutes: 5", "minutes: soon", "front matter cannot be read");
    page("minutes: 5", "hours: 5", "unknown field `hours`");
    page("title: Relay", "title: \"\"", "`title` is empty");
    page("number: 7", "number: 77", "not in the book");
    page("---\nid", "id", "no front matter");
}

#[test]
fn sources_are_there_and_used() {
    let page = |from, to, message| expect("chapter.md", from, to, message);
    page("[^nobody]", "[^somebody]", "points to no source");
    page(
        "- id: nobody",
        "- {id: idle, text: x}\n  - id: nobody",
        "refers to the source `idle`",
    );
    expect(
        "interview.yaml",
        "sources: [nobody]",
        "sources: [who]",
        "no source `who`",
    );
    expect_around(
        Severity::Warning,
        "interview.yaml",
        "  sources: [nobody]\n",
        "",
        "names no source",
    );
}

#[test]
fn sections_stand_in_their_order() {
    let page = |from, to, message| expect("chapter.md", from, to, message);
    let whole = |from, to, message| expect_around(Severity::Error, "chapter.md", from, to, message);
    whole(
        "## Neighbours",
        "### Neighbours",
        "lacks the sections neighbours",
    );
    page("## Neighbours", "## Friends", "has friends instead");
    whole(
        "## The problem\n",
        "## Neighbours\n\n## The problem\n",
        "not stand in their order",
    );
}

#[test]
fn what_a_page_shows_fits_and_exists() {
    let page = |from, to, message| expect("chapter.md", from, to, message);
    page("alt: One runner hands the baton to the next.\n", "", "alt");
    let wide = format!("  a {}▶ b", "─".repeat(80));
    page("  a ──▶ b", &wide, "columns wide");
    page("```yaml", "```yamml", "language `yamml` is not known");
    page("```yaml", "```", "names no language");
    page("runner: 1", "runner: [1", "YAML of this fence");
    page("{ \"baton\": 1 }", "{ baton }", "JSON of this fence");
    page(
        "```check relay-q01",
        "```check relay-q99",
        "no question `relay-q99`",
    );
    page(
        "```try relay-first",
        "```try relay-last",
        "no exercise `relay-last`",
    );
    page(
        "```lab relay/two-runners",
        "```lab relay/ten-runners",
        "no figure `relay/ten-runners`",
    );
    page(
        "```lab relay/two-runners",
        "```lab rely/two-runners",
        "no lab `rely`",
    );
    page(
        "```rust",
        "```rust include=labs/relay.rs#run",
        "there is no labs/relay.rs#run",
    );
    page("A queue", "A\u{1b}[31m queue", "control character");
}

#[test]
fn links_lead_somewhere() {
    let page = |to, message| expect("chapter.md", "A queue keeps", to, message);
    page("[A queue](#neighbors) keeps", "no heading `#neighbors`");
    page("[A queue](../06-queue/chapter.md) keeps", "leads nowhere");
    let fine = "[A](#neighbours) [b](https://example.org/x) [c](../07-relay/chapter.md) keeps";
    let problems = check_with("chapter.md", |text| text.replacen("A queue keeps", fine, 1));
    assert!(
        problems.iter().all(|problem| !problem.is_error()),
        "{problems:#?}"
    );
}

#[test]
fn a_chapter_has_its_sources_its_questions_and_its_words() {
    let page = |from, to, message| expect("chapter.md", from, to, message);
    let sources = "sources:\n  - id: nobody\n    text: \"Nobody, A Paper That Was Never Written, 2026, section 1\"\n";
    expect_around(
        Severity::Error,
        "chapter.md",
        sources,
        "",
        "the chapter names no source",
    );
    page(
        "  - id: nobody\n",
        "  - {id: nobody, text: again}\n  - id: nobody\n",
        "the source `nobody` stands twice",
    );
    page(
        "summary: A made-up",
        "summary: \"\"\nx: A made-up",
        "unknown field `x`",
    );
    page("Two runners and one baton.", "", "no caption");
    page(
        "## Neighbours",
        "##\n\n## Neighbours",
        "the heading is empty",
    );
    let without = |file: &str| check_with(file, |_| String::new());
    for (file, message) in [
        ("quiz.yaml", "the quiz has 0 questions"),
        ("interview.yaml", "there is no interview question"),
    ] {
        let told = without(file);
        let said = told.iter().any(|problem| problem.message.contains(message));
        assert!(said, "{message}: {told:#?}");
    }
}

#[test]
fn every_code_of_a_chapter_has_its_home() {
    let problems = check_with("interview.yaml", |text| {
        text.replacen("covers: [ch07-q1, ", "covers: [", 1)
    });
    let homeless = problems
        .iter()
        .find(|problem| problem.message.contains("no home yet: ch07-q1"))
        .unwrap_or_else(|| panic!("{problems:#?}"));
    assert_eq!(homeless.severity, Severity::Error, "{homeless}");
    assert!(homeless.cure.contains("covers:"), "{homeless}");
}

#[test]
fn chapters_have_numbers_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    for (name, id) in [("07-relay", "relay"), ("07-race", "race")] {
        let chapter = folder.path().join(name);
        fs::create_dir(&chapter).unwrap();
        for file in FILES {
            let text = read(file).replace("id: relay\n", &format!("id: {id}\n"));
            fs::write(
                chapter.join(file),
                text.replace("relay-q", &format!("{id}-q")),
            )
            .unwrap();
        }
    }
    let problems = check(&Library::folder(folder.path()), &References::UNKNOWN);
    let said = |message: &str| problems.iter().any(|p| p.message.contains(message));
    assert!(said("chapter 7 is `race` already"), "{problems:#?}");
    assert!(said("the id `relay-i01` stands already"), "{problems:#?}");
}

#[test]
fn no_file_holds_what_a_terminal_would_obey() {
    let control = "control character";
    expect("quiz.yaml", "# A quiz", "# A \u{7}quiz", control);
    expect("interview.yaml", "# One", "# \u{9b}One", control);
}

#[test]
fn no_question_leaves_out_what_it_needs() {
    let quiz = |from, to, message| expect("quiz.yaml", from, to, message);
    quiz("prompt: Who waits?", "prompt: \"\"", "`prompt` is empty");
    quiz(
        "explain: A runner waits.",
        "explain: \"\"",
        "`explain` is empty",
    );
    quiz(
        "why: That is a run.",
        "why: \"\"",
        "the near miss has no `why`",
    );
    quiz("why: It is held.", "why: \"\"", "the pair has no `why`");
    quiz("answer: 4", "answer: .nan", "the answer is no number");
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    interview(
        "prompt: Explain the relay.",
        "prompt: \"\"",
        "the prompt is empty",
    );
    interview("rev: 1", "rev: 0", "revisions count from 1");
    interview(
        "statement: Names what is handed over.",
        "statement: \"\"",
        "the statement is empty",
    );
    interview(
        "{id: last, ask",
        "{id: more, ask",
        "the follow-up `more` stands twice",
    );
    let long = "so it goes on until the last of them is home. ".repeat(20);
    let around = |from, to: &str, message| {
        expect_around(Severity::Error, "interview.yaml", from, to, message);
    };
    around(
        "There is a baton, and both",
        &format!("{long} There is a baton, and both"),
        "it should have 200 to 400",
    );
}

#[test]
fn a_quiz_can_be_answered_and_says_why() {
    let quiz = |from, to, message| expect("quiz.yaml", from, to, message);
    let whole = |from, to, message| expect_around(Severity::Error, "quiz.yaml", from, to, message);
    quiz(
        "section: the-problem",
        "section: the-end",
        "no section `the-end`",
    );
    whole(
        "          right: true\n          why: There is",
        "          why: There is",
        "0 options are right",
    );
    whole(
        "- text: The baton\n",
        "- text: The baton\n          right: true\n",
        "2 options are right",
    );
    quiz("why: Batons are patient.", "why: \"\"", "no `why`");
    whole("- text: The track", "- text: The baton", "stands twice");
    quiz(
        "- text: The track",
        "- text: All of the above",
        "tests the form",
    );
    whole(
        "items: [Run, Reach out, Let go]",
        "items: [Run, Let go]",
        "no order",
    );
    quiz(
        "why_confused: One lets go too early.",
        "why_confused: \"\"",
        "`why_confused` is empty",
    );
    whole(
        "        - {left: track, right: ground, why: It lies.}\n",
        "",
        "no choice",
    );
    quiz("{value: 1,", "{value: 4,", "right by the tolerance");
    quiz("tolerance: 0", "tolerance: -1", "below zero");
    quiz("id: relay-q02", "id: relay-q01", "stands already");
    whole("  tells_apart: true\n", "", "`tells_apart: true`");
    whole("  scenario: true\n", "", "`scenario: true`");
    quiz("prompt: Who waits?", "promt: Who waits?", "promt");
    let long = "- text: The runner who is nearest to the line and has trained for it";
    expect_around(
        Severity::Warning,
        "quiz.yaml",
        "- text: The runner",
        long,
        "gives itself away",
    );
}

#[test]
fn a_rubric_can_be_held_against_an_answer() {
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    let whole =
        |from, to, message| expect_around(Severity::Error, "interview.yaml", from, to, message);
    interview("weight: 5", "weight: 9", "weight 9 is not 1 to 5");
    interview(
        "    - id: overlap",
        "    - id: baton",
        "the point `baton` stands twice",
    );
    whole("      must: true\n", "", "no point is a must");
    interview(
        "match: [[\"baton*|stick\"]]",
        "match: [[\"baton*||stick\"]]",
        "empty alternative",
    );
    interview("match: [[\"baton*|stick\"]]", "match: []", "no group");
    interview(
        "good: The runner carries a baton.",
        "good: The runner runs.",
        "does not mention `baton`",
    );
    interview(
        "bad: The runner carries nothing.",
        "bad: A stick, then.",
        "mentions `baton`: “stick”",
    );
    interview(
        "covers: [ch07-q1,",
        "covers: [ch07-q8,",
        "`ch07-q8` is no code",
    );
    interview("dim: high-level", "dim: high-fidelity", "high-fidelity");
}

#[test]
fn a_model_answer_meets_the_rubric() {
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    interview(
        "meets: [baton, overlap]",
        "meets: [baton, overlay]",
        "no point `overlay`",
    );
    expect_around(
        Severity::Error,
        "interview.yaml",
        "meets: [drop, order]",
        "meets: [drop, baton]",
        "meets `order`",
    );
}

#[test]
fn what_is_asked_next_depends_on_what_was_said() {
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    let whole =
        |from, to, message| expect_around(Severity::Error, "interview.yaml", from, to, message);
    interview(
        "ask: {missed: drop}",
        "ask: {missed: dorp}",
        "no point `dorp`",
    );
    whole(
        "ask: {missed: drop}",
        "ask: always",
        "1 of them conditional",
    );
    interview(
        "set: [runners=4]",
        "set: [horses=4]",
        "refuses this scenario",
    );
    interview("lab: {lab: relay", "lab: {lab: relax", "no lab `relax`");
}

#[test]
fn samples_are_heard_as_a_listener_would_tick_them() {
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    let whole =
        |from, to, message| expect_around(Severity::Error, "interview.yaml", from, to, message);
    whole(
        "- kind: weak",
        "- kind: strong",
        "2 samples of kind `strong`",
    );
    interview(
        "ticks: [baton, overlap, drop, order]",
        "ticks: [baton]",
        "but not ticked",
    );
    interview(
        "ticks: [baton, overlap]\n",
        "ticks: [baton, drop, order]\n",
        "agree on 1 of 4",
    );
    interview("ticks: [baton]\n", "ticks: [batton]\n", "no point `batton`");
    interview(
        "text: There is no baton in it",
        "text: There is a baton in it",
        "heard to mention baton",
    );
    interview(
        "text: baton runner overlap anchor speed",
        "text: it is a baton and the runner has an overlap of the",
        "too many small words",
    );
    interview(
        "text: It is a race in which people hand on a stick to each other.",
        "text: race people stick lane track medal team speed line start",
        "taken for a keyword salad",
    );
}

#[test]
fn a_broken_question_costs_that_question_alone() {
    let folder = tempfile::tempdir().unwrap();
    let chapter = folder.path().join("07-relay");
    fs::create_dir(&chapter).unwrap();
    for name in FILES {
        let text = read(name)
            .replacen("prompt: What is handed over?", "prompt: [oops", 1)
            .replacen("tolerance: 0", "tolerance: none", 1);
        fs::write(chapter.join(name), text).unwrap();
    }
    let library = Library::folder(folder.path());
    let kept: Vec<&str> = library
        .chapter("relay")
        .unwrap()
        .quiz
        .iter()
        .map(|question| question.id.as_str())
        .collect();
    assert_eq!(kept.len(), 8, "{kept:?}");
    assert!(!kept.contains(&"relay-q02") && !kept.contains(&"relay-q05"));
    let lines: Vec<usize> = library
        .problems()
        .iter()
        .map(|problem| problem.position.unwrap().line)
        .collect();
    assert_eq!(lines.len(), 2, "{:#?}", library.problems());
    let text = read("quiz.yaml");
    let line_of = |what: &str| 1 + text[..text.find(what).unwrap()].matches('\n').count();
    assert!(
        lines[0].abs_diff(line_of("What is handed")) <= 1,
        "{lines:?}"
    );
    assert_eq!(lines[1], line_of("tolerance: 0"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// Authors save files half-written; whatever that leaves, it is listed and not a panic.
    #[test]
    fn no_damage_to_a_file_stops_the_checker(
        file in 0usize..3,
        from in 0.0f64..1.0,
        length in 0usize..80,
        instead in "[\\PC\n\t \"'\\[\\]{}:|#&*!%@`-]{0,12}",
    ) {
        let bound = |text: &str, mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let problems = check_with(FILES[file], |text| {
            let start = bound(&text, (text.len() as f64 * from) as usize);
            let end = bound(&text, start + length).max(start);
            format!("{}{instead}{}", &text[..start], &text[end..])
        });
        for problem in problems {
            let told = problem.to_string();
            proptest::prop_assert!(!told.contains(char::from(27)), "{}", told);
        }
    }
}

#[test]
fn a_glossary_says_each_term_once_in_one_sentence_and_names_its_chapter() {
    let good =
        "- {term: relay, also: [relays], chapter: relay, means: \"One runs after the other.\"}\n";
    let said = |second: &str| -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let chapter = folder.path().join("07-relay");
        fs::create_dir(&chapter).unwrap();
        for name in FILES {
            fs::write(chapter.join(name), read(name)).unwrap();
        }
        let text = format!("{good}{second}");
        fs::write(folder.path().join("glossary.yaml"), text).unwrap();
        check(&Library::folder(folder.path()), &References::UNKNOWN)
            .into_iter()
            .filter(|problem| problem.path.ends_with("glossary.yaml"))
            .map(|problem| problem.to_string())
            .collect()
    };
    assert_eq!(said(""), Vec::<String>::new());
    let fault = |term: &str, message: &str| {
        let told = said(term);
        let named = told
            .iter()
            .any(|told| told.contains(message) && told.contains("yaml:2:"));
        assert!(named, "{message}: {told:?}");
    };
    let with = |name: &str, chapter: &str, means: &str| {
        format!("- {{term: {name}, chapter: {chapter}, means: \"{means}\"}}\n")
    };
    fault(
        &with("Relays", "relay", "They run in turn."),
        "stands already under `relay`",
    );
    fault(
        &with("baton", "rely", "It is handed over."),
        "no chapter `rely`",
    );
    fault(
        &with("baton", "relay", "It is handed. Over it goes."),
        "not one sentence",
    );
    fault(
        &with("baton", "relay", "It is handed over"),
        "not one sentence",
    );
    let long = format!("It is {}handed over.", "very ".repeat(40));
    fault(&with("baton", "relay", &long), "letters to explain");
}
