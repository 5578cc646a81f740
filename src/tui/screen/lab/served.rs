//! The line about the clients of a run that is served over HTTP.

use super::{LabScreen, Layout, Speed};
use crate::tui::live_run::serving::{Clients, ServeState, requests};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::Pen;
use ddlab_text::speed;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

impl LabScreen {
    /// On the blank row below the header; where it is too low for one, in place of the knob's help.
    pub(super) fn serving_line(&self, layout: &Layout, theme: &Theme, buf: &mut Buffer) {
        let ServeState::On(clients) = self.live.serving() else {
            return;
        };
        let below = Rect {
            y: layout.header.y.saturating_add(1),
            ..layout.header
        };
        let row = if below.intersects(layout.picture) {
            layout.help
        } else {
            below
        };
        Pen::new(row, buf).fill(" ", row.width, theme.style(Role::Text));
        let mut pen = Pen::new(row, buf);
        pen.put("serves ", theme.style(Role::Dim))
            .put(&clients.url, theme.style(Role::Accent));
        pen.skip(3)
            .put_whole(&requests(clients.answered), theme.style(Role::Strong));
        if let Some(text) = self.pace_for_clients(clients) {
            pen.skip(3).put_whole(&text, theme.style(Role::Warning));
        }
        let room = usize::from(pen.room()).saturating_sub(3);
        let last = theme.clip(&clients.last, room);
        pen.skip(3).put(&last, theme.style(Role::Dim));
    }

    /// What clients must know of the time here, when it is not as theirs.
    fn pace_for_clients(&self, clients: &Clients) -> Option<String> {
        if clients.stopping {
            Some("stopping: answers what is in flight".to_owned())
        } else if !self.live.is_playing() {
            Some("paused: requests wait".to_owned())
        } else if self.live.speed() == Speed::REAL {
            None
        } else {
            let speed = speed(self.live.speed().value());
            Some(format!("requests travel in virtual time, at {speed}"))
        }
    }
}
