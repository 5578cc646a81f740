//! Writes one row from left to right and stops at its edge, so that no widget counts columns by hand.

use super::parts::Parts;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub struct Pen<'a> {
    buf: &'a mut Buffer,
    row: Rect,
    /// The column that is written next.
    x: u16,
}

impl<'a> Pen<'a> {
    /// A pen at the left of the first row of `area`, held within the buffer.
    pub fn new(area: Rect, buf: &'a mut Buffer) -> Self {
        Self::at(area, 0, buf)
    }

    /// A pen at the left of the row `down` rows below the top of `area`. Outside of it nothing is written.
    pub fn at(area: Rect, down: u16, buf: &'a mut Buffer) -> Self {
        let row = area.row(down).intersection(buf.area);
        Self { x: row.x, buf, row }
    }

    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        if !self.row.is_empty() && self.x < self.row.right() {
            let room = usize::from(self.row.right() - self.x);
            self.x = self
                .buf
                .set_stringn(self.x, self.row.y, text, room, style)
                .0;
        }
        self
    }

    /// The same, at the right of a field of this width: a number whose last digit stays where it is.
    pub fn put_right(&mut self, text: &str, width: usize, style: Style) -> &mut Self {
        self.skip((width.saturating_sub(text.width())) as u16);
        self.put(text, style)
    }

    /// Writes the text whole or, when it does not fit, not at all: half a number is a wrong number.
    pub fn put_whole(&mut self, text: &str, style: Style) -> &mut Self {
        if text.width() <= usize::from(self.room()) {
            self.put(text, style);
        }
        self
    }

    /// Fills this many cells with one sign.
    pub fn fill(&mut self, sign: &str, width: u16, style: Style) -> &mut Self {
        for _ in 0..width.min(self.room()) {
            self.put(sign, style);
        }
        self
    }

    pub fn skip(&mut self, width: u16) -> &mut Self {
        self.x = self.x.saturating_add(width).min(self.row.right());
        self
    }

    /// Goes to a column, counted from the left of the row.
    pub fn to(&mut self, column: u16) -> &mut Self {
        self.x = self.row.x.saturating_add(column).min(self.row.right());
        self
    }

    /// Cells left on this row.
    pub fn room(&self) -> u16 {
        self.row.right().saturating_sub(self.x)
    }

    /// The column that is written next, on the screen.
    pub fn x(&self) -> u16 {
        self.x
    }
}

/// The text cut to a width, with a sign that it goes on.
pub fn clip(text: &str, width: usize, ellipsis: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut cells = ellipsis.width();
    for grapheme in text.graphemes(true) {
        cells += grapheme.width();
        if cells > width {
            break;
        }
        kept.push_str(grapheme);
    }
    if width > 0 {
        kept.truncate(kept.trim_end().len());
        kept.push_str(ellipsis);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_at_the_edge_and_keeps_numbers_whole() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 1));
        let area = Rect::new(2, 0, 6, 1);
        let mut pen = Pen::new(area, &mut buf);
        pen.put("abcd", Style::new())
            .put_whole(" 123", Style::new())
            .put("xyz", Style::new());
        assert_eq!(
            buf.content()
                .iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect::<String>(),
            "  abcdxy  "
        );
    }

    #[test]
    fn outside_of_the_buffer_nothing_is_written() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 3, 1));
        Pen::new(Rect::new(9, 9, 5, 5), &mut buf).put("x", Style::new());
        Pen::at(Rect::new(0, 0, 3, 1), 4, &mut buf).put("x", Style::new());
        assert_eq!(buf, Buffer::empty(Rect::new(0, 0, 3, 1)));
    }

    #[test]
    fn clipping_says_that_more_follows() {
        assert_eq!(clip("scatter", 7, "…"), "scatter");
        assert_eq!(clip("scatter gather", 9, "…"), "scatter…");
        assert_eq!(clip("scatter", 1, "…"), "…");
        assert_eq!(clip("scatter", 0, "…"), "");
    }
}
