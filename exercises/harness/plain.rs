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
    fn line_ends_survive_in_text_only() {
        assert_eq!(text("a\r\nb\u{8}"), "a\nb·");
        assert_eq!(line("a\nb"), "a b");
    }
}
