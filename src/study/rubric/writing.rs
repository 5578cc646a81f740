//! How an answer is written: in English prose, as keywords thrown together, or in another language. Prose,
//! even terse prose, is held together by small words and by signs; a list of terms has next to none.

use super::words::{self, Word};

/// Shorter answers are not judged: three right words may be all that was asked.
const WORDS_MIN: usize = 8;

/// English prose has four to five small words in ten, engineers' notes two to three, a list of terms
/// none. The line is drawn low, because to call a person's terse answer a list is the worse error.
const JOINTS_SHARE_MIN: f64 = 0.18;

/// A text with more English small words than this is never called foreign: notes full of names look like
/// many languages at once.
const ENGLISH_SHARE_MAX: f64 = 0.3;

/// A full stop after fewer words than this joins nothing: `Hedge. Straggler.` is a list as well.
const FRAGMENT_WORDS_MIN: usize = 3;

#[rustfmt::skip]
const SMALL_WORDS: &[&str] = &[
    "a", "an", "the", "this", "that", "these", "those", "each", "every", "any", "all", "some", "both", "such",
    "i", "you", "he", "she", "it", "we", "they", "me", "us", "them", "my", "your", "its", "our", "their", "one",
    "is", "are", "was", "were", "be", "been", "being", "am", "has", "have", "had", "do", "does", "did",
    "will", "would", "can", "could", "should", "may", "might", "must", "cannot",
    "of", "in", "on", "at", "to", "for", "from", "by", "with", "without", "as", "into", "over", "under", "after",
    "before", "between", "through", "than", "about", "until", "while", "during", "per", "out", "up", "down", "off",
    "and", "or", "but", "so", "if", "because", "when", "where", "which", "who", "what", "how", "why", "whether",
    "not", "no", "nor", "only", "also", "then", "there", "here", "just", "very", "too", "more", "most", "even",
    "still", "never", "always", "once", "let", "it's",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    Prose,
    /// Terms without the sentences between them.
    Keywords,
    /// Not English, in which the terms are.
    OtherLanguage,
}

impl Writing {
    pub fn of(text: &str) -> Self {
        let words = words::words(text);
        let small = words.iter().filter(|word| is_small(word)).count();
        let share = |count: usize| count as f64 / words.len().max(1) as f64;
        if share(small) < ENGLISH_SHARE_MAX && is_foreign(text, words.len()) {
            Self::OtherLanguage
        } else if words.len() >= WORDS_MIN && share(small + signs(text)) < JOINTS_SHARE_MIN {
            Self::Keywords
        } else {
            Self::Prose
        }
    }

    /// Why no point is looked for in such an answer; none for prose.
    pub const fn note(self) -> Option<&'static str> {
        match self {
            Self::Prose => None,
            Self::Keywords => Some(
                "Your answer reads like a list of keywords, so no point is looked for in it. An interviewer needs the sentences between them.",
            ),
            Self::OtherLanguage => Some(
                "Your answer is written in another language, so no point is looked for in it: the terms of the points are English. Tick them yourself.",
            ),
        }
    }
}

fn is_small(word: &Word) -> bool {
    SMALL_WORDS.contains(&word.text.as_str()) || word.text.contains('\'')
}

/// A few Latin words may be of any language; another script tells at once.
fn is_foreign(text: &str, words: usize) -> bool {
    whatlang::detect(text).is_some_and(|found| {
        let long = words >= WORDS_MIN || found.script() != whatlang::Script::Latin;
        long && found.is_reliable() && found.lang() != whatlang::Lang::Eng
    })
}

/// What joins words in notes: `slow -> retry`, `key = lot`, `queue: one worker`, and the end of a
/// fragment before another one.
fn signs(text: &str) -> usize {
    let arrows = text
        .split(|c| !"=<>+→≤≥".contains(c))
        .filter(|run| !run.is_empty())
        .count();
    arrows + text.matches(": ").count() + fragments_before_the_last(text)
}

fn fragments_before_the_last(text: &str) -> usize {
    let mut start = 0;
    let mut count = 0;
    for (at, _) in text.match_indices(['.', ';', '!', '?']) {
        let after = &text[at + 1..];
        if after.starts_with(char::is_whitespace) && !after.trim().is_empty() {
            let fragment = words::words(&text[start..at]);
            count += usize::from(fragment.len() >= FRAGMENT_WORDS_MIN);
            start = at + 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_thrown_together_are_no_prose() {
        for text in [
            "hedge straggler p99 timeout partial results tied requests budget replica tail latency shard merge top k",
            "Fan-out, tail latency, hedged requests, partial results, deadline propagation, retries, circuit breaker.",
            "Hedge. Straggler. Deadline. Partial results. Budget. Replica. Tied requests. Merge.",
        ] {
            assert_eq!(Writing::of(text), Writing::Keywords, "{text}");
        }
    }

    #[test]
    fn prose_is_prose_even_when_terse() {
        for text in [
            "Send a second copy to another replica after the p95, cap it at 5 %, and cancel the loser.",
            "Hedge after p95. Cap at 5 %. Cancel the loser. Cache complete answers only.",
            "fn: n*(fee + memory*time). container: size*hours. Break even = half busy.",
            "tied requests",
            "",
        ] {
            assert_eq!(Writing::of(text), Writing::Prose, "{text}");
        }
    }

    #[test]
    fn another_language_differs_from_keywords_even_with_english_terms_in_it() {
        for text in [
            "Der Worker bestätigt erst nach dem Commit, also at least once, und die Wirkung ist idempotent.",
            "Hedging nach dem p95, Budget von 5 %, den Verlierer canceln und partial results zurückgeben.",
            "Le travailleur confirme après l'écriture, donc l'effet doit être idempotent.",
            "工作进程在提交之后才确认消息，因此处理至少一次，效果必须是幂等的。",
        ] {
            assert_eq!(Writing::of(text), Writing::OtherLanguage, "{text}");
        }
    }
}
