//! The load of each shard against the mean. A row each while there is room ([`lying`]); else upright bars
//! in bands, one column a shard, and the fullest of them by name ([`upright`]).

mod lying;
mod upright;

use super::{hot_on, hot_sign};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::picture::rows::Rows;
use crate::tui::widget::picture::signs;
use ddlab_labs::workbench::frame::{Frame, NodeState, NodeView};
use ddlab_labs::workbench::scene::{ShardView, ShardsView};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

/// A row narrower than this has no room for its bar.
const ROW_MIN: u16 = 26;
/// Rows of a band of upright bars, at most.
const BAND_MAX: u16 = 6;
/// Cells of a bar with its gap, at most.
const CELL_MAX: u16 = 4;
/// Rows for the fullest shards by name.
const FULLEST: u16 = 3;
/// From this many times the mean on a shard is called hot.
const FULL: f64 = 1.25;

pub struct Bars<'a> {
    pub frame: &'a Frame,
    pub view: &'a ShardsView,
    pub selected: Option<u32>,
    pub messages: bool,
    pub form: Form,
    pub theme: &'a Theme,
}

/// How the bars lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Rows(Rows),
    Upright {
        columns: u16,
        bands: u16,
        /// Rows of a band.
        each: u16,
        /// Cells of a bar and of the gap after it.
        cell: u16,
        /// Cells for the number of the first of a band; none where each has its number below.
        label: u16,
        fullest: u16,
    },
}

impl Form {
    pub fn of(count: usize, area: Rect) -> Self {
        // The first row says where the mean is.
        let below = Rect {
            y: area.y + 1,
            height: area.height.saturating_sub(1),
            ..area
        };
        match Rows::fit(below, count, ROW_MIN) {
            Some(rows) => Self::Rows(rows),
            None => Self::upright(count, area),
        }
    }

    /// Upright, with nothing beside the bars but their numbers.
    pub fn small(count: usize, area: Rect) -> Self {
        Self::standing(count, area, 0)
    }

    fn upright(count: usize, area: Rect) -> Self {
        Self::standing(count, area, FULLEST)
    }

    fn standing(count: usize, area: Rect, most_fullest: u16) -> Self {
        let count = count.max(1);
        // Wide enough for its number below it, a bar needs no other label.
        let digits = count.to_string().len() as u16;
        let cell = (area.width / count as u16).min(CELL_MAX);
        let named = cell > digits;
        let (cell, label) = if named { (cell, 0) } else { (1, digits + 1) };
        let columns = (area.width.saturating_sub(label) / cell).clamp(1, count as u16);
        let bands = count.div_ceil(columns.into()) as u16;
        let numbers = u16::from(named);
        let fullest = area.height.saturating_sub(bands * (1 + numbers));
        let fullest = most_fullest.min(fullest);
        let each = ((area.height - fullest) / bands.max(1)).saturating_sub(numbers);
        Self::Upright {
            columns,
            bands,
            each: each.clamp(1, BAND_MAX),
            cell,
            label,
            fullest,
        }
    }

    pub fn height(&self) -> u16 {
        match self {
            Self::Rows(rows) => rows.height() + 1,
            Self::Upright {
                bands,
                each,
                label,
                fullest,
                ..
            } => bands * (each + u16::from(*label == 0)) + fullest,
        }
    }

    /// Which of the shards is under this place.
    pub fn hit(&self, area: Rect, at: Position) -> Option<usize> {
        match self {
            Self::Rows(rows) => rows.hit(at),
            Self::Upright {
                columns,
                bands,
                each,
                cell,
                label,
                ..
            } => {
                let column = at.x.checked_sub(area.x + label)? / cell;
                let band = at.y.checked_sub(area.y)? / (each + u16::from(*label == 0));
                (column < *columns && band < *bands)
                    .then(|| usize::from(band * columns) + usize::from(column))
            }
        }
    }
}

/// The end of the scale: so many times the mean, a round number, so that it rarely changes.
fn top(shards: &[ShardView], mean: f64) -> f64 {
    let greatest = shards.iter().map(|shard| shard.load).fold(0.0, f64::max);
    let times = [2.0, 3.0, 5.0, 8.0, 13.0, 20.0]
        .into_iter()
        .find(|times| times * mean >= greatest);
    times.map_or(greatest.max(mean), |times| times * mean)
}

impl Bars<'_> {
    fn mean(&self) -> f64 {
        1.0 / self.view.shards.len().max(1) as f64
    }

    fn node(&self, shard: &ShardView) -> Option<&NodeView> {
        self.frame.nodes.get(shard.node as usize)
    }

    fn name(&self, shard: &ShardView) -> String {
        self.node(shard)
            .map_or_else(String::new, |node| node.name.clone())
    }

    fn is_down(&self, shard: &ShardView) -> bool {
        self.node(shard)
            .is_some_and(|node| node.state == NodeState::Down)
    }

    fn fullest(&self) -> Option<u32> {
        let shards = self.view.shards.iter();
        let fullest = shards.max_by(|a, b| a.load.total_cmp(&b.load))?;
        (fullest.load > FULL * self.mean()).then_some(fullest.number)
    }

    /// What is to be said of a shard, what matters most first.
    fn remarks(&self, shard: &ShardView, short: bool) -> Vec<(String, Role)> {
        let theme = self.theme;
        let mut remarks = Vec::new();
        if let Some(state) = self.node(shard).and_then(|node| signs::state(node, theme)) {
            remarks.push(state);
        }
        let hot = hot_on(self.view, shard);
        if let Some((first, others)) = hot.split_first() {
            let more = match others.len() {
                0 => String::new(),
                more => format!("+{more}"),
            };
            let text = if short {
                format!("{}{first}{more}", hot_sign(theme))
            } else {
                format!("{} key {first}{more}", hot_sign(theme))
            };
            remarks.push((text, Role::Warning));
        }
        if self.fullest() == Some(shard.number) {
            let times = format!("{:.1}x", shard.load / self.mean());
            remarks.push((times, Role::Warning));
        }
        match self.node(shard).map_or(0, |node| node.queue) {
            0 => {}
            waiting => remarks.push((format!("q{waiting}"), Role::Warning)),
        }
        if shard.joined {
            remarks.push(("new".to_owned(), Role::Good));
        }
        remarks
    }
}

impl Widget for Bars<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        if area.is_empty() || self.view.shards.is_empty() {
            return;
        }
        match self.form {
            Form::Rows(rows) => self.rows(&rows, area, buf),
            Form::Upright { .. } => self.upright(area, buf),
        }
    }
}
