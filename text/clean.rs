//! Foreign text made harmless. Chapters, packs, learners' programs and HTTP bodies may hold escape
//! sequences that move the cursor, rename the window or write to the clipboard, and invisible
//! characters that turn the order of the text around. They are *shown*, not dropped: whoever
//! debugs a pack wants to see that something was there.

use std::borrow::Cow;

/// Columns between tab stops in code.
const TAB: usize = 4;

/// The most characters of what was given that an error repeats.
const GIVEN_MAX: usize = 60;

/// The text with every control and every bidirectional override replaced by a visible sign. Newlines
/// and tabs stay; `\r\n` becomes `\n`. Borrowed when there was nothing to do.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| sign_for(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        out.push(sign_for(c).unwrap_or(c));
    }
    Cow::Owned(out)
}

/// As [`clean`], for running text on one line: newlines and tabs become blanks.
pub fn clean_line(text: &str) -> Cow<'_, str> {
    match clean(text) {
        clean if clean.contains(['\n', '\t']) => Cow::Owned(clean.replace(['\n', '\t'], " ")),
        clean => clean,
    }
}

/// As [`clean`], for code: tabs are expanded to stops of four columns.
pub fn clean_code(text: &str) -> Cow<'_, str> {
    let text = clean(text);
    if !text.contains('\t') {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let blanks = TAB - column % TAB;
                out.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            '\n' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
            }
        }
    }
    Cow::Owned(out)
}

/// As [`clean_line`], cut to `max` characters; the last is then an ellipsis.
pub fn clip(text: &str, max: usize) -> String {
    let text = clean_line(text);
    if text.chars().count() <= max {
        return text.into_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// What somebody gave, as an error repeats it: on one line, and short however long it was.
pub fn given(text: &str) -> String {
    clip(text.trim(), GIVEN_MAX)
}

/// As [`clean_line`], in lines of at most `width` characters, broken between words where that is possible.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in clean_line(text).split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(width) {
            if !current.is_empty() && current.chars().count() + 1 + piece.len() > width {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.extend(piece);
        }
    }
    lines.push(current);
    lines
}

/// The sign that stands for a character which must not reach the terminal.
fn sign_for(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => None,
        // The control pictures block has a picture for each of C0, ␛ for escape among them.
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32),
        '\x7f' => Some('\u{2421}'),
        // C1: a terminal in 8-bit mode takes U+009B for the start of a sequence.
        '\u{80}'..='\u{9f}'
        // Bidirectional marks, overrides and isolates ("Trojan Source", CVE-2021-42574).
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Line separators that some terminals obey, deprecated format characters, byte order marks,
        // interlinear annotation, and tags: all invisible.
        | '\u{2028}' | '\u{2029}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some('\u{fffd}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_are_shown_and_not_obeyed() {
        assert_eq!(clean("\x1b[2Jgone\x07 \u{9b}31m"), "␛[2Jgone␇ \u{fffd}31m");
    }

    #[test]
    fn text_cannot_be_turned_around() {
        assert_eq!(clean("user\u{202e}nimda"), "user\u{fffd}nimda");
    }

    #[test]
    fn what_breaks_a_line_or_hides_unseen_is_shown() {
        for hidden in ['\u{61c}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{e0041}'] {
            assert_eq!(clean_line(&format!("a{hidden}b")), "a\u{fffd}b");
        }
    }

    #[test]
    fn a_clipped_line_says_so_and_keeps_its_length() {
        assert_eq!(clip("abcdef", 6), "abcdef");
        assert_eq!(clip("abcdefg", 6), "abcde…");
    }

    #[test]
    fn text_is_wrapped_between_words_and_a_long_word_is_broken() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh i", 3), ["abc", "def", "gh", "i"]);
        assert_eq!(wrap("", 3), [""]);
    }

    #[test]
    fn line_ends_become_blanks_on_one_line_only() {
        assert_eq!(clean("a\r\nb\u{8}"), "a\nb␈");
        assert_eq!(clean_line("a\nb"), "a b");
    }

    #[test]
    fn clean_text_is_borrowed_and_windows_line_ends_are_normal() {
        assert!(matches!(clean("naïve 漢字 👩‍🚀\n\tok"), Cow::Borrowed(_)));
        assert_eq!(clean("a\r\nb\rc"), "a\nb␍c");
    }

    #[test]
    fn tabs_in_code_go_to_the_next_stop_of_four() {
        assert_eq!(clean_code("\tx\nab\ty"), "    x\nab  y");
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_comes_through(text in any::<String>(), width in 1usize..40) {
            let obeyed = |c: char| c.is_control() || sign_for(c).is_some();
            prop_assert!(!clean(&text).chars().any(|c| obeyed(c) && !matches!(c, '\n' | '\t')));
            prop_assert!(!clean_line(&text).chars().any(obeyed));
            prop_assert!(!clean_code(&text).chars().any(|c| obeyed(c) && c != '\n'));
            prop_assert!(clip(&text, width).chars().count() <= width);
            for line in wrap(&text, width) {
                prop_assert!(line.chars().count() <= width && !line.chars().any(obeyed));
            }
        }

        #[test]
        fn cleaning_twice_is_cleaning_once(text in any::<String>()) {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
        }
    }
}
