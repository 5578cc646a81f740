use super::*;
use proptest::prelude::*;

fn matcher(groups: &[&[&str]]) -> Matcher {
    let groups: Vec<Vec<String>> = groups
        .iter()
        .map(|group| group.iter().map(|set| (*set).to_owned()).collect())
        .collect();
    Matcher::new(&groups).unwrap()
}

fn found<'a>(matcher: &Matcher, text: &'a str) -> Option<&'a str> {
    matcher.find(text).map(|bytes| &text[bytes])
}

#[test]
fn alternatives_prefixes_and_phrases_are_found() {
    let hedge = matcher(&[&["hedg*|backup request|tied"]]);
    assert_eq!(found(&hedge, "So I hedge."), Some("hedge"));
    assert_eq!(found(&hedge, "Hedging helps"), Some("Hedging"));
    assert_eq!(
        found(&hedge, "send a Backup  request soon"),
        Some("Backup  request")
    );
    assert_eq!(found(&hedge, "a backup of the request"), None);
    assert_eq!(found(&hedge, "untied"), None);
}

#[test]
fn all_term_sets_of_a_group_must_stand_near_each_other() {
    let point = matcher(&[&["hedg*", "p95|95th"]]);
    assert_eq!(
        found(&point, "I hedge only after the p95 of that leaf"),
        Some("hedge only after the p95")
    );
    assert_eq!(
        found(&point, "After p95 comes the hedge"),
        Some("p95 comes the hedge")
    );
    let far = format!("hedge {} p95", "and ".repeat(WINDOW_WORDS - 1));
    assert_eq!(found(&point, &far), None);
    let just = format!("hedge {} p95", "and ".repeat(WINDOW_WORDS - 2));
    assert!(found(&point, &just).is_some());
}

#[test]
fn any_group_is_enough_and_the_earliest_is_shown() {
    let point = matcher(&[&["deadline"], &["time", "left"]]);
    assert_eq!(
        found(&point, "pass the time that is left as a deadline"),
        Some("time that is left")
    );
}

#[test]
fn a_negated_term_is_not_mentioned_but_a_later_plain_one_is() {
    let point = matcher(&[&["hedg*"]]);
    assert_eq!(found(&point, "Never hedge."), None);
    assert_eq!(found(&point, "We don't need to hedge"), None);
    assert_eq!(
        found(&point, "Don't hedge at once; hedge after the p95"),
        Some("hedge")
    );
    assert_eq!(found(&point, "not only hedge but cap"), Some("hedge"));
}

#[test]
fn a_negation_that_the_group_asks_for_cancels_nothing() {
    let point = matcher(&[&["never|not|don't", "cach*", "partial"]]);
    assert!(found(&point, "never cache a partial answer").is_some());
    assert!(found(&point, "cache the partial answer").is_none());
    let plain = matcher(&[&["cach*", "partial"]]);
    assert!(found(&plain, "never cache a partial answer").is_none());
}

#[test]
fn no_point_is_seen_in_what_is_no_prose() {
    let hedge = matcher(&[&["hedg*"]]);
    for answer in [
        "hedge straggler p99 timeout partial results tied requests budget replica tail latency",
        "Ich würde nach dem p95 eine zweite Anfrage schicken, also hedgen, und die langsame abbrechen.",
    ] {
        assert!(hedge.find(answer).is_some());
        assert_eq!(hedge.find_in_answer(answer), None);
        assert!(!mentions([("hedge", &hedge)], answer)[0].seen());
    }
}

#[test]
fn mentions_come_in_the_order_of_the_points() {
    let (a, b) = (matcher(&[&["alpha"]]), matcher(&[&["beta"]]));
    let seen = mentions([("a", &a), ("b", &b)], "only beta here");
    assert_eq!(
        seen,
        [
            Mention {
                point: "a",
                at: None
            },
            Mention {
                point: "b",
                at: Some(5..9)
            },
        ]
    );
}

#[test]
fn terms_that_can_never_match_are_refused() {
    let new = |set: &str| Matcher::new(&[vec![set.to_owned()]]).map(|_| ());
    assert_eq!(
        new("a||b"),
        Err(TermError::EmptyAlternative("a||b".to_owned()))
    );
    assert_eq!(new("a*b"), Err(TermError::StrayStar("a*b".to_owned())));
    assert_eq!(new("*"), Err(TermError::StrayStar("*".to_owned())));
    assert_eq!(Matcher::new(&[]).map(|_| ()), Err(TermError::NoGroup));
    assert_eq!(
        Matcher::new(&[vec![]]).map(|_| ()),
        Err(TermError::EmptyGroup)
    );
}

/// The same question asked the slow way: is there any choice of one standing occurrence a set that
/// fits the window?
fn met_by_trying_all(sets: &[&str], words: &[&str]) -> bool {
    let text = words.join(" ");
    let words = words::words(&text);
    let choices: Vec<Vec<usize>> = sets
        .iter()
        .map(|set| {
            (0..words.len())
                .filter(|at| words[*at].text == *set)
                .filter(|at| negation::before(&words, *at).is_none())
                .collect()
        })
        .collect();
    let mut spans = vec![None];
    for options in &choices {
        spans = spans
            .iter()
            .flat_map(|span: &Option<(usize, usize)>| {
                options.iter().map(move |at| match span {
                    None => Some((*at, *at)),
                    Some((low, high)) => Some((*low.min(at), *high.max(at))),
                })
            })
            .collect();
    }
    spans
        .iter()
        .flatten()
        .any(|(low, high)| high - low < WINDOW_WORDS)
}

proptest! {
    #[test]
    fn the_window_is_found_exactly_when_trying_all_choices_finds_one(
        words in prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "not", "x", "y", "z"]), 0..60),
    ) {
        let sets = ["a", "b", "c"];
        let point = matcher(&[&sets]);
        prop_assert_eq!(point.find(&words.join(" ")).is_some(), met_by_trying_all(&sets, &words));
    }

    #[test]
    fn what_is_found_lies_on_character_bounds_of_any_text(text in "\\PC{0,200}", term in "[a-z]{1,3}") {
        let point = matcher(&[&[&format!("{term}*")]]);
        if let Some(bytes) = point.find(&text) {
            prop_assert!(text.get(bytes).is_some());
        }
        let _ = point.find_in_answer(&text);
    }

    #[test]
    fn text_added_far_after_an_answer_unmentions_nothing(
        words in prop::collection::vec(prop::sample::select(vec!["a", "b", "not", "x"]), 0..40),
        more in prop::collection::vec(prop::sample::select(vec!["a", "b", "not", "x"]), 0..40),
    ) {
        let point = matcher(&[&["a", "b"]]);
        let short = words.join(" ");
        let long = format!("{short}. {}", more.join(" "));
        prop_assert!(point.find(&short).is_none() || point.find(&long).is_some());
    }

    #[test]
    fn case_never_matters(text in "[a-zA-Z ,.]{0,80}") {
        let point = matcher(&[&["a*|the"]]);
        prop_assert_eq!(point.find(&text), point.find(&text.to_uppercase()));
    }
}
