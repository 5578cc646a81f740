//! The map of who owns what: a ring where the space is one and there is room for it, else strips. Each
//! cell has the sign of its owner; what the last resize moved stands out.

use super::{colour_of, hot_sign, sign_of};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::{Pen, clip};
use ddlab_labs::workbench::scene::{HotKeyView, OwnershipMap, Sample, Space};
use ddlab_text::{grouped, percent, whole_percent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use std::f64::consts::TAU;
use unicode_width::UnicodeWidthStr;

/// A ring lower than this is no ring.
const RING_ROWS_MIN: u16 = 7;
const RING_ROWS_MAX: u16 = 19;
/// Strips, at most: more repeat what these say.
const STRIPS_MAX: u16 = 4;
/// A cell is about twice as high as it is wide.
const ASPECT: f64 = 2.0;

pub struct Map<'a> {
    pub owners: &'a OwnershipMap,
    pub hot: &'a [HotKeyView],
    pub theme: &'a Theme,
}

impl Widget for Map<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        if area.height < 2 || self.owners.samples.is_empty() {
            return;
        }
        self.title(area, buf);
        let below = Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        };
        let is_ring = matches!(self.owners.space, Space::Ring { .. });
        let wide_enough = f64::from(area.width) > f64::from(RING_ROWS_MIN) * ASPECT + 2.0;
        if is_ring && below.height >= RING_ROWS_MIN && wide_enough {
            self.ring(below, buf);
        } else {
            self.strips(below, buf);
        }
    }
}

