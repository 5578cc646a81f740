//! The picture of a running system. Each lab has the one that suits it; all are drawn from a frame.
//!
//! - [`network`]: who asks, the many that answer, messages between them: the picture of any system;
//! - [`beliefs`]: states over time, one lane above the other;
//! - [`shards`]: the load of each shard, and the map of who owns what;
//! - [`belt`]: a queue, the workers at its end, and what they could not do;
//! - [`units`], [`signs`], [`rows`]: nodes as one sees them, how they look, and rows of them.

pub mod beliefs;
pub mod belt;
pub mod network;
mod rows;
pub mod shards;
pub mod signs;
pub mod units;

use crate::tui::theme::Theme;
use beliefs::Beliefs;
use belt::Belt;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::scene::{Scene, SceneKind};
use network::Network;
use network::plan::Plan;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use shards::Shards;
use shards::bars::{Bars, Form};

pub struct Picture<'a> {
    pub frame: &'a Frame,
    /// The number of the node that actions are aimed at.
    pub selected: Option<u32>,
    /// Whether time is slow enough for messages to be followed by eye.
    pub messages: bool,
    /// Virtual seconds per second, as asked for.
    pub speed: f64,
    pub theme: &'a Theme,
}

impl Widget for Picture<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        match &self.frame.scene {
            Scene::Network => self.network(area, buf),
            Scene::Timeline => {
                let beliefs = Beliefs {
                    frame: self.frame,
                    window: beliefs::window(self.frame, self.speed),
                    selected: self.selected,
                    theme: self.theme,
                };
                let below = beliefs.rest(area);
                beliefs.render(area, buf);
                if self.messages && below.height >= self.frame.nodes.len() as u16 {
                    self.network(below, buf);
                }
            }
            Scene::Shards(view) => Shards {
                frame: self.frame,
                view,
                selected: self.selected,
                messages: self.messages,
                theme: self.theme,
            }
            .render(area, buf),
            Scene::Belt(view) => Belt {
                frame: self.frame,
                view,
                selected: self.selected,
                messages: self.messages,
                theme: self.theme,
            }
            .render(area, buf),
        }
    }
}

impl Picture<'_> {
    fn network(&self, area: Rect, buf: &mut Buffer) {
        let plan = Plan::of(self.frame, area);
        let selected = self.selected.and_then(|number| {
            let mut members = plan.members.iter().copied();
            members.find(|index| plan.units.0[*index].number == number)
        });
        Network {
            frame: self.frame,
            plan: &plan,
            selected,
            messages: self.messages,
            theme: self.theme,
        }
        .render(area, buf);
    }
}

/// The same on a page, in few rows: a lab's own picture without what only a lab needs.
pub struct Small<'a> {
    pub frame: &'a Frame,
    pub speed: f64,
    pub theme: &'a Theme,
}

impl Widget for Small<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let (frame, theme) = (self.frame, self.theme);
        match &frame.scene {
            // The figure itself draws it, as bars without words.
            Scene::Network => {}
            Scene::Timeline => Beliefs {
                frame,
                window: beliefs::window(frame, self.speed),
                selected: None,
                theme,
            }
            .render(area, buf),
            Scene::Shards(view) => Bars {
                frame,
                view,
                selected: None,
                messages: false,
                form: Form::small(view.shards.len(), area),
                theme,
            }
            .render(area, buf),
            Scene::Belt(view) => Belt {
                frame,
                view,
                selected: None,
                messages: false,
                theme,
            }
            .small(area, buf),
        }
    }
}

/// Rows of a page that the picture needs at least.
pub fn small_rows(kind: SceneKind) -> u16 {
    match kind {
        SceneKind::Network => 3,
        // Five lanes, their axis, and what the signs say.
        SceneKind::Timeline => 7,
        SceneKind::Shards => 6,
        SceneKind::Belt => 4,
    }
}

/// The number of the node that is drawn under this place.
pub fn hit(frame: &Frame, area: Rect, at: Position) -> Option<u32> {
    match &frame.scene {
        Scene::Network => {
            let plan = Plan::of(frame, area);
            let unit = plan.hit(frame, at)?;
            Some(plan.units.0[unit].number)
        }
        Scene::Timeline => beliefs::hit(frame, area, at),
        Scene::Shards(view) => shards::hit(view, area, at),
        Scene::Belt(view) => belt::hit(view, area, at),
    }
}

/// How much of a screen's width the picture should have, in tenths: time needs columns.
pub fn tenths_of_width(kind: SceneKind) -> u16 {
    match kind {
        SceneKind::Timeline => 5,
        SceneKind::Network | SceneKind::Shards | SceneKind::Belt => 4,
    }
}
