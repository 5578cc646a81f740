//! Text to words. A word is lower-cased and remembers its bytes and whether a pause comes before it; a
//! negation does not reach over a pause (`No, hedge it` says to hedge).

use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// Where it stands in the text.
    pub bytes: Range<usize>,
    /// A comma, a full stop or the like stands between the word before and this one.
    pub after_pause: bool,
}

/// Words are runs of letters and digits; an apostrophe inside belongs to the word (`can't`), a point or a
/// comma between digits too (`99.9`), and `%` is a word of its own, so that `5%` and `5 %` are one.
/// A hyphen parts words: `scatter-gather` is a phrase of two.
pub fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut pause = false;
    let mut chars = text.char_indices().peekable();
    let mut word: Option<Word> = None;
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map_or(' ', |(_, c)| *c);
        let inside = match c {
            '\'' | '\u{2019}' => before.is_alphanumeric() && next.is_alphanumeric(),
            '.' | ',' => before.is_ascii_digit() && next.is_ascii_digit(),
            _ => c.is_alphanumeric(),
        };
        if inside {
            let open = word.get_or_insert_with(|| Word {
                text: String::new(),
                bytes: at..at,
                after_pause: std::mem::take(&mut pause),
            });
            match c {
                '\u{2019}' => open.text.push('\''),
                // Thousands are written with and without a comma.
                ',' => {}
                _ => open.text.extend(c.to_lowercase()),
            }
            open.bytes.end = end;
        } else {
            words.extend(word.take());
            match c {
                '%' => words.push(Word {
                    text: "%".to_owned(),
                    bytes: at..end,
                    after_pause: false,
                }),
                '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '—' | '–' => pause = true,
                '\n' if next == '\n' => pause = true,
                _ => {}
            }
        }
        before = c;
    }
    words.extend(word);
    words
}

/// The index of the negation that cancels a term which starts at word `start`, if one does.
pub fn negation_before(words: &[Word], start: usize) -> Option<usize> {
    let first = start.saturating_sub(super::NEGATION_WORDS);
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
        "rather" => next == "than",
        word => word.ends_with("n't"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_are_lower_case_and_keep_apostrophes_and_figures() {
        assert_eq!(
            texts("Don’t wait 1,800 ms at p99.9; 5% is a cap."),
            [
                "don't", "wait", "1800", "ms", "at", "p99.9", "5", "%", "is", "a", "cap"
            ]
        );
        assert_eq!(texts("scatter-gather"), ["scatter", "gather"]);
        assert_eq!(texts("'quoted'"), ["quoted"]);
        assert_eq!(texts("…"), Vec::<String>::new());
    }

    #[test]
    fn each_word_knows_its_bytes() {
        let text = "Ünïcode, then ASCII";
        for word in words(text) {
            assert_eq!(text[word.bytes.clone()].to_lowercase(), word.text);
        }
    }

    fn negated(text: &str, term: &str) -> bool {
        let words = words(text);
        let at = words.iter().position(|word| word.text == term).unwrap();
        negation_before(&words, at).is_some()
    }

    #[test]
    fn a_negation_reaches_three_words() {
        assert!(negated("we do not hedge", "hedge"));
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
}
