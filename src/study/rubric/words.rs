//! Text to words. A word is lower-cased and remembers its bytes and whether a pause comes
//! before it.

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
}
