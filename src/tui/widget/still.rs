//! The place of a figure whose lab is still to come: the frame of a live one, and a sentence in it. It
//! is no error, so nothing of it looks like one.

use super::figure;
use super::pen::Pen;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// Rows that it takes on a page: the frame and the sentence.
pub const HEIGHT: u16 = 3;

pub struct Still<'a> {
    /// The id of the figure in its lab: `paused-owner`.
    pub figure: &'a str,
    pub theme: &'a Theme,
}

impl Widget for Still<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let theme = self.theme;
        let inner = figure::frame(Role::Border, theme, area, buf);
        figure::title("still", &self.figure.replace('-', " "), theme, area, buf);
        if !inner.is_empty() {
            let words = theme.clip("comes with the lab", inner.width);
            Pen::new(inner, buf).put(&words, theme.style(Role::Dim));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Ground};

    #[test]
    fn it_survives_any_area() {
        let theme = Theme::new(Ground::Dark, Depth::Sixteen, true);
        for (width, height) in [(0, 0), (1, 1), (2, 2), (5, 3), (200, 1), (40, 3)] {
            let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
            let still = Still {
                figure: "paused-owner",
                theme: &theme,
            };
            still.render(Rect::new(0, 0, width + 3, height + 3), &mut buf);
        }
    }
}