impl Map<'_> {
    /// What the cells run through, and what the last resize moved.
    fn title(&self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let text = match self.owners.space {
            Space::Ring { points: 1 } => "ring, 1 point a shard".to_owned(),
            Space::Ring { points } => format!("ring, {points} points a shard"),
            Space::Slots { slots } => format!("table of {} slots", grouped(slots as i64)),
            Space::Places { keys } => format!("{} keys in order", grouped(keys as i64)),
            Space::Keys { keys } => format!("{} keys, by owner", grouped(keys as i64)),
        };
        let mut pen = Pen::new(area, buf);
        let text = clip(&text, pen.room().into(), theme.symbols.ellipsis);
        pen.put(&text, theme.style(Role::Dim)).skip(2);
        if let Some(moved) = self.owners.moved {
            let words = format!(" {} moved", percent(moved));
            let short = format!(" {}", whole_percent(moved));
            let fitting = [words, short]
                .into_iter()
                .find(|words| words.width() < usize::from(pen.room()));
            if let Some(words) = fitting {
                pen.put("#", theme.style(Role::Hit))
                    .put(&words, theme.style(Role::Text));
            }
        }
    }

    /// The sample at a share of the way through the space.
    fn sample(&self, share: f64) -> Sample {
        let samples = &self.owners.samples;
        let at = (share.clamp(0.0, 1.0) * samples.len() as f64) as usize;
        samples[at.min(samples.len() - 1)]
    }

    fn cell(&self, sample: Sample) -> (char, Style) {
        let style = self.theme.style(colour_of(sample.owner));
        let style = if sample.moved {
            style.patch(self.theme.style(Role::Hit))
        } else {
            style
        };
        (sign_of(sample.owner), style)
    }

    /// The whole space from left to right, on several rows while that shows more; below it where ranges
    /// begin, what each has, and where the hot keys lie.
    fn strips(&self, area: Rect, buf: &mut Buffer) {
        let width = area.width;
        // Marks below stand under their places only while the space is one row.
        let marks = self.has_marks() && area.height > 1;
        let rows = if marks {
            1
        } else {
            let samples = self.owners.samples.len() as u16;
            STRIPS_MAX
                .min(area.height)
                .min(samples.div_ceil(width.max(1)))
        };
        let cells = f64::from(rows) * f64::from(width);
        for row in 0..rows {
            for column in 0..width {
                let nth = f64::from(row) * f64::from(width) + f64::from(column) + 0.5;
                let (sign, style) = self.cell(self.sample(nth / cells));
                if let Some(cell) = buf.cell_mut((area.x + column, area.y + row)) {
                    cell.set_char(sign).set_style(style);
                }
            }
        }
        let below = |row: u16| Rect {
            y: area.y + rows + row,
            height: u16::from(area.height > rows + row),
            ..area
        };
        match self.owners.space {
            Space::Places { keys } => {
                let first = |from: f64, _| grouped((from * keys as f64).round() as i64 + 1);
                self.stretches(first, below(0), buf);
                self.hot_marks(below(1), buf);
            }
            Space::Keys { .. } => {
                let share = |from: f64, to: f64| whole_percent(to - from);
                self.stretches(share, below(0), buf);
            }
            Space::Ring { .. } | Space::Slots { .. } if marks => self.hot_marks(below(0), buf),
            Space::Ring { .. } | Space::Slots { .. } => {}
        }
    }

    fn has_marks(&self) -> bool {
        match self.owners.space {
            Space::Places { .. } | Space::Keys { .. } => true,
            Space::Ring { .. } | Space::Slots { .. } => self.hot.iter().any(|key| key.at.is_some()),
        }
    }

    /// What is to be said of each stretch of one owner, by where it begins and ends, as far as there is
    /// room.
    fn stretches(&self, say: impl Fn(f64, f64) -> String, area: Rect, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        let of = self.owners.samples.len() as f64;
        let mut free = 0;
        let mut from = 0;
        for stretch in self.owners.samples.chunk_by(|a, b| a.owner == b.owner) {
            let (begins, ends) = (from as f64 / of, (from + stretch.len()) as f64 / of);
            from += stretch.len();
            let column = (begins * f64::from(area.width)).round() as u16;
            let text = say(begins, ends);
            let width = text.width() as u16;
            if column >= free && column + width <= area.width {
                Pen::new(area, buf)
                    .to(column)
                    .put(&text, self.theme.style(Role::Dim));
                free = column + width + 1;
            }
        }
    }

    fn hot_marks(&self, area: Rect, buf: &mut Buffer) {
        let sign = hot_sign(self.theme);
        let mut taken: Vec<(u16, u16)> = Vec::new();
        for key in self.hot {
            let Some(at) = key.at else { continue };
            let text = format!("{sign}key {}", key.number);
            let width = text.width() as u16;
            let column = ((at * f64::from(area.width)) as u16).min(area.width.saturating_sub(1));
            let text = if column + width <= area.width {
                text
            } else {
                sign.to_owned()
            };
            let end = column + text.width() as u16;
            // The hottest comes first; what would cover it is left out.
            if taken.iter().any(|(from, to)| column < *to && *from < end) {
                continue;
            }
            taken.push((column, end + 1));
            Pen::new(area, buf)
                .to(column)
                .put(&text, self.theme.style(Role::Warning));
        }
    }

    /// The hashes clockwise from the top; inside, where the hot keys lie.
    fn ring(&self, area: Rect, buf: &mut Buffer) {
        let widest = (f64::from(area.width - 1) / ASPECT) as u16 + 1;
        let height = area.height.min(RING_ROWS_MAX).min(widest);
        let ry = f64::from(height - 1) / 2.0;
        let rx = ry * ASPECT;
        let middle = (f64::from(area.x) + rx + 1.0, f64::from(area.y) + ry);
        let place = |share: f64, inset: f64| {
            let (sin, cos) = (share * TAU).sin_cos();
            let x = middle.0 + (rx - inset * ASPECT) * sin;
            let y = middle.1 - (ry - inset) * cos;
            (x.round() as u16, y.round() as u16)
        };
        // Twice as many steps as samples: no cell of the circle is missed.
        let steps = 2 * self.owners.samples.len();
        for step in 0..steps {
            let share = (step as f64 + 0.5) / steps as f64;
            let (sign, style) = self.cell(self.sample(share));
            for inset in Self::rims(height) {
                if let Some(cell) = buf.cell_mut(place(share, *inset)) {
                    // Many samples meet in a cell, and a style would keep what the one before it left.
                    cell.reset();
                    cell.set_char(sign).set_style(style);
                }
            }
        }
        let warning = self.theme.style(Role::Warning);
        let depth = Self::rims(height)[0] + 1.0;
        for key in self.hot.iter().rev() {
            if let Some(at) = key.at
                && let Some(cell) = buf.cell_mut(place(at, depth))
            {
                cell.set_symbol(hot_sign(self.theme)).set_style(warning);
            }
        }
        self.words(area, height, middle, buf);
    }

    /// A large ring is two cells thick.
    fn rims(height: u16) -> &'static [f64] {
        if height >= 13 {
            &[1.0, 0.5, 0.0]
        } else {
            &[0.0]
        }
    }

    /// What the ring says: beside it, or within when there is no room beside.
    fn words(&self, area: Rect, height: u16, middle: (f64, f64), buf: &mut Buffer) {
        let theme = self.theme;
        let hot = self.hot.iter().filter(|key| key.at.is_some());
        let mut lines: Vec<(String, Role)> = hot
            .map(|key| {
                let share = key.share * 100.0;
                let text = format!("{} key {}, {share:.0} %", hot_sign(theme), key.number);
                (text, Role::Warning)
            })
            .collect();
        lines.push(("clockwise from the top".to_owned(), Role::Faint));
        let widest = lines.iter().map(|(text, _)| text.width()).max();
        let widest = widest.unwrap_or(0) as u16;
        let ring = (f64::from(height - 1) * ASPECT) as u16 + 5;
        let beside = area.width >= ring + widest;
        let room = usize::from(height).saturating_sub(if beside { 2 } else { 6 });
        if !beside {
            let across = room * 2;
            lines.retain(|(text, _)| text.width() <= across);
        }
        lines.truncate(room);
        let first = (middle.1 - lines.len() as f64 / 2.0 + 0.5).round() as u16;
        for (row, (text, role)) in (0..).zip(&lines) {
            let x = if beside {
                area.x + ring
            } else {
                (middle.0 - text.width() as f64 / 2.0).round() as u16
            };
            let spot = Rect::new(x, first + row, text.width() as u16, 1).intersection(area);
            Pen::new(spot, buf).put(text, theme.style(*role));
        }
    }
}
