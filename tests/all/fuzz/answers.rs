//! Answers: to quiz questions, to interview questions, and guesses.

use super::hold;
use ddlab::content::Library;
use ddlab::study::guess;
use ddlab::study::quiz::{Answer, mark};
use ddlab::study::rubric::Matcher;
use ddlab_text::Unit;
use proptest::prelude::*;
use proptest::sample::Index;

const WORDS: &[&str] = &[
    "not",
    "deadline",
    "leader",
    "lease",
    "replica",
    "because",
    "never",
    "p99",
    "1e308",
    "%",
    "-",
    ",",
    "the",
    "\u{202e}",
    "é",
    "👩‍🚀",
    "\n",
    ".",
];

fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => proptest::sample::select(WORDS).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    proptest::collection::vec(word, 0..60).prop_map(|words| words.join(" "))
}

#[test]
fn any_answer_is_marked_or_refused() {
    let library = Library::embedded();
    hold(
        (any::<Index>(), any::<Index>(), text()),
        |(chapter, question, text)| {
            let chapters: Vec<_> = library.chapters().filter(|c| !c.quiz.is_empty()).collect();
            let chapter = chapters[chapter.index(chapters.len())];
            let kind = &chapter.quiz[question.index(chapter.quiz.len())].kind;
            let _ = mark(kind, &Answer::Number(text.clone()));
            for unit in [Unit::Share, Unit::Milliseconds] {
                let _ = guess::number(&text, unit);
            }
        },
    );
}

#[test]
fn a_rubric_hears_any_answer_and_points_into_it() {
    let library = Library::embedded();
    hold(
        (any::<Index>(), any::<Index>(), text()),
        |(chapter, question, text)| {
            let chapters: Vec<_> = library
                .chapters()
                .filter(|c| !c.interview.is_empty())
                .collect();
            let chapter = chapters[chapter.index(chapters.len())];
            let question = &chapter.interview[question.index(chapter.interview.len())];
            for point in &question.rubric {
                let matcher = Matcher::new(&point.matches).unwrap();
                if let Some(heard) = matcher.find_in_answer(&text) {
                    assert!(text.get(heard.clone()).is_some(), "{heard:?} of {text:?}");
                }
            }
        },
    );
}
