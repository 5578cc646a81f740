//! What cancels a term: a negation before it (`we don't hedge`) or a dismissal after it (`a key is
//! unnecessary`). Neither reaches over a pause: `No, hedge it` says to hedge.

use super::words::Word;

/// A negation cancels a term that begins at most this many words after it.
const BEFORE_WORDS: usize = 4;

/// A dismissal cancels a term that ends at most this many words before it.
const AFTER_WORDS: usize = 5;

/// A negated verb dismisses what stands before it by one of these, at most this many words on.
const PREDICATE_WORDS: usize = 3;

#[rustfmt::skip]
const DISMISSALS: &[&str] = &[
    "unnecessary", "needless", "superfluous", "pointless", "irrelevant", "useless", "impossible", "overkill",
];

#[rustfmt::skip]
/// `isn't needed`, `does not matter`, `is not an option`, `never happens`
const PREDICATES: &[&str] = &[
    "need", "needed", "necessary", "required", "useful", "important", "matter", "matters", "help", "helps", "worth",
    "option", "issue", "problem", "concern", "criterion", "relevant", "happen", "happens", "exist", "exists",
    "apply", "applies", "count", "counts", "bother", "exception", "factor",
];

/// The index of the negation that cancels a term which starts at word `start`, if one does.
pub fn before(words: &[Word], start: usize) -> Option<usize> {
    let first = start.saturating_sub(BEFORE_WORDS);
    let mut at = start;
    while at > first {
        // A pause before the term, or between the negation and the term, keeps the negation away.
        if words.get(at).is_some_and(|word| word.after_pause) {
            return None;
        }
        at -= 1;
        if negates(words, at) {
            return Some(at);
        }
    }
    None
}

/// Is the word at `at` a negation? `not only`, `no more than` and their like affirm.
fn negates(words: &[Word], at: usize) -> bool {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let next = text(at + 1);
    match text(at) {
        "not" => !matches!(next, "only" | "just" | "merely" | "more" | "less" | "later"),
        "no" => !matches!(
            next,
            "more" | "less" | "later" | "matter" | "doubt" | "wonder"
        ),
        "never" | "without" | "nor" | "neither" | "cannot" | "none" => true,
        "instead" => next == "of",
        "nothing" => next == "to" && text(at + 2) == "do",
        "rather" => next == "than",
        word => word.ends_with("n't"),
    }
}

/// The index of the word that dismisses a term which ends before word `end`, if one does.
pub fn after(words: &[Word], end: usize) -> Option<usize> {
    let reach = |from: usize, count: usize| {
        words
            .iter()
            .enumerate()
            .skip(from)
            .take(count)
            .take_while(|(_, word)| !word.after_pause)
    };
    let (at, word) = reach(end, AFTER_WORDS)
        .find(|(_, word)| DISMISSALS.contains(&word.text.as_str()) || negates_verb(&word.text))?;
    let follow: Vec<&str> = reach(at + 1, PREDICATE_WORDS)
        .map(|(_, word)| word.text.as_str())
        .collect();
    let dismissed = DISMISSALS.contains(&word.text.as_str())
        || follow.iter().any(|word| PREDICATES.contains(word))
        || follow == ["have", "to", "be"];
    dismissed.then_some(at)
}

fn negates_verb(word: &str) -> bool {
    matches!(word, "not" | "never" | "no" | "nobody") || word.ends_with("n't")
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn negated(text: &str, term: &str) -> bool {
        let words = words(text);
        let at = words.iter().position(|word| word.text == term).unwrap();
        before(&words, at).is_some() || after(&words, at + 1).is_some()
    }

    #[test]
    fn a_negation_reaches_four_words() {
        assert!(negated("we do not hedge", "hedge"));
        assert!(negated("it never stands in the path", "path"));
        assert!(negated("it has nothing to do with retries", "retries"));
        assert!(negated("it doesn't really ever hedge", "hedge"));
        assert!(!negated("it doesn't do that and we hedge", "hedge"));
        assert!(negated("without a cap", "cap"));
        assert!(negated("wait instead of a hedge", "hedge"));
        assert!(negated("retry rather than hedge", "hedge"));
    }

    #[test]
    fn a_pause_ends_a_negation() {
        assert!(!negated("No, hedge it", "hedge"));
        assert!(!negated("It does not. Hedge it", "hedge"));
    }

    #[test]
    fn what_sounds_like_a_negation_and_is_none_cancels_nothing() {
        assert!(!negated("not only hedge", "hedge"));
        assert!(!negated("no more than 5 %", "5"));
        assert!(!negated("instead we hedge", "hedge"));
    }

    #[test]
    fn a_dismissal_after_a_term_cancels_it() {
        assert!(negated("a key is unnecessary", "key"));
        assert!(negated("a second cache isn't really needed", "cache"));
        assert!(negated("the load does not matter", "load"));
        assert!(negated("copies of it are not an option", "copies"));
        assert!(negated("pauses never happen", "pauses"));
        assert!(negated("duplicates don't have to be tested", "duplicates"));
        assert!(negated(
            "neighbours on that shard are unnecessary",
            "neighbours"
        ));
    }

    #[test]
    fn what_a_thing_does_not_do_is_no_dismissal_of_it() {
        assert!(!negated("the hedge doesn't delay the user", "hedge"));
        assert!(!negated("a hedge, which isn't needed here", "hedge"));
        assert!(!negated("the shipper must not block the app", "shipper"));
    }
}
