//! Code that is wider than the window, on as many lines as it takes. Not cut and moved sideways: the end
//! of a line is where a `?` or an `.await` stands, and half of a page's lines moving for the sake of one
//! loses the reader.

use super::line::{Role, Span, width};
use unicode_segmentation::UnicodeSegmentation;

/// Columns by which what is carried over stands further in than the line's own beginning.
const HANG: usize = 4;

/// The rows of a line of code, none wider than `columns`. Each but the first begins with `mark`, one
/// column wide, and stands further in than the line that it belongs to.
pub(super) fn fold(spans: Vec<Span>, columns: usize, mark: &str) -> Vec<Vec<Span>> {
    let total: usize = spans.iter().map(|span| width(&span.text)).sum();
    if total <= columns {
        return vec![spans];
    }
    let letters: Vec<(&Span, &str)> = spans
        .iter()
        .flat_map(|span| span.text.graphemes(true).map(move |letter| (span, letter)))
        .collect();
    let own = letters.iter().take_while(|(_, letter)| *letter == " ");
    // In a narrow window the text has the room and the indent has not.
    let hang = (own.count() + HANG).min(columns / 3);
    let lead = if columns > 2 { hang.max(2) } else { 0 };
    let mut rows = Vec::new();
    let mut rest = letters.as_slice();
    while !rest.is_empty() {
        let (room, mut row) = if rows.is_empty() {
            (columns, Vec::new())
        } else {
            (columns - lead, carried(lead, mark))
        };
        let (here, after) = rest.split_at(end_of_row(rest, room.max(1)));
        for (span, letter) in here {
            push(&mut row, span, letter);
        }
        rows.push(row);
        let blanks = after.iter().take_while(|(_, letter)| *letter == " ");
        rest = &after[blanks.count()..];
    }
    rows
}

fn carried(lead: usize, mark: &str) -> Vec<Span> {
    if lead < 2 {
        return Vec::new();
    }
    vec![
        Span::blanks(lead - 2),
        Span::new(format!("{mark} "), Role::Cut),
    ]
}

/// How many letters stand on a row: up to a sign or a blank in its second half, or else up to its end.
fn end_of_row(letters: &[(&Span, &str)], room: usize) -> usize {
    let mut column = 0;
    let mut good = None;
    for (n, (_, letter)) in letters.iter().enumerate() {
        column += width(letter);
        if column > room {
            // A letter wider than the whole row still is one.
            return good.unwrap_or(n.max(1));
        }
        if column > room / 2 && matches!(*letter, " " | "," | ";" | "(" | "{" | "[" | "|" | "&") {
            good = Some(n + 1);
        }
    }
    letters.len()
}

fn push(row: &mut Vec<Span>, like: &Span, letter: &str) {
    match row.last_mut() {
        Some(last) if last.style == like.style && last.link == like.link => {
            last.text.push_str(letter);
        }
        _ => row.push(Span {
            text: letter.to_owned(),
            ..like.clone()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str, columns: usize) -> Vec<String> {
        let rows = fold(vec![Span::new(text, Role::Text)], columns, "↪");
        let text = |row: &Vec<Span>| row.iter().map(|span| span.text.as_str()).collect();
        rows.iter().map(text).collect()
    }

    #[test]
    fn what_fits_is_left_alone_and_the_rest_hangs() {
        assert_eq!(rows("let a = b;", 10), ["let a = b;"]);
        assert_eq!(
            rows("  let answers = gather(leaves, deadline).await?;", 30),
            ["  let answers = gather(leaves,", "    ↪ deadline).await?;"]
        );
        assert_eq!(rows("0123456789abc", 9), ["012345678", " ↪ 9abc"]);
    }

    proptest! {
        #[test]
        fn no_letter_is_lost_and_no_row_is_too_wide(text in "[a-z (,{漢é]{0,80}", columns in 4usize..50) {
            let rows = rows(&text, columns);
            for row in &rows {
                prop_assert!(width(row) <= columns, "{row:?} in {columns}");
            }
            let bare = |text: &str| text.replace([' ', '↪'], "");
            prop_assert_eq!(bare(&rows.concat()), bare(&text));
        }
    }
}
