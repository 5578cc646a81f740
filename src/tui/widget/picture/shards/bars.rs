//! The load of each shard against the mean. A row each while there is room; else upright bars in bands,
//! one column a shard, and the fullest of them by name.

use super::{colour_of, hot_on, hot_sign, sign_of};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::{Pen, clip};
use crate::tui::widget::picture::rows::{Rows, name_role};
use crate::tui::widget::picture::signs;
use ddlab_labs::workbench::frame::{Frame, NodeState, NodeView};
use ddlab_labs::workbench::scene::{ShardView, ShardsView};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// A row narrower than this has no room for its bar.
const ROW_MIN: u16 = 26;
/// Cells of `100 %`.
const SHARE_WIDTH: usize = 5;
/// Bars longer than this say no more.
const BAR_MAX: u16 = 40;
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
        match self.node(shard).map_or(0, |node| node.queue) {
            0 => {}
            waiting => remarks.push((format!("q{waiting}"), Role::Warning)),
        }
        if shard.joined {
            remarks.push(("new".to_owned(), Role::Good));
        }
        remarks
    }

    fn rows(&self, rows: &Rows, area: Rect, buf: &mut Buffer) {
        let (theme, mean) = (self.theme, self.mean());
        let top = top(&self.view.shards, mean);
        let width = rows.width();
        let track = match width {
            60.. => 8,
            40.. => 3,
            _ => 1,
        };
        let names = self
            .view
            .shards
            .iter()
            .map(|shard| self.name(shard).width());
        let label = names.max().unwrap_or(0) as u16;
        // Branch, sign, name, gaps, share; of the rest a half is for the bar and a half for words.
        let fixed = 1 + track + 1 + 2 + label + 1 + 1 + SHARE_WIDTH as u16 + 1;
        let bar = (width.saturating_sub(fixed) / 2).min(BAR_MAX);
        let at_mean = (mean / top * f64::from(bar)) as u16;
        let bar_at = 1 + track + 1 + 2 + label + 1;
        self.mean_label(bar_at + at_mean, width, area, buf);
        for (n, shard) in self.view.shards.iter().enumerate() {
            let mut pen = rows.branch(n, track, theme, buf);
            let sign = sign_of(shard.number).to_string();
            let name = self.name(shard);
            let style = theme.style(name_role(self.selected == Some(shard.number)));
            pen.put(&sign, theme.style(colour_of(shard.number)))
                .skip(1)
                .put(&name, style)
                .to(bar_at);
            self.bar(shard, top, bar, at_mean, &mut pen);
            let share = format!("{:.0} %", shard.load * 100.0);
            let role = if self.fullest() == Some(shard.number) {
                Role::Warning
            } else {
                Role::Text
            };
            pen.skip(1)
                .put_right(&share, SHARE_WIDTH, theme.style(role));
            if self.fullest() == Some(shard.number) {
                let times = format!("{:.1}x", shard.load / mean);
                pen.skip(1).put(&times, theme.style(Role::Warning));
            }
            for (text, role) in self.remarks(shard, width < 56) {
                if text.width() < usize::from(pen.room()) {
                    pen.skip(1).put(&text, theme.style(role));
                }
            }
            self.caches(shard, width, &mut pen);
        }
        if self.messages {
            let shards = &self.view.shards;
            let row_of = |node| shards.iter().position(|shard| shard.node == node);
            rows.messages(self.frame, 0, row_of, track, theme, buf);
        }
    }

    /// Above the bars: where the mean is.
    fn mean_label(&self, column: u16, width: u16, area: Rect, buf: &mut Buffer) {
        let (theme, mean) = (self.theme, self.mean());
        let text = format!("mean {:.0} %", mean * 100.0);
        let sign = if theme.is_ascii() { "v" } else { "▾" };
        let mut pen = Pen::new(area, buf);
        pen.to(column).put(sign, theme.style(Role::Dim));
        if usize::from(width.saturating_sub(column)) > text.width() + 2 {
            pen.skip(1).put_whole(&text, theme.style(Role::Dim));
        }
    }

    fn bar(&self, shard: &ShardView, top: f64, width: u16, at_mean: u16, pen: &mut Pen<'_>) {
        let theme = self.theme;
        let eighths = (shard.load / top * f64::from(width) * 8.0).round() as u16;
        let role = match () {
            () if self.is_down(shard) => Role::Faint,
            () if self.fullest() == Some(shard.number) => Role::Warning,
            () => Role::Accent,
        };
        for cell in 0..width {
            let filled = eighths.saturating_sub(cell * 8).min(8);
            let sign = theme.symbols.eighths[usize::from(filled)];
            if cell == at_mean && filled < 8 {
                pen.put(theme.symbols.vertical, theme.style(Role::Dim));
            } else {
                pen.put(sign, theme.style(role));
            }
        }
    }

    /// At the right edge, where there is room: what the cache finds, and how full it is.
    fn caches(&self, shard: &ShardView, width: u16, pen: &mut Pen<'_>) {
        let hits = shard
            .hits
            .map_or_else(|| "–".to_owned(), |hits| format!("{:.0} %", hits * 100.0));
        let filled = format!("{:.0} %", shard.filled * 100.0);
        let text = if self.theme.is_ascii() && shard.hits.is_none() {
            format!("hits     - mem {filled:>5}")
        } else {
            format!("hits {hits:>5} mem {filled:>5}")
        };
        if usize::from(pen.room()) > text.width() && width >= 60 {
            let skip = usize::from(pen.room()) - text.width();
            pen.skip(skip as u16)
                .put(&text, self.theme.style(Role::Dim));
        }
    }

    fn upright(&self, area: Rect, buf: &mut Buffer) {
        let Form::Upright {
            columns,
            bands,
            each,
            cell,
            label,
            fullest,
        } = self.form
        else {
            return;
        };
        let theme = self.theme;
        let dim = theme.style(Role::Dim);
        let top = top(&self.view.shards, self.mean());
        let band_rows = each + u16::from(label == 0);
        for (nth, shard) in self.view.shards.iter().enumerate() {
            let (band, column) = (nth as u16 / columns, nth as u16 % columns);
            let spot = Rect {
                y: area.y + band * band_rows,
                height: band_rows,
                ..area
            }
            .intersection(area);
            let number = shard.number.to_string();
            let left = label + column * cell;
            let width = cell.saturating_sub(1).max(1);
            if label == 0 {
                let style = theme.style(name_role(self.selected == Some(shard.number)));
                let style = if self.selected == Some(shard.number) {
                    style
                } else {
                    dim
                };
                Pen::at(spot, each, buf)
                    .to(left)
                    .put_right(&number, width.into(), style);
            } else if column == 0 {
                Pen::at(spot, each - 1, buf).put_right(&number, usize::from(label) - 1, dim);
            }
            self.column(shard, top, each, (left, width), spot, buf);
        }
        let below = Rect {
            y: area.y + bands * band_rows,
            height: fullest,
            ..area
        }
        .intersection(area);
        self.by_name(below, buf);
    }

    /// One upright bar, at `left` and so wide; where it ends below the mean, the mean is drawn.
    fn column(
        &self,
        shard: &ShardView,
        top: f64,
        each: u16,
        (left, width): (u16, u16),
        spot: Rect,
        buf: &mut Buffer,
    ) {
        let theme = self.theme;
        let row_of_mean = ((self.mean() / top * f64::from(each)) as u16).min(each - 1);
        let eighths = (shard.load / top * f64::from(each) * 8.0).round() as u16;
        let role = self.role(shard);
        for row in 0..each {
            let filled = usize::from(eighths.saturating_sub(row * 8).min(8));
            let (sign, role) = match () {
                () if row == 0 && self.is_down(shard) => (theme.symbols.cross, Role::Danger),
                // However small its load, a shard has a bar.
                () if row == 0 => (theme.symbols.levels[filled.max(1)], role),
                () if filled == 0 && row == row_of_mean => (theme.symbols.horizontal, Role::Faint),
                () => (theme.symbols.levels[filled], role),
            };
            let mut style = theme.style(role);
            if self.selected == Some(shard.number) {
                style = style.patch(theme.style(Role::Selection));
            }
            Pen::at(spot, each - 1 - row, buf)
                .to(left)
                .fill(sign, width, style);
        }
    }

    fn role(&self, shard: &ShardView) -> Role {
        match () {
            () if !hot_on(self.view, shard).is_empty() => Role::Warning,
            () if shard.joined => Role::Good,
            () if shard.load > 2.0 * self.mean() => Role::Warning,
            () => Role::Accent,
        }
    }

    /// The fullest shards, and the one that was chosen, in words.
    fn by_name(&self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let mut ranked: Vec<&ShardView> = self.view.shards.iter().collect();
        ranked.sort_by(|a, b| {
            let first = |shard: &ShardView| self.selected != Some(shard.number);
            let order = first(a).cmp(&first(b));
            order.then(b.load.total_cmp(&a.load))
        });
        for (row, shard) in ranked.into_iter().take(area.height.into()).enumerate() {
            let style = theme.style(name_role(self.selected == Some(shard.number)));
            let mut pen = Pen::at(area, row as u16, buf);
            pen.put(&self.name(shard), style).skip(1);
            let text = format!(
                "{:.1} %, {:.1}x the mean",
                shard.load * 100.0,
                shard.load / self.mean()
            );
            let text = clip(&text, pen.room().into(), theme.symbols.ellipsis);
            pen.put(&text, theme.style(Role::Dim));
            for (text, role) in self.remarks(shard, true) {
                if text.width() < usize::from(pen.room()) {
                    pen.skip(1).put(&text, theme.style(role));
                }
            }
        }
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
