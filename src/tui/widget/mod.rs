//! Stateless drawing pieces that screens share. Each survives any area, down to nothing.

pub mod footer;
pub mod header;
pub mod popup;
pub mod prose;
pub mod quiz;
pub mod scroll;

use ratatui::layout::Rect;

/// The widest column of running text.
pub const TEXT_WIDTH: u16 = 92;

/// `area` without its margins: two cells on each side when there is room, one when it is narrow.
pub fn page(area: Rect) -> Rect {
    let margin = if area.width >= 70 { 2 } else { 1 };
    Rect {
        x: area.x + margin.min(area.width),
        width: area.width.saturating_sub(2 * margin),
        ..area
    }
}

/// The middle `width` columns of an area.
pub fn column(area: Rect, width: u16) -> Rect {
    let width = width.min(area.width);
    Rect {
        x: area.x + (area.width - width) / 2,
        width,
        ..area
    }
}
