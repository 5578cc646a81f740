//! The top line of a screen: what this is on the left, where one stands on the right.

use super::parts::Parts;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

pub struct Header<'a> {
    pub title: Line<'a>,
    pub status: Line<'a>,
}

/// Where a header stands over a centred column of this width, so that their left edges meet.
pub fn header_area(area: Rect, width: u16) -> Rect {
    super::column(area, width + 2 * super::MARGIN)
}

impl Header<'_> {
    pub fn new(title: impl Into<String>, status: impl Into<String>, theme: &Theme) -> Self {
        Self {
            title: theme.line(title.into(), Role::Title),
            status: theme.line(status.into(), Role::Dim),
        }
    }
}

impl Widget for Header<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let inner = super::page(area.upper(1));
        if inner.is_empty() {
            return;
        }
        let status_width = (self.status.width() as u16).min(inner.width);
        self.title.render(inner.before(status_width + 2), buf);
        self.status.render(inner.last(status_width), buf);
    }
}
