//! A line of spans, each with a role instead of a colour; and measuring and cutting in columns.

use crate::markdown::block::Alert;
use crate::markdown::highlight::Token;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What a span is. A theme gives each role a colour, or only a modifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Role {
    #[default]
    Text,
    /// Beside the matter: labels, descriptions.
    Muted,
    /// 1 to 6.
    Heading(u8),
    InlineCode,
    Link,
    /// A word that can be explained where it stands.
    Term,
    NoteMark,
    /// The bullet or the number of a list item.
    Bullet,
    /// The bar beside a quote.
    QuoteBar,
    /// The bar and the label of an alert.
    Alert(Alert),
    TableHead,
    /// Lines between rows, under headings, and across the page.
    Rule,
    Code(Token),
    Diagram,
    /// The mark where a line was cut.
    Cut,
}

impl Role {
    /// Drawn around the words, not one of them: left out of search and of reading positions.
    pub const fn is_ornament(self) -> bool {
        matches!(
            self,
            Self::Bullet
                | Self::QuoteBar
                | Self::Alert(_)
                | Self::Rule
                | Self::Cut
                | Self::NoteMark
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Style {
    pub role: Role,
    pub strong: bool,
    pub emphasis: bool,
    pub struck: bool,
}

impl From<Role> for Style {
    fn from(role: Role) -> Self {
        Self {
            role,
            ..Self::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Span {
    pub text: String,
    pub style: Style,
    /// Index into [`super::Flow::links`].
    pub link: Option<u16>,
}

impl Span {
    pub fn new(text: impl Into<String>, style: impl Into<Style>) -> Self {
        Self {
            text: text.into(),
            style: style.into(),
            link: None,
        }
    }

    pub fn blanks(columns: usize) -> Self {
        Self::new(" ".repeat(columns), Role::Text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineKind {
    #[default]
    Blank,
    Text,
    Heading,
    Code,
    Diagram,
    Table,
    /// Reserved for a widget.
    Slot,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    pub spans: Vec<Span>,
    pub kind: LineKind,
    /// Index of the top-level block; the notes at the end come after the last block.
    pub block: usize,
    /// Letters of this block before this line: the same at every width, near enough to find the place again.
    pub letters_before: usize,
}

impl Line {
    /// Columns that it takes.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|span| width(&span.text)).sum()
    }

    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// Columns that a text takes. Counted by grapheme, because that is how cells are filled; for a few
/// scripts the width of a string is not the sum of its parts.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The window of a line that starts at `offset` and is at most `columns` wide, with `mark` where
/// something was left out. A wide character that the edge would halve leaves a blank.
pub(super) fn cut(spans: Vec<Span>, offset: usize, columns: usize, mark: &str) -> Vec<Span> {
    let total: usize = spans.iter().map(|span| width(&span.text)).sum();
    if total <= columns {
        return spans;
    }
    let offset = offset.min(total - columns);
    let left = usize::from(offset > 0);
    let right = usize::from(offset + columns < total);
    if columns <= left + right {
        return vec![Span::new(mark.repeat(columns), Role::Cut)];
    }
    let inside = offset + left..offset + columns - right;
    let mut out = Vec::with_capacity(spans.len() + 2);
    if left == 1 {
        out.push(Span::new(mark, Role::Cut));
    }
    let mut column = 0;
    for span in spans {
        let mut kept = String::new();
        for grapheme in span.text.graphemes(true) {
            let end = column + width(grapheme);
            if inside.start <= column && end <= inside.end {
                kept.push_str(grapheme);
            } else {
                let halved = end.min(inside.end).saturating_sub(column.max(inside.start));
                kept.extend(std::iter::repeat_n(' ', halved));
            }
            column = end;
        }
        if !kept.is_empty() {
            out.push(Span { text: kept, ..span });
        }
    }
    if right == 1 {
        out.push(Span::new(mark, Role::Cut));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_text(text: &str, offset: usize, columns: usize) -> String {
        let line = cut(vec![Span::new(text, Role::Text)], offset, columns, "…");
        line.into_iter().map(|span| span.text).collect()
    }

    #[test]
    fn a_cut_line_says_where_it_goes_on() {
        assert_eq!(cut_text("0123456789", 0, 10), "0123456789");
        assert_eq!(cut_text("0123456789", 0, 6), "01234…");
        assert_eq!(cut_text("0123456789", 2, 6), "…3456…");
        assert_eq!(cut_text("0123456789", 99, 6), "…56789");
    }

    #[test]
    fn a_halved_wide_character_leaves_a_blank() {
        assert_eq!(cut_text("漢字漢字", 0, 4), "漢 …");
        assert_eq!(cut_text("漢字漢字", 1, 5), "…字 …");
    }
}
