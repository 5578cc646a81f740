//! Foreign text made harmless. Chapters, packs, learners' programs and HTTP bodies may hold escape
//! sequences that move the cursor, rename the window or write to the clipboard, and invisible
//! characters that turn the order of the text around. They are *shown*, not dropped: whoever
//! debugs a pack wants to see that something was there.

use std::borrow::Cow;

/// Columns between tab stops in code.
const TAB: usize = 4;

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

    #[test]
    fn escape_sequences_are_shown_and_not_obeyed() {
        assert_eq!(clean("\x1b[2Jgone\x07 \u{9b}31m"), "␛[2Jgone␇ \u{fffd}31m");
    }

    #[test]
    fn text_cannot_be_turned_around() {
        assert_eq!(clean("user\u{202e}nimda"), "user\u{fffd}nimda");
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
}
