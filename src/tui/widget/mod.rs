//! Stateless drawing pieces that screens share. Each survives any area, down to nothing.

pub mod axis;
pub mod chart;
pub mod distribution;
mod dots;
pub mod field;
pub mod figure;
pub mod footer;
pub mod header;
pub mod kept;
pub mod knobs;
pub mod number;
pub mod parts;
pub mod pen;
pub mod picker;
pub mod picture;
mod plot;
pub mod popup;
pub mod prose;
pub mod quiz;
pub mod readings;
pub mod scroll;
pub mod still;
pub mod term;
pub mod timeline;
pub mod waterfall;
pub mod wrapped;

use parts::Parts;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The widest column of running text.
pub const TEXT_WIDTH: u16 = 92;

/// Cells on each side of a page when there is room.
const MARGIN: u16 = 2;

/// `area` without its margins: two cells on each side when there is room, one when it is narrow.
pub fn page(area: Rect) -> Rect {
    let margin = if area.width >= 70 { MARGIN } else { 1 };
    area.after(margin).before(margin)
}

/// The middle `width` columns of an area.
pub fn column(area: Rect, width: u16) -> Rect {
    let width = width.min(area.width);
    area.after((area.width - width) / 2).first(width)
}

/// A text in a style that ends with it. The style of a `Line` itself covers all of the area that it is
/// drawn on, and with it what stands there already.
pub fn styled<'a>(text: impl Into<Cow<'a, str>>, style: Style) -> Line<'a> {
    Line::from(Span::styled(text, style))
}

/// A text that fits into `width` cells, with `mark` where it was cut.
pub fn clipped(text: &str, width: usize, mark: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut taken = mark.width();
    for grapheme in text.graphemes(true) {
        taken += grapheme.width();
        if taken > width {
            break;
        }
        kept.push_str(grapheme);
    }
    format!("{}{mark}", kept.trim_end())
}

/// A frame of a lab that never ran, for tests of what draws it.
#[cfg(test)]
pub mod fixture;

/// What is drawn, row by row.
#[cfg(test)]
pub fn rows_of(buf: &ratatui::buffer::Buffer) -> Vec<String> {
    let width = usize::from(buf.area.width).max(1);
    buf.content()
        .chunks(width)
        .map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect())
        .collect()
}
