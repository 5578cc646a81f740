//! Breaking a paragraph into lines.
//!
//! Not greedily: the breaks are chosen for the whole paragraph, so that the right edge is as even as
//! it can be (the squares of what is left free, summed over all lines but the last, are least) and no
//! single short word is left alone at the end. For a page of text this costs well under a millisecond.

use super::line::{Span, Style, width};
use unicode_segmentation::UnicodeSegmentation;

/// What comes after a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// The next piece belongs to the same word.
    None,
    /// A line may end here, without a sign: after a hyphen, between two ideographs.
    Soft,
    Blank,
    /// The line ends here.
    Line,
}

/// A word, or the part of a word that has one style.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub text: String,
    pub width: usize,
    pub style: Style,
    pub link: Option<u16>,
    pub gap: Gap,
}

/// The pieces between two places where a line may end.
struct Chunk {
    end: usize,
    width: usize,
    gap: Gap,
}

/// What a break without a blank costs beside a free column's 1, 4, 9…: words stay whole unless that
/// leaves a hole.
const SOFT_COST: usize = 60;

/// Lines of spans, none wider than `columns` (which is at least 1).
pub(super) fn wrap(pieces: &[Piece], columns: usize) -> Vec<Vec<Span>> {
    lines(pieces, columns, |_| false)
}

/// As [`wrap`], but an address stays whole on a line that may be wider: on paper one copies it.
pub(super) fn wrap_on_paper(pieces: &[Piece], columns: usize) -> Vec<Vec<Span>> {
    lines(pieces, columns, |word| {
        word.iter().any(|piece| piece.text.contains("://"))
    })
}

/// `is_whole` says of a word that it is never cut.
fn lines(pieces: &[Piece], columns: usize, is_whole: impl Fn(&[Piece]) -> bool) -> Vec<Vec<Span>> {
    let columns = columns.max(1);
    let split;
    let pieces = if chunks(pieces).iter().any(|chunk| chunk.width > columns) {
        split = split_long(pieces, columns, is_whole);
        &split
    } else {
        pieces
    };
    let chunks = chunks(pieces);
    let mut lines = Vec::new();
    let mut first_piece = 0;
    for (first, last) in breaks(&chunks, columns) {
        let end = chunks[last].end;
        lines.push(spans(&pieces[first_piece..end]));
        debug_assert!(first <= last);
        first_piece = end;
    }
    lines
}

fn chunks(pieces: &[Piece]) -> Vec<Chunk> {
    let mut out = Vec::with_capacity(pieces.len());
    let mut width = 0;
    for (n, piece) in pieces.iter().enumerate() {
        width += piece.width;
        if piece.gap != Gap::None || n + 1 == pieces.len() {
            out.push(Chunk {
                end: n + 1,
                width,
                gap: piece.gap,
            });
            width = 0;
        }
    }
    out
}

/// The first and the last chunk of each line.
fn breaks(chunks: &[Chunk], columns: usize) -> Vec<(usize, usize)> {
    let count = chunks.len();
    // cost[n]: of the lines from chunk n on, when a line starts there. next[n]: where the next one starts.
    let mut cost = vec![0_usize; count + 1];
    let mut next = vec![count; count + 1];
    for first in (0..count).rev() {
        let mut width = 0;
        let mut best = usize::MAX;
        for (last, chunk) in chunks.iter().enumerate().skip(first) {
            width += chunk.width;
            if width > columns && last > first {
                break;
            }
            let free = columns.saturating_sub(width);
            let ends = last + 1 == count || chunk.gap == Gap::Line;
            let here = if ends {
                let alone = first == last && first > 0 && chunks[first - 1].gap != Gap::Line;
                // A lone short word at the end looks like a mistake.
                if alone && width < columns / 6 {
                    (columns / 4).pow(2)
                } else {
                    0
                }
            } else if chunk.gap == Gap::Soft {
                free * free + SOFT_COST
            } else {
                free * free
            };
            let total = here.saturating_add(cost[last + 1]);
            // On a tie the fuller line wins.
            if total <= best {
                best = total;
                next[first] = last + 1;
            }
            if chunk.gap == Gap::Line {
                break;
            }
            width += usize::from(chunk.gap == Gap::Blank);
        }
        cost[first] = best;
    }
    let mut out = Vec::new();
    let mut first = 0;
    while first < count {
        out.push((first, next[first] - 1));
        first = next[first];
    }
    out
}

/// Joins neighbours of one style; the gap after the last piece is dropped.
fn spans(pieces: &[Piece]) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    let mut blank_before: Option<&Piece> = None;
    for piece in pieces {
        if let Some(before) = blank_before {
            // The blank inside a link or inside code belongs to it; elsewhere it is plain.
            let same = before.style == piece.style && before.link == piece.link;
            let style = if same { piece.style } else { Style::default() };
            push(&mut out, " ", style, if same { piece.link } else { None });
        }
        push(&mut out, &piece.text, piece.style, piece.link);
        blank_before = (piece.gap == Gap::Blank).then_some(piece);
    }
    out
}

fn push(out: &mut Vec<Span>, text: &str, style: Style, link: Option<u16>) {
    if text.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(last) if last.style == style && last.link == link => last.text.push_str(text),
        _ => out.push(Span {
            text: text.to_owned(),
            style,
            link,
        }),
    }
}

/// Cuts what is wider than a line (an address, a path), after a sign where one is near.
fn split_long(pieces: &[Piece], columns: usize, is_whole: impl Fn(&[Piece]) -> bool) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len() * 2);
    let mut first = 0;
    for chunk in chunks(pieces) {
        let part = &pieces[first..chunk.end];
        first = chunk.end;
        if chunk.width <= columns || is_whole(part) {
            out.extend_from_slice(part);
            continue;
        }
        let mut column = 0;
        for piece in part {
            column = split_piece(piece, column, columns, &mut out);
        }
    }
    out
}

/// Splits one piece that starts at `column` of a line; returns the column after it.
fn split_piece(piece: &Piece, mut column: usize, columns: usize, out: &mut Vec<Piece>) -> usize {
    let mut text = String::new();
    let mut wide = 0;
    // Where the text could end well: bytes, and columns from there on.
    let mut sign: Option<(usize, usize)> = None;
    for grapheme in piece.text.graphemes(true) {
        let (grapheme, step) = match width(grapheme) {
            step if step > columns => ("?", 1),
            step => (grapheme, step),
        };
        if column + step > columns {
            let near = sign.filter(|(_, at)| column - at <= columns / 3);
            let rest = near.map_or(String::new(), |(bytes, _)| text.split_off(bytes));
            if text.is_empty() {
                // The line is full before this piece begins.
                if let Some(last) = out.last_mut() {
                    last.gap = Gap::Soft;
                }
            } else {
                let wide = width(&text);
                out.push(part_of(piece, std::mem::take(&mut text), wide, Gap::Soft));
            }
            text = rest;
            wide = width(&text);
            column = wide;
            sign = None;
        }
        text.push_str(grapheme);
        wide += step;
        column += step;
        if matches!(
            grapheme,
            "/" | "-" | "_" | "." | "," | ":" | "=" | "&" | "?" | "\\" | " "
        ) {
            sign = Some((text.len(), column));
        }
    }
    out.push(part_of(piece, text, wide, piece.gap));
    column
}

fn part_of(piece: &Piece, text: String, width: usize, gap: Gap) -> Piece {
    Piece {
        text,
        width,
        style: piece.style,
        link: piece.link,
        gap,
    }
}
