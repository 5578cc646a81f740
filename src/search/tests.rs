use super::*;
use crate::markdown::{Flow, FlowOptions};
use crate::testing::Holds;
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Instant;
use unicode_width::UnicodeWidthStr;

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);
static INDEX: LazyLock<Index> = LazyLock::new(|| Index::of(&LIBRARY));

fn kinds(typed: &str) -> Vec<Kind> {
    let query = Query::new(typed);
    let found = INDEX.find(&query, usize::MAX);
    found.iter().map(|found| found.passage.kind).collect()
}

#[test]
fn titles_come_before_headings_terms_questions_and_text() {
    let begun = |text: &str| text.to_lowercase().starts_with("queue") || text.contains(" queue");
    let query = Query::new("queue");
    let found = INDEX.find(&query, usize::MAX);
    let begun = found.iter().take_while(|found| begun(&found.passage.text));
    assert!(begun.map(|found| found.passage.kind).is_sorted());
    let found = kinds("queue");
    for kind in [Kind::Title, Kind::Term, Kind::Question, Kind::Text] {
        assert!(found.contains(&kind), "{kind:?}");
    }
}

#[test]
fn all_words_must_occur_in_any_order_and_case() {
    let query = Query::new("TOKEN  fencing");
    let found = INDEX.find(&query, usize::MAX);
    assert!(!found.is_empty());
    for found in found {
        let text = found.passage.text.to_lowercase();
        text.holds(["token", "fencing"]);
    }
    assert!(kinds("fencing xyzzy").is_empty());
    assert!(kinds("  ").is_empty());
}

#[test]
fn a_term_is_found_under_its_own_name_first() {
    let query = Query::new("lease");
    let found = INDEX.find(&query, usize::MAX);
    let term = found.iter().find(|found| found.passage.kind == Kind::Term);
    let text = &term.expect("a term").passage.text;
    assert!(text.starts_with("lease: "), "{text}");
}

#[test]
fn every_find_in_the_text_leads_to_a_line_that_has_it() {
    let query = Query::new("straggler");
    let found = INDEX.find(&query, usize::MAX);
    let in_text = found.iter().filter(|f| f.passage.kind == Kind::Text);
    let mut looked_at = 0;
    for found in in_text {
        let Goal::Page(anchor) = found.goal() else {
            panic!("text has a place: {found:?}");
        };
        let chapter = LIBRARY.chapter(&found.passage.chapter).unwrap();
        let flow = Flow::new(&crate::book::page(chapter), &FlowOptions::screen(80));
        let line = flow.line_of(anchor);
        // A word may be broken by nothing, but in a table a row takes several lines.
        let near: String = flow.lines[line..(line + 4).min(flow.lines.len())]
            .iter()
            .map(|line| line.text().to_lowercase())
            .collect();
        near.holds(["straggler"]);
        looked_at += 1;
    }
    assert!(looked_at > 2, "{looked_at}");
}

#[test]
fn a_word_may_say_what_kind_of_thing_is_wanted() {
    let names = |typed: &str| -> Vec<String> {
        let query = Query::new(typed);
        let found = INDEX.find(&query, 1);
        let texts = found.iter().map(|found| found.passage.text.clone());
        texts.collect()
    };
    assert!(names("term lease")[0].starts_with("lease: "));
    assert!(names("lease term")[0].starts_with("lease: "));
    assert_eq!(names("chapter 7"), ["7 Scatter/gather"]);
    let all = Query::new("terms");
    let all = INDEX.find(&all, usize::MAX);
    let terms = all.iter().take_while(|f| f.passage.kind == Kind::Term);
    let terms: Vec<&str> = terms.map(|f| f.passage.text.as_str()).collect();
    assert_eq!(terms.len(), LIBRARY.glossary().terms().len());
    let name = |text: &&str| text.split(':').next().unwrap_or("").to_lowercase();
    assert!(terms.is_sorted_by_key(name), "by name");
}

#[test]
fn the_middle_of_a_word_comes_after_every_beginning() {
    let query = Query::new("hed");
    let found = INDEX.find(&query, usize::MAX);
    let begins: Vec<bool> = found
        .iter()
        .map(|found| {
            let mut words = found.passage.lower.split(|c: char| !c.is_alphanumeric());
            words.any(|word| word.starts_with("hed"))
        })
        .collect();
    let first_inside = begins.iter().position(|begins| !begins);
    assert!(begins[0] && first_inside.is_some(), "both are found");
    assert!(begins.is_sorted_by_key(|begins| !begins));
}

#[test]
fn a_question_is_found_by_its_id() {
    let query = Query::new("ch07-FAN-out-hundred");
    let found = INDEX.find(&query, 9);
    let goals: Vec<Goal> = found.iter().map(Found::goal).collect();
    assert_eq!(goals, [Goal::Question("ch07-fan-out-hundred".to_owned())]);
}

#[test]
fn the_index_is_made_once_for_all_who_ask() {
    let catalogue = Catalogue::default();
    assert!(!catalogue.is_ready());
    let first: *const Index = catalogue.of(&LIBRARY);
    assert!(catalogue.is_ready());
    let other: *const Index = catalogue.clone().of(&LIBRARY);
    assert!(std::ptr::eq(first, other), "a clone is the same index");
}

#[test]
fn a_snippet_has_the_hit_and_says_where_it_was_cut() {
    let text = "The root waits for all leaves, so that the slowest leaf decides.";
    let words = vec!["slowest".to_owned()];
    let at = text.find("slowest").unwrap();
    let short = snippet::cut(text, &words, at, 24, '~');
    assert!(
        short.text.starts_with('~') && short.text.contains("slowest"),
        "{short:?}"
    );
    assert_eq!(snippet::cut(text, &words, at, 200, '~').text, text);
    let range = short.marked[0].clone();
    let marked: String = short
        .text
        .chars()
        .skip(range.start)
        .take(range.len())
        .collect();
    assert_eq!(marked, "slowest");
}

/// Told, not asserted: a test that fails on a busy machine teaches people to ignore it.
#[test]
fn how_long_it_takes_is_printed() {
    let began = Instant::now();
    let index = Index::of(&LIBRARY);
    let built = began.elapsed();
    let began = Instant::now();
    let query = Query::new("th");
    let found = index.find(&query, 200).len();
    println!(
        "{} passages gathered in {built:?}; {found} found in {:?}",
        index.passages.len(),
        began.elapsed()
    );
    assert!(found > 0);
}

proptest! {
    #[test]
    fn no_words_break_it_and_what_is_found_has_them_all(typed in "\\PC{0,12}|[a-zäİß .]{1,3}( [a-z]{1,3})?", columns in 0usize..60) {
        let query = Query::new(&typed);
        for found in INDEX.find(&query, 20) {
            let text = lower(&found.passage.text);
            prop_assert!(found.words().iter().all(|word| text.contains(word)));
            let snippet = found.snippet(columns, '…');
            prop_assert!(snippet.text.width() <= columns.max(1), "{:?} in {columns}", snippet.text);
            let letters = snippet.text.chars().count();
            prop_assert!(snippet.marked.iter().all(|range| range.end <= letters));
            found.goal();
        }
    }
}
