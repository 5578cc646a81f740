//! Where the parts of the reader are.

use crate::tui::widget::parts::Parts;
use crate::tui::widget::{TEXT_WIDTH, page};
use ratatui::layout::Rect;

/// Columns of the outline: at least, and where there is room.
const OUTLINE: u16 = 26;
const OUTLINE_MAX: u16 = 40;
/// Columns between it and the text.
const AIR: u16 = 4;
/// The outline is shown when this much text still fits beside it.
const TEXT_BESIDE: u16 = 78;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    pub header: Rect,
    /// The thin line that fills as one reads.
    pub progress: Rect,
    pub outline: Option<Rect>,
    pub text: Rect,
    /// The bottom row, where a search is typed.
    pub search: Rect,
}

/// The text is centred; the outline stands left of it when it leaves the text its width.
pub fn areas(area: Rect) -> Areas {
    let inner = page(area);

    // Blank rows around the text are a luxury of taller screens.
    let (above, below) = (u16::from(area.height >= 20), u16::from(area.height >= 28));
    let body = inner.below(2 + above).above(below);
    let beside = body.width.saturating_sub(OUTLINE + AIR);
    let outlined = beside >= TEXT_BESIDE;
    let width = if outlined { beside } else { body.width }.min(TEXT_WIDTH);
    let centred = (body.width - width) / 2;
    let left = if outlined { OUTLINE + AIR } else { 0 };
    let text = body.after(centred.max(left)).first(width);
    let columns = (text.x - body.x).saturating_sub(AIR).min(OUTLINE_MAX);
    let outline = outlined.then(|| {
        let left = body.first(text.x - body.x - AIR);
        left.last(columns)
    });

    Areas {
        header: inner.row(0),
        progress: inner.row(1),
        outline,
        text,

        search: inner.last_row(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: u16, height: u16) -> Areas {
        areas(Rect::new(0, 0, width, height))
    }

    #[test]
    fn the_text_never_exceeds_its_column_and_is_centred() {
        let wide = at(200, 59);
        assert_eq!((wide.text.x, wide.text.width), (54, 92));
        assert_eq!(wide.outline.map(|o| o.right() + AIR), Some(54));
    }

    #[test]
    fn the_outline_is_there_when_there_is_room() {
        assert_eq!(at(80, 23).outline, None);
        assert_eq!(at(80, 23).text.width, 76);
        assert_eq!(at(120, 34).text.width, 86);
        assert!(at(120, 34).outline.is_some());
    }

    #[test]
    fn no_area_is_too_small() {
        for width in 0..30 {
            for height in 0..8 {
                let area = Rect::new(0, 0, width, height);
                let areas = areas(area);
                for part in [areas.text, areas.header, areas.progress, areas.search] {
                    assert_eq!(part.intersection(area), part, "{width}x{height}");
                }
            }
        }
    }
}
