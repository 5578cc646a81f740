//! A live run, open to HTTP clients.

use super::LiveRun;
use super::speed::Speed;
use crate::gateway::News;
use crate::tui::effect::Effect;
use crate::tui::serving::Served;

/// Whether clients may come.
#[derive(Debug, Default)]
pub enum ServeState {
    #[default]
    Off,
    Starting,
    On(Clients),
}

/// What clients have done so far.
#[derive(Debug)]
pub struct Clients {
    pub url: String,
    pub answered: u64,
    /// The newest request with its status.
    pub last: String,
    pub stopping: bool,
}

impl ServeState {
    /// Somebody else relies on the run to go on.
    pub fn is_on(&self) -> bool {
        matches!(self, Self::On(_) | Self::Starting)
    }
}

impl LiveRun {
    pub fn serving(&self) -> &ServeState {
        &self.serving
    }

    /// Serves the run, at the pace of the clock; or stops serving it.
    pub fn toggle_serving(&mut self) -> Vec<Effect> {
        let Some(run) = self.id() else {
            return Vec::new();
        };
        match &mut self.serving {
            ServeState::Starting => Vec::new(),
            ServeState::On(clients) => {
                clients.stopping = true;
                vec![Effect::Serve(run, false)]
            }
            ServeState::Off => {
                self.serving = ServeState::Starting;
                let mut effects = self.set_speed(Speed::REAL);
                effects.push(Effect::Serve(run, true));
                effects.push(Effect::info(
                    "served at 1x, so that virtual time passes as fast as that of the clients",
                ));
                effects
            }
        }
    }

    pub(super) fn on_served(&mut self, served: &Served) -> Vec<Effect> {
        match served {
            Served::At(url) => {
                self.serving = ServeState::On(Clients {
                    url: url.clone(),
                    answered: 0,
                    last: String::new(),
                    stopping: false,
                });
            }
            Served::Failed(reason) => {
                self.serving = ServeState::Off;
                return vec![Effect::trouble(reason.clone())];
            }
            Served::News(News::Answered { total, line }) => {
                if let ServeState::On(clients) = &mut self.serving {
                    clients.answered = *total;
                    clients.last.clone_from(line);
                }
            }
            Served::News(News::Turned { knob, value }) => self.show_turned(knob, value),
            Served::News(News::Ended { total }) => {
                self.serving = ServeState::Off;
                let text = format!("no longer served; it has answered {}", requests(*total));
                return vec![Effect::info(text)];
            }
        }
        Vec::new()
    }
}

/// `1 request`, `12 requests`.
pub fn requests(answered: u64) -> String {
    match answered {
        1 => "1 request".to_owned(),
        many => format!("{many} requests"),
    }
}
