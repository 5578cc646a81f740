//! Files that are broken, half-written or hostile.

use super::*;

#[test]
fn no_file_holds_what_a_terminal_would_obey() {
    let control = "control character";
    expect("quiz.yaml", "# A quiz", "# A \u{7}quiz", control);
    expect("interview.yaml", "# One", "# \u{9b}One", control);
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
            let text = problem.to_string();
            proptest::prop_assert!(!text.contains(char::from(27)), "{}", text);
        }
    }
}
