//! Shards: how the load lies on them, and the map that puts it there.
//!
//! - here: the parts and where they lie: who asks, the loads, the origin, the map;
//! - [`bars`]: the load of each shard against the mean, lying or upright;
//! - [`map`]: who owns what, as a ring or as strips.

pub mod bars;
mod map;

use super::units::Units;
use super::{Picture, signs};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::Pen;
use bars::{Bars, Form};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::role::Rank;
use ddlab_labs::workbench::scene::{Scene, ShardView, ShardsView};
use ddlab_text::grouped;
use map::Map;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

pub struct Shards<'a> {
    pub frame: &'a Frame,
    pub view: &'a ShardsView,
    /// The number of the shard that actions are aimed at.
    pub selected: Option<u32>,
    pub messages: bool,
    pub theme: &'a Theme,
}

/// The parts, from top to bottom.
struct Layout {
    head: Rect,
    bars: Rect,
    form: Form,
    tail: Rect,
    map: Rect,
}

impl Layout {
    fn of(view: &ShardsView, area: Rect) -> Self {
        let mut rest = area;
        let mut cut = |rows: u16| {
            let rows = rows.min(rest.height);
            let part = Rect {
                height: rows,
                ..rest
            };
            rest.y += rows;
            rest.height -= rows;
            part
        };
        let head = cut(1);
        // Loads first: the map gets what they leave, a strip at least where there is room for both.
        let strip = match area.height {
            16.. => 5,
            10.. => 4,
            8.. => 3,
            _ => 0,
        };
        let most = area.height.saturating_sub(2 + strip);
        let below_head = Rect {
            y: head.bottom(),
            height: most,
            ..area
        };
        let form = Form::of(view.shards.len(), below_head);
        let bars = cut(form.height().min(most));
        let tail = cut(1);
        if rest.height > 3 {
            rest.y += 1;
            rest.height -= 1;
        }
        Self {
            head,
            bars,
            form,
            tail,
            map: rest,
        }
    }
}

impl Shards<'_> {
    fn head(&self, area: Rect, buf: &mut Buffer) {
        let (theme, dim) = (self.theme, self.theme.style(Role::Dim));
        let units = Units::of(self.frame);
        let mut pen = Pen::new(area, buf);
        let mut heads = units.ranked(Rank::Head);
        let Some(unit) = heads.next().map(|index| &units.0[index]) else {
            return;
        };
        pen.put(&unit.name(), theme.style(Role::Text)).skip(1);
        let waiting = format!("{} in progress", grouped(unit.queue(self.frame).into()));
        pen.put(&waiting, dim).skip(2);
        let room = usize::from(pen.room());
        let fits = |text: &String| text.width() + 2 <= room;
        if let Some(text) = hot_keys(self.view).into_iter().find(fits) {
            pen.put(hot_sign(theme), theme.style(Role::Warning))
                .skip(1)
                .put(&text, dim);
        }
    }

    fn tail(&self, area: Rect, buf: &mut Buffer) {
        let (theme, faint) = (self.theme, self.theme.style(Role::Faint));
        let units = Units::of(self.frame);
        let mut tails = units.ranked(Rank::Tail);
        if let Some(unit) = tails.next().map(|index| &units.0[index]) {
            let mut pen = Pen::new(area, buf);
            pen.put(theme.symbols.corner, faint)
                .fill(theme.symbols.track, 2, faint)
                .skip(1)
                .put(&unit.name(), theme.style(Role::Text))
                .skip(1);
            signs::describe(unit, self.frame, theme, &mut pen);
        }
    }
}

/// `key 1 gets 40 %`, `3 hot keys get 52 %`; and in short.
fn hot_keys(view: &ShardsView) -> Vec<String> {
    let share = 100.0 * view.hot.iter().map(|key| key.share).sum::<f64>();
    match view.hot.as_slice() {
        [] => Vec::new(),
        [one] => vec![
            format!("key {} gets {share:.0} %", one.number),
            format!("{}", one.number),
        ],
        several => vec![
            format!("{} hot keys get {share:.0} %", several.len()),
            format!("{} hot", several.len()),
        ],
    }
}

/// Beside what holds a hot key.
fn hot_sign(theme: &Theme) -> &'static str {
    if theme.is_ascii() { "*" } else { "◆" }
}

/// How a shard is told from others: its sign, the same in the map as beside its bar, and its colour.
fn sign_of(number: u32) -> char {
    const SIGNS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char::from(SIGNS[number as usize % SIGNS.len()])
}

fn colour_of(number: u32) -> Role {
    Role::Series((number % 6) as u8)
}

/// Numbers of the hot keys that a shard holds, the hottest first.
fn hot_on(view: &ShardsView, shard: &ShardView) -> Vec<u32> {
    let here = |shards: &[u32]| shards.contains(&shard.number);
    let keys = view.hot.iter().filter(|key| here(&key.shards));
    keys.map(|key| key.number).collect()
}

pub struct Painter;

impl super::Painter for Painter {
    fn draw(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer) {
        if let Scene::Shards(view) = &picture.frame.scene {
            let shards = Shards {
                frame: picture.frame,
                view,
                selected: picture.selected,
                messages: picture.messages,
                theme: picture.theme,
            };
            shards.render(area, buf);
        }
    }

    fn draw_small(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer) {
        if let Scene::Shards(view) = &picture.frame.scene {
            let bars = Bars {
                frame: picture.frame,
                view,
                selected: picture.selected,
                messages: picture.messages,
                form: Form::small(view.shards.len(), area),
                theme: picture.theme,
            };
            bars.render(area, buf);
        }
    }

    fn small_rows(&self) -> u16 {
        6
    }

    fn hit(&self, frame: &Frame, area: Rect, at: Position) -> Option<u32> {
        match &frame.scene {
            Scene::Shards(view) => hit(view, area, at),
            _ => None,
        }
    }
}

/// The number of the shard under this place.
fn hit(view: &ShardsView, area: Rect, at: Position) -> Option<u32> {
    let layout = Layout::of(view, area);
    let nth = layout.form.hit(layout.bars, at)?;
    view.shards.get(nth).map(|shard| shard.number)
}

impl Widget for Shards<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let layout = Layout::of(self.view, area);
        self.head(layout.head, buf);
        Bars {
            frame: self.frame,
            view: self.view,
            selected: self.selected,
            messages: self.messages,
            form: layout.form,
            theme: self.theme,
        }
        .render(layout.bars, buf);
        self.tail(layout.tail, buf);
        Map {
            owners: &self.view.map,
            hot: &self.view.hot,
            theme: self.theme,
        }
        .render(layout.map, buf);
    }
}

#[cfg(test)]
mod tests;
