//! The line about the clients of a run that is served over HTTP.

use super::{LabScreen, Layout, Speed};
use crate::designs;
use crate::gateway::curl;
use crate::tui::live_run::serving::{Clients, ServeState, requests};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::Pen;
use ddlab_text::speed;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

impl LabScreen {
    /// On the blank row below the header; where it is too low for one or what is compared stands there, in place of the
    /// knob's help.
    pub(super) fn serving_line(&self, layout: &Layout, theme: &Theme, buf: &mut Buffer) {
        let ServeState::On(clients) = self.live.serving() else {
            return;
        };
        let below = Rect {
            y: layout.header.y.saturating_add(1),
            ..layout.header
        };
        let row = if below.intersects(layout.picture) || self.is_comparing() {
            layout.help
        } else {
            below
        };
        Pen::new(row, buf).fill(" ", row.width, theme.style(Role::Text));
        let mut pen = Pen::new(row, buf);
        pen.put(&self.first_request(&clients.url), theme.style(Role::Accent));
        pen.skip(3)
            .put_whole(&requests(clients.answered), theme.style(Role::Strong));
        if let Some(text) = self.pace_for_clients(clients) {
            pen.skip(3).put_whole(&text, theme.style(Role::Warning));
        }
        let room = usize::from(pen.room()).saturating_sub(3);
        let last = theme.clip(&clients.last, room);
        pen.skip(3).put(&last, theme.style(Role::Dim));
    }

    /// A request that one may try, as a shell takes it.
    fn first_request(&self, url: &str) -> String {
        let first = self.spec.endpoints.first();
        first.map_or_else(|| format!("curl '{url}/'"), |one| curl(url, one))
    }

    /// What somebody else needs: while it is served its requests, else the command that makes this run.
    pub(super) fn copied(&self) -> Option<String> {
        let ServeState::On(clients) = self.live.serving() else {
            return self.command();
        };
        let url = &clients.url;
        let requests = self.spec.endpoints.iter().map(|one| curl(url, one));
        let lines: Vec<String> = requests.chain([format!("curl '{url}/'")]).collect();
        Some(lines.join("\n"))
    }

    /// The command that makes this run up to here.
    fn command(&self) -> Option<String> {
        let frame = self.frame()?;
        let knobs = self.spec.knobs.iter().zip(&frame.initial_knobs);
        let set = knobs
            .filter(|(knob, value)| knob.default != **value)
            .map(|(knob, value)| format!(" --set '{}={value}'", knob.name));
        let at = designs::added(self.spec.id, &frame.interventions);
        let at = at.map(|timed| format!(" --at '{}ns:{}'", timed.at.0, timed.what));
        Some(format!(
            "ddlab {} run {} --seed {} --for {}s --warmup 0s{}",
            designs::room(self.spec.id),
            self.spec.id,
            self.live.seed(),
            frame.now.as_secs_f64().ceil(),
            set.chain(at).collect::<String>()
        ))
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
