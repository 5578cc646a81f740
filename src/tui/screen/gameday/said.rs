//! What was typed and answered, as rows: words in backticks as code, tables as tables, the rest wrapped.

use crate::tui::theme::{Role, Theme};
use crate::tui::widget::wrapped::{self, NO_BREAK};
use ratatui::text::Line;
use std::ops::Range;

/// Spaces between two columns of a table, at least.
const GAP: &str = "  ";
/// From so many columns after the first on a row stays one, and is cut where there is no room for it.
const TABLE: usize = 3;

/// The rows of one line.
pub fn rows(text: &str, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let width = usize::from(width.max(8));
    if text.starts_with("> ") {
        return wrapped_rows(text, 2, width, Role::Accent, theme);
    }
    let role = match text {
        page if page.contains(" PAGE: ") => Role::Danger,
        end if end.contains(" ends: ") => Role::Good,
        _ => Role::Text,
    };
    let indent = text.len() - text.trim_start_matches(' ').len();
    let columns = columns(&text[indent..]);
    let hang = match (columns.last(), indent) {
        _ if columns.len() >= TABLE => return vec![theme.line(theme.clip(text, width), role)],
        // In the last column, where it is wide enough to go on in.
        (Some(last), _) if indent + last <= width / 2 => indent + last,
        (_, 0) => 0,
        _ => indent + GAP.len(),
    };
    wrapped_rows(text, hang, width, role, theme)
}

/// Where the columns after the first begin.
fn columns(text: &str) -> Vec<usize> {
    let mut columns = Vec::new();
    let mut rest = text;
    while let Some(gap) = rest.find(GAP) {
        let behind = rest[gap..].trim_start_matches(' ');
        if behind.is_empty() {
            break;
        }
        columns.push(text.len() - behind.len());
        rest = behind;
    }
    columns
}

/// The first `hang` cells stand in the first row, and are blank in the others.
fn wrapped_rows(
    text: &str,
    hang: usize,
    width: usize,
    role: Role,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let (text, code) = plain(text);
    // All that stands before the hang is ASCII: it was made by the console.
    let hang = if text.is_char_boundary(hang) { hang } else { 0 };
    let (first, rest) = text.split_at(hang.min(text.len()));
    let room = width.saturating_sub(hang).max(8) as u16;
    let rows = wrapped::rows(rest, room).into_iter().enumerate();
    rows.map(|(nth, row)| {
        let mut spans = if nth == 0 {
            spans(&text, 0..first.len(), &code, role, theme)
        } else {
            vec![theme.span(" ".repeat(hang), role)]
        };
        let row = row.start + first.len()..row.end + first.len();
        spans.extend(self::spans(&text, row, &code, role, theme));
        Line::from(spans)
    })
    .collect()
}

/// The text without its backticks, and the bytes that stood between two of them: these stay together in a row.
fn plain(text: &str) -> (String, Vec<Range<usize>>) {
    let mut out = String::new();
    let mut code = Vec::new();
    let mut parts = text.split('`').peekable();
    let mut is_code = false;
    while let Some(part) = parts.next() {
        if is_code && parts.peek().is_none() {
            // One that is never closed is a sign as any other.
            out.push('`');
            out.push_str(part);
        } else if is_code {
            let start = out.len();
            out.extend(part.chars().map(|c| if c == ' ' { NO_BREAK } else { c }));
            code.push(start..out.len());
        } else {
            // A number stays with its sign.
            out.push_str(&part.replace(" %", &format!("{NO_BREAK}%")));
        }
        is_code = !is_code;
    }
    (out, code)
}

fn spans(
    text: &str,
    row: Range<usize>,
    code: &[Range<usize>],
    role: Role,
    theme: &Theme,
) -> Vec<ratatui::text::Span<'static>> {
    let mut spans = Vec::new();
    let mut at = row.start;
    let mut put = |bytes: Range<usize>, role| {
        if let Some(text) = text.get(bytes).filter(|text| !text.is_empty()) {
            spans.push(theme.span(text.replace(NO_BREAK, " "), role));
        }
    };
    let within = code
        .iter()
        .filter(|code| code.start < row.end && row.start < code.end);
    for code in within {
        let inside = code.start.max(row.start)..code.end.min(row.end);
        put(at..inside.start, role);
        at = inside.end;
        put(inside, Role::Code);
    }
    put(at..row.end, role);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Ground};

    fn theme() -> Theme {
        Theme::new(Ground::Dark, Depth::True, false)
    }

    fn shown(text: &str, width: u16) -> Vec<String> {
        let rows = rows(text, width, &theme());
        rows.iter()
            .map(|row| row.to_string().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn words_in_backticks_are_code_and_stay_together() {
        assert_eq!(
            shown("then `wait 1m` lets time pass", 14),
            ["then wait 1m", "lets time pass"]
        );
        assert_eq!(shown("now `wait 1m` on", 9), ["now", "wait 1m", "on"]);
        assert_eq!(shown("burnt 12 % of it", 9), ["burnt", "12 % of", "it"]);
        let rows = rows("say `logs` now", 40, &theme());
        let code = theme().style(Role::Code);
        let shown: Vec<&str> = rows[0]
            .spans
            .iter()
            .filter(|span| span.style == code)
            .map(|span| span.content.as_ref())
            .collect();
        assert_eq!(shown, ["logs"]);
        assert_eq!(
            super::rows("one ` alone", 40, &theme())[0].to_string(),
            "one ` alone"
        );
    }

    #[test]
    fn a_row_of_two_columns_goes_on_in_its_last_one_and_a_table_is_cut() {
        assert_eq!(
            shown("  hot_key   one key is asked for far more", 30),
            ["  hot_key   one key is asked", "            for far more"]
        );
        assert_eq!(
            shown("  error   50 %   0.1 %   requests that failed", 30),
            ["  error   50 %   0.1 %   requ…"]
        );
        assert_eq!(
            shown("  calls fraud (timeout 3 s, retries 2)", 24),
            ["  calls fraud (timeout 3", "    s, retries 2)"]
        );
    }
}
