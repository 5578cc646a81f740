//! The five minutes of the README, key by key in a new learner's terminal.

use crate::support::{ENTER, Launch};

/// The rows of the table: the key, and the words that are set in italics.
fn steps(readme: &str) -> Vec<(String, Vec<String>)> {
    let (_, after) = readme
        .split_once("## Five minutes")
        .expect("it has this part");
    let (part, _) = after.split_once("\n## ").expect("more follows");
    let rows = part.lines().filter_map(|line| line.strip_prefix("| `"));
    let step = |row: &str| {
        let (key, seen) = row.split_once("` |")?;
        let words = seen.split('*').skip(1).step_by(2);
        Some((key.to_owned(), words.map(str::to_owned).collect()))
    };
    rows.filter_map(step).collect()
}

#[test]
fn the_five_minutes_of_the_readme_are_as_it_says() {
    let steps = steps(include_str!("../../README.md"));
    assert!(steps.len() > 8, "{steps:?}");
    for (columns, rows) in [(100, 40), (80, 24)] {
        let mut ddlab = Launch::default().size(columns, rows).start();
        ddlab.wait_for("Five minutes");
        for (key, seen) in &steps {
            ddlab.type_in(match key.as_str() {
                "enter" => ENTER,
                typed => typed,
            });
            for words in seen {
                ddlab.wait_for(words);
            }
        }
        ddlab.type_in("q");
        let ended = ddlab.wait_for_end();
        assert_eq!(ended.status, 0, "{}", ended.contents);
    }
}
