//! All chapters play on one platform: what they say of it agrees with the table of chapter 1.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Words by which the texts name a figure, and the rows of the table whose numbers may stand before them.
const SAID: [(&str, &[&str]); 11] = [
    ("million users", &["users"]),
    ("million listings", &["listings"]),
    ("new listings a day", &["new listings a day"]),
    ("million requests a day", &["requests on a day"]),
    ("million photos a day", &["photos on a day"]),
    ("viewers", &["people who watch lot 4711 close"]),
    ("people who watch", &["people who watch lot 4711 close"]),
    ("people look at", &["people who watch lot 4711 close"]),
    ("bid pods", BID_PODS),
    ("pods of the bid service", BID_PODS),
    ("cache shards", &["cache shards"]),
];

const BID_PODS: &[&str] = &["bid pods, ordinary evening", "bid pods, large closing"];

fn chapters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("chapters")
}

/// The table of chapter 1: what, and its number in full.
fn table() -> BTreeMap<String, f64> {
    let page = fs::read_to_string(chapters().join("01-introduction/chapter.md")).unwrap();
    let (_, from) = page.split_once("| what | number |").unwrap();
    let rows = from
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let (what, number) = (cells.next().unwrap(), cells.next().unwrap());
        let (digits, million) = match number.strip_suffix(" million") {
            Some(digits) => (digits, 1e6),
            None => (number, 1.0),
        };
        (what.to_owned(), number_of(digits).unwrap() * million)
    })
    .collect()
}

/// A number in digits or in words.
fn number_of(word: &str) -> Option<f64> {
    const WORDS: [(&str, f64); 14] = [
        ("two", 2.0),
        ("three", 3.0),
        ("four", 4.0),
        ("five", 5.0),
        ("six", 6.0),
        ("eight", 8.0),
        ("nine", 9.0),
        ("ten", 10.0),
        ("twelve", 12.0),
        ("twenty", 20.0),
        ("thirty", 30.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("hundred", 100.0),
    ];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let in_words = WORDS.iter().find(|(name, _)| *name == word);
    in_words
        .map(|(_, number)| *number)
        .or_else(|| word.replace(',', "").parse().ok())
}

/// Every text of the book by its path, in small letters, with single blanks.
fn texts() -> Vec<(PathBuf, String)> {
    let folders = fs::read_dir(chapters())
        .unwrap()
        .map(|it| it.unwrap().path());
    let files = folders.filter(|path| path.is_dir()).flat_map(|folder| {
        let files = fs::read_dir(folder).unwrap();
        files.map(|it| it.unwrap().path())
    });
    files
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap().to_lowercase();
            (path, text.split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect()
}

#[test]
fn what_the_chapters_say_of_the_platform_agrees_with_the_table_of_chapter_one() {
    let (table, texts) = (table(), texts());
    let mut faults = Vec::new();
    for (words, rows) in SAID {
        let unit = if words.starts_with("million") {
            1e6
        } else {
            1.0
        };
        let allowed: Vec<f64> = rows
            .iter()
            .map(|row| *table.get(*row).unwrap_or_else(|| panic!("no row `{row}`")))
            .collect();
        let mut said = 0;
        for (path, text) in &texts {
            for (at, _) in text.match_indices(words) {
                let before = text[..at].trim_end().rsplit(' ').next();
                let Some(number) = before.and_then(number_of) else {
                    continue;
                };
                said += 1;
                let same = |it: &f64| (it - number * unit).abs() < 0.5;
                if !allowed.iter().any(same) {
                    let path = path.display();
                    faults.push(format!(
                        "{path}: {number} {words}, the table says {allowed:?}"
                    ));
                }
            }
        }
        assert!(said > 0, "no text says a number of {words}");
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn bids_prices_and_payouts_are_in_euros() {
    for (path, text) in texts() {
        for words in [
            "bid of $",
            "bids above $",
            "amount above $",
            "price of $",
            "got her $",
        ] {
            assert!(!text.contains(words), "{}: {words}", path.display());
        }
    }
}
