//! Plain text in a pane: what a learner typed, what a program printed. Not markdown, so nothing in it
//! is read as a sign; every row knows the bytes that it shows, so that a part can be marked.

use crate::tui::theme::{Role, Theme};
use ratatui::text::Line;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A blank at which no row is broken.
pub const NO_BREAK: char = '\u{a0}';

/// The bytes of each row: broken at blanks where possible, inside a word where not.
pub fn rows(text: &str, width: u16) -> Vec<Range<usize>> {
    let width = usize::from(width.max(1));
    let mut rows = Vec::new();
    let mut line_start = 0;
    for line in text.split('\n') {
        break_line(line, line_start, width, &mut rows);
        line_start += line.len() + 1;
    }
    rows
}

/// What stands together up to a blank, and the blanks. A blank that does not break is none.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_blank = |c: char| c.is_whitespace() && c != NO_BREAK;
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &line[at..];
        let first = rest.chars().next()?;
        let end = rest.find(|c| is_blank(c) != is_blank(first));
        let word = &rest[..end.unwrap_or(rest.len())];
        let place = at;
        at += word.len();
        Some((place, word))
    })
}

fn break_line(line: &str, offset: usize, width: usize, rows: &mut Vec<Range<usize>>) {
    let mut row_start = 0;
    let mut row_end = 0;
    let mut row_width = 0;
    for (at, word) in words(line) {
        let word_width = word.width();
        let blank = word.trim().is_empty() && !word.contains(NO_BREAK);
        // Blanks may hang over the edge: they are not seen there.
        if row_width + word_width <= width || blank {
            row_width += word_width;
            row_end = at + word.len();
            continue;
        }
        if row_width > 0 {
            rows.push(offset + row_start..offset + row_end);
            (row_start, row_width) = (at, 0);
        }
        for (inner, grapheme) in word.grapheme_indices(true) {
            let grapheme_width = grapheme.width();
            if row_width + grapheme_width > width && row_width > 0 {
                rows.push(offset + row_start..offset + at + inner);
                (row_start, row_width) = (at + inner, 0);
            }
            row_width += grapheme_width;
        }
        row_end = at + word.len();
    }
    rows.push(offset + row_start..offset + row_end);
}

/// The rows as lines, with the bytes of `marked` standing out.
pub fn lines(
    text: &str,
    marked: Option<&Range<usize>>,
    width: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let span = |bytes: Range<usize>, role| {
        let shown = text.get(bytes).unwrap_or_default();
        theme.span(shown.to_owned(), role)
    };
    rows(text, width)
        .into_iter()
        .map(|row| {
            let Some(mark) = marked.filter(|mark| mark.start < row.end && row.start < mark.end)
            else {
                return Line::from(span(row, Role::Text));
            };
            let inside = mark.start.max(row.start)..mark.end.min(row.end);
            Line::from(vec![
                span(row.start..inside.start, Role::Text),
                span(inside.clone(), Role::Hit),
                span(inside.end..row.end, Role::Text),
            ])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, width: u16) -> Vec<&str> {
        rows(text, width)
            .into_iter()
            .map(|row| text[row].trim_end())
            .collect()
    }

    #[test]
    fn rows_break_at_blanks_and_inside_words_that_are_too_long() {
        assert_eq!(shown("the root waits", 8), ["the root", "waits"]);
        assert_eq!(shown("one\n\ntwo", 8), ["one", "", "two"]);
        assert_eq!(shown("aaaaaaaaaa b", 4), ["aaaa", "aaaa", "aa b"]);
        assert_eq!(shown("", 4), [""]);
        // A sign is not torn from its word, nor a number from its unit.
        assert_eq!(shown("see `logs`, then", 8), ["see", "`logs`,", "then"]);
        assert_eq!(shown("burnt: 0\u{a0}%", 8), ["burnt:", "0\u{a0}%"]);
        assert_eq!(shown("漢字漢字", 5), ["漢字", "漢字"]);
    }

    #[test]
    fn a_part_is_marked_across_rows() {
        let theme = Theme::new(
            crate::tui::theme::Ground::Dark,
            crate::tui::theme::Depth::True,
            false,
        );
        let lines = lines("the root waits long", Some(&(4..14)), 9, &theme);
        let hit = theme.style(Role::Hit);
        let marked: Vec<String> = lines
            .iter()
            .flat_map(|line| &line.spans)
            .filter(|span| span.style == hit)
            .map(|span| span.content.trim().to_owned())
            .collect();
        assert_eq!(marked, ["root", "waits"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_row_is_too_wide(text in "[a-z \n漢é]{0,80}", width in 2u16..20) {
            let rows = rows(&text, width);
            let seen: String = rows.iter().map(|row| &text[row.clone()]).collect();
            prop_assert_eq!(seen, text.replace('\n', ""));
            for row in rows {
                prop_assert!(text[row].trim_end().width() <= usize::from(width));
            }
        }
    }
}
