//! The picture of a running system. Each lab names the one that suits it; all are drawn from a frame, by a
//! [`Painter`] each:
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
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::scene::SceneKind;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

/// Draws one kind of picture.
pub trait Painter: Sync {
    /// On the screen of the lab.
    fn draw(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer);

    /// On a page, in few rows: without what only the screen of the lab needs.
    fn draw_small(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer);

    /// Rows of a page that it needs at least.
    fn small_rows(&self) -> u16;

    /// The number of the node that is drawn under this place.
    fn hit(&self, frame: &Frame, area: Rect, at: Position) -> Option<u32>;

    /// Columns and rows that it has something to say in, of those that it may have.
    fn extent(&self, _frame: &Frame, area: Rect) -> (u16, u16) {
        (area.width, area.height)
    }

    /// How much of a screen's width it should have, in tenths.
    fn tenths_of_width(&self) -> u16 {
        4
    }
}

/// Who draws a kind of picture. To add a kind, add its painter here.
pub fn painter(kind: SceneKind) -> &'static dyn Painter {
    match kind {
        SceneKind::Network => &network::Painter,
        SceneKind::Timeline => &beliefs::Painter,
        SceneKind::Shards => &shards::Painter,
        SceneKind::Belt => &belt::Painter,
    }
}

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

impl Picture<'_> {
    pub fn small(&self, area: Rect, buf: &mut Buffer) {
        painter(self.frame.scene.kind()).draw_small(self, area, buf);
    }
}

impl Widget for Picture<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        painter(self.frame.scene.kind()).draw(&self, area, buf);
    }
}
