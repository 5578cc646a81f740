//! Is an answer prose, or keywords thrown together? Prose, even terse prose, is held together by small
//! words; a list of terms has next to none.

use super::words;

/// Shorter answers are not judged: three right words may be all that was asked.
const WORDS_MIN: usize = 8;

/// English prose has four to five small words in ten, engineers' notes two to three, a list of terms
/// none. The line is drawn low, because to call a person's terse answer a salad is the worse error.
const SMALL_WORDS_SHARE_MIN: f64 = 0.18;

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

/// True when the words hold too little together to be an answer.
pub fn is_salad(text: &str) -> bool {
    let words = words::words(text);
    if words.len() < WORDS_MIN {
        return false;
    }
    let small = words
        .iter()
        .filter(|word| SMALL_WORDS.contains(&word.text.as_str()) || word.text.contains('\''))
        .count();
    (small as f64) < SMALL_WORDS_SHARE_MIN * words.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_thrown_together_are_a_salad() {
        assert!(is_salad(
            "hedge straggler p99 timeout partial results tied requests budget replica tail latency shard merge top k"
        ));
        assert!(is_salad(
            "Fan-out, tail latency, hedged requests, partial results, deadline propagation, retries, circuit breaker."
        ));
    }

    #[test]
    fn prose_is_none_even_when_terse() {
        assert!(!is_salad(
            "Send a second copy to another replica after the p95, cap it at 5 %, and cancel the loser."
        ));
        assert!(!is_salad(
            "Hedge after p95. Cap at 5 %. Cancel the loser. Cache complete answers only."
        ));
        assert!(!is_salad("tied requests"));
        assert!(!is_salad(""));
    }
}
