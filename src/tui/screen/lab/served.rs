//! The run that one watches, served over HTTP: `o` begins and ends it, a line below the header tells.

use super::{LabScreen, Layout, Speed};
use crate::gateway::News;
use crate::tui::effect::{Effect, Notice};
use crate::tui::serving::Served;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::{Pen, clip};
use ddlab_text::speed;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Whether clients may come.
#[derive(Debug, Default)]
pub(super) enum Doorway {
    #[default]
    Shut,
    Opening,
    Open(Visits),
}

/// What clients have done so far.
#[derive(Debug)]
pub(super) struct Visits {
    url: String,
    answered: u64,
    /// The newest request with its status.
    last: String,
    stopping: bool,
}

impl Doorway {
    /// Somebody else relies on the run to go on.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Open(_) | Self::Opening)
    }
}

impl LabScreen {
    /// Serves the run, at the pace of the clock; or stops serving it.
    pub(super) fn serve(&mut self) -> Vec<Effect> {
        let Some(run) = self.run else {
            return Vec::new();
        };
        match &mut self.doorway {
            Doorway::Opening => Vec::new(),
            Doorway::Open(visits) => {
                visits.stopping = true;
                vec![Effect::Serve(run, false)]
            }
            Doorway::Shut => {
                self.doorway = Doorway::Opening;
                let mut effects = self.set_speed(Speed::REAL);
                effects.push(Effect::Serve(run, true));
                effects.push(Effect::Notice(Notice::info(
                    "served at 1x, so that virtual time passes as fast as that of the clients",
                )));
                effects
            }
        }
    }

    pub(super) fn heard(&mut self, told: Served) -> Vec<Effect> {
        match told {
            Served::At(url) => {
                self.doorway = Doorway::Open(Visits {
                    url,
                    answered: 0,
                    last: String::new(),
                    stopping: false,
                });
            }
            Served::Failed(reason) => {
                self.doorway = Doorway::Shut;
                return vec![Effect::Notice(Notice::trouble(reason))];
            }
            Served::News(News::Answered { total, line }) => {
                if let Doorway::Open(visits) = &mut self.doorway {
                    visits.answered = total;
                    visits.last = line;
                }
            }
            // What a client turns is turned here too.
            Served::News(News::Turned { knob, value }) => {
                let place = self.spec.knobs.iter().position(|spec| spec.name == knob);
                if let Some(place) = place {
                    self.values[place] = value;
                }
            }
            Served::News(News::Ended { total }) => {
                self.doorway = Doorway::Shut;
                let text = format!("no longer served; it has answered {}", requests(total));
                return vec![Effect::Notice(Notice::info(text))];
            }
        }
        Vec::new()
    }

    /// On the blank row below the header; where it is too low for one, in place of the knob's help.
    pub(super) fn doorway_line(&self, layout: &Layout, theme: &Theme, buf: &mut Buffer) {
        let Doorway::Open(visits) = &self.doorway else {
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
            .put(&visits.url, theme.style(Role::Accent));
        pen.skip(3)
            .put_whole(&requests(visits.answered), theme.style(Role::Strong));
        if let Some(text) = self.pace_for_clients(visits) {
            pen.skip(3).put_whole(&text, theme.style(Role::Warning));
        }
        let room = usize::from(pen.room()).saturating_sub(3);
        let last = clip(&visits.last, room, theme.symbols.ellipsis);
        pen.skip(3).put(&last, theme.style(Role::Dim));
    }

    /// What clients must know of the time here, when it is not as theirs.
    fn pace_for_clients(&self, visits: &Visits) -> Option<String> {
        if visits.stopping {
            Some("stopping: answers what is in flight".to_owned())
        } else if !self.playing {
            Some("paused: requests wait".to_owned())
        } else if self.speed == Speed::REAL {
            None
        } else {
            let speed = speed(self.speed.value());
            Some(format!("requests travel in virtual time, at {speed}"))
        }
    }
}

fn requests(answered: u64) -> String {
    match answered {
        1 => "1 request".to_owned(),
        many => format!("{many} requests"),
    }
}
