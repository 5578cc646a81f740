//! Text that someone else wrote, made harmless before it is shown: a learner's program, or a server
//! it talks to, must not be able to move the cursor, recolour the screen or rename the window.

/// One line, without control characters. A tab becomes two blanks; what an escape sequence leaves
/// behind stays visible as text, because a learner who prints one should see that it was there.
pub fn line(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '\t' => out.push_str("  "),
            '\n' | '\r' => out.push(' '),
            c if is_harmful(c) => out.push('\u{b7}'),
            c => out.push(c),
        }
    }
    out
}

/// Several lines, each as [`line`] makes it; line ends are kept.
pub fn text(raw: &str) -> String {
    raw.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// [`line`], cut to `max` characters with an ellipsis.
pub fn clip(raw: &str, max: usize) -> String {
    let clean = line(raw);
    if clean.chars().count() <= max {
        return clean;
    }
    let mut short: String = clean.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// [`line`], in lines of at most `width` characters, broken between words where that is possible.
pub fn wrap(raw: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in line(raw).split_whitespace() {
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

/// Control characters, and the marks that reorder text (bidirectional overrides), which can make
/// a line read as something that it is not.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_power_and_stay_visible() {
        assert_eq!(line("\u{1b}[2Jhello\u{7}"), "·[2Jhello·");
        assert_eq!(line("\u{9b}31mred"), "·31mred");
        assert_eq!(line("abc\u{202e}def"), "abc·def");
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
    fn line_ends_survive_in_text_only() {
        assert_eq!(text("a\r\nb\u{8}"), "a\nb·");
        assert_eq!(line("a\nb"), "a b");
    }
}
