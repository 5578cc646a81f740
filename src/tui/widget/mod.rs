//! Stateless drawing pieces that screens share. Each survives any area, down to nothing.

pub mod axis;
pub mod chart;
pub mod digits;
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
pub mod sheet;
pub mod still;
pub mod term;
pub mod text_area;
pub mod timeline;
pub mod waterfall;
pub mod wrapped;

use parts::Parts;
use ratatui::layout::Rect;

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
