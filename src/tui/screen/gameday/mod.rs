//! Game day: a night is chosen, one is on call for it, and it is written up.
//!
//! - [`on_call`]: the evening, by the lines that are typed and by the clock;
//! - [`said`]: what was typed and answered, as rows; [`view`]: the drawing: pages and budgets, dashboards, the log, what was said.

mod on_call;
mod said;
#[cfg(test)]
mod tests;
mod view;

use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, JobId, Measuring, Place};
use crate::tui::event::MeasureNews;
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::picker::{Items, Picked, Picker};
use crate::tui::widget::scroll::Scroll;
use ddlab_design::gameday::night::{LAST, Night};
use on_call::OnCall;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

pub struct GameDay {
    state: State,
}

enum State {
    /// Which night.
    Choosing(Picker),
    OnCall(Box<OnCall>),
    /// The evening goes on to its end, away from the screen.
    Writing {
        night: Night,
        job: JobId,
        /// Of its runs, the share that is over.
        share: f64,
        /// Why it came to nothing.
        trouble: Option<String>,
    },
    Written {
        night: Night,
        text: String,
        scroll: Scroll,
    },
}

/// Seeds of nights that nobody chose.
const SEEDS: u64 = 10_000;

impl GameDay {
    /// # Errors
    /// When the line is not one of a night.
    pub fn open(night: Option<&str>) -> Result<Self, String> {
        let Some(line) = night else {
            let state = State::Choosing(Picker::default());
            return Ok(Self { state });
        };
        let night: Night = line.parse().map_err(|error| format!("{error}"))?;
        let on_call = OnCall::start(night).map_err(|error| error.to_string())?;
        Ok(Self {
            state: State::OnCall(Box::new(on_call)),
        })
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match &mut self.state {
            State::Choosing(picker) => match action {
                Action::Open => return begin(picker.chosen(), cx),
                action => {
                    let area = view::list(cx);
                    picker.act(action, &nights(), area.height.into());
                }
            },
            State::OnCall(on_call) => {
                if action == Action::Open && on_call.obey() {
                    return self.write();
                }
                return on_call.act(action, cx);
            }
            State::Writing { .. } => {}
            State::Written { text, .. } if action == Action::Copy => {
                return vec![Effect::Copy(text.clone())];
            }
            State::Written { text, scroll, .. } => {
                let (total, height) = view::extent(text, cx);
                scroll.act(action, total, height);
            }
        }
        Vec::new()
    }

    /// The night is over for whoever was on call.
    fn write(&mut self) -> Vec<Effect> {
        let State::OnCall(on_call) = &self.state else {
            return Vec::new();
        };
        let shift = &on_call.console.shift;
        let (night, done, job) = (shift.night, shift.done.clone(), JobId::fresh());
        self.state = State::Writing {
            night,
            job,
            share: 0.0,
            trouble: None,
        };
        vec![Effect::Measure(job, Measuring::GameDay { night, done })]
    }

    fn measured(&mut self, of: JobId, news: &MeasureNews) {
        let State::Writing {
            night,
            job,
            share,
            trouble,
        } = &mut self.state
        else {
            return;
        };
        if *job != of {
            return;
        }
        match news {
            MeasureNews::Written(text) => {
                self.state = State::Written {
                    night: *night,
                    text: text.to_string(),
                    scroll: Scroll::default(),
                };
            }
            MeasureNews::Share(now) => *share = *now,
            MeasureNews::Failed(reason) => *trouble = Some(reason.clone()),
            _ => {}
        }
    }

    fn night(&self) -> Option<Night> {
        match &self.state {
            State::Choosing(_) => None,
            State::OnCall(on_call) => Some(on_call.console.shift.night),
            State::Writing { night, .. } | State::Written { night, .. } => Some(*night),
        }
    }
}

fn nights() -> Items {
    Items::plain(LAST.into())
}

/// One of the nights, with a seed of this moment.
fn begin(place: usize, cx: &Cx<'_>) -> Vec<Effect> {
    let seed = cx.now.at.0.unsigned_abs() % SEEDS;
    let night = Night::new(place as u64 + 1, seed);
    let night = night.ok().map(|night| night.to_string());
    vec![Effect::Replace(Place::GameDay { night })]
}

impl Screen for GameDay {
    fn place(&self) -> Place {
        Place::GameDay {
            night: self.night().map(|night| night.to_string()),
        }
    }

    fn contexts(&self) -> Vec<Context> {
        match self.state {
            State::OnCall(_) => vec![Context::GameDay],
            State::Written { .. } => vec![
                Context::PostMortem,
                Context::Pages,
                Context::Movement,
                Context::Global,
            ],
            State::Choosing(_) => vec![Context::Nights, Context::Movement, Context::Global],
            State::Writing { .. } => vec![Context::Movement, Context::Global],
        }
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        match message {
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Act(action) => return self.act(action, cx),
            Message::Measured(job, news) => self.measured(job, &news),
            Message::Mouse(mouse) => match &mut self.state {
                State::Choosing(picker) => {
                    if let Picked::Opened = picker.mouse(mouse, &nights(), view::list(cx)) {
                        return begin(picker.chosen(), cx);
                    }
                }
                State::Written { text, scroll, .. } => {
                    let (total, height) = view::extent(text, cx);
                    scroll.wheel(mouse.kind, total, height);
                }
                State::OnCall(_) | State::Writing { .. } => {}
            },
            message => {
                if let State::OnCall(on_call) = &mut self.state {
                    let effects = on_call.update(message, cx);
                    if on_call.console.is_over() {
                        return self.write();
                    }
                    return effects;
                }
            }
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        view::draw(self, cx, buf);
    }

    /// The evening stands until one comes back.
    fn wait(&mut self) -> Option<Vec<Effect>> {
        matches!(self.state, State::OnCall(_)).then(Vec::new)
    }

    fn is_at(&self, place: &Place) -> bool {
        self.place() == *place
    }

    fn cursor(&self, cx: &Cx<'_>) -> Option<Position> {
        match &self.state {
            State::OnCall(on_call) => Some(view::cursor(on_call, cx)),
            _ => None,
        }
    }
}
