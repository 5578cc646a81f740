//! A row for each shard: its bar against the mean, and what is to be said of it.

use super::super::{colour_of, sign_of};
use super::{Bars, top};
use crate::tui::theme::Role;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picture::rows::{Rows, name_role};
use ddlab_labs::workbench::scene::ShardView;
use ddlab_text::whole_percent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Cells of `100 %`.
const SHARE_WIDTH: usize = 5;
/// Bars longer than this say no more.
const BAR_MAX: u16 = 40;
/// Cells of `hits  93 % mem  60 %`, which rows from this width on have.
const CACHES_WIDTH: u16 = 20;
const CACHES_FROM: u16 = 64;

/// Where the parts of a row stand, counted from its left.
struct Columns {
    track: u16,
    /// Cells for the sign of the shard, where its name does not say it.
    sign: u16,
    bar_at: u16,
    /// Cells of the bar, which ends at a load of `top`.
    bar: u16,
    at_mean: u16,
    top: f64,
    /// Where the words must end.
    words_to: u16,
    short: bool,
    caches: bool,
}

impl Bars<'_> {
    pub(super) fn rows(&self, rows: &Rows, area: Rect, buf: &mut Buffer) {
        let columns = self.columns(rows.width());
        self.mean_label(&columns, rows.width(), area, buf);
        for (n, shard) in self.view.shards.iter().enumerate() {
            let mut pen = rows.branch(n, columns.track, self.theme, buf);
            self.row(shard, &columns, &mut pen);
            if columns.caches {
                let spot = rows.spot(n);
                let right = Rect {
                    x: spot.right().saturating_sub(CACHES_WIDTH),
                    width: CACHES_WIDTH,
                    ..spot
                };
                self.caches(shard, right, buf);
            }
        }
        if self.messages {
            let shards = &self.view.shards;
            let row_of = |node| shards.iter().position(|shard| shard.node == node);
            rows.messages(self.frame, 0, row_of, columns.track, self.theme, buf);
        }
    }

    fn columns(&self, width: u16) -> Columns {
        let track = match width {
            60.. => 8,
            40.. => 3,
            _ => 1,
        };
        let shards = self.view.shards.iter();
        let label = shards.map(|shard| self.name(shard).width()).max();
        // Branch, sign, name, and the gaps after each.
        let said = width < 40 && self.view.shards.iter().all(|shard| shard.number <= 9);
        let sign = if said { 0 } else { 2 };
        let bar_at = 1 + track + 1 + sign + label.unwrap_or(0) as u16 + 1;
        let caches = width >= CACHES_FROM;
        let kept = if caches { CACHES_WIDTH + 1 } else { 0 };
        // Of the rest, after the share in numbers, a half is for the bar and a half for words.
        let fixed = bar_at + SHARE_WIDTH as u16 + 2 + kept;
        let bar = (width.saturating_sub(fixed) / 2).min(BAR_MAX);
        let top = top(&self.view.shards, self.mean());
        Columns {
            track,
            sign,
            bar_at,
            bar,
            at_mean: (self.mean() / top * f64::from(bar)) as u16,
            top,
            words_to: width - kept,
            short: width < 56,
            caches,
        }
    }

    fn row(&self, shard: &ShardView, columns: &Columns, pen: &mut Pen<'_>) {
        let theme = self.theme;
        let sign = sign_of(shard.number).to_string();
        let style = theme.style(name_role(self.selected == Some(shard.number)));
        if columns.sign > 0 {
            pen.put(&sign, theme.style(colour_of(shard.number))).skip(1);
        }
        pen.put(&self.name(shard), style).to(columns.bar_at);
        self.bar(shard, columns, pen);
        let share = whole_percent(shard.load);
        let role = if self.fullest() == Some(shard.number) {
            Role::Warning
        } else {
            Role::Text
        };
        pen.skip(1)
            .put_right(&share, SHARE_WIDTH, theme.style(role));
        let end = columns.bar_at + columns.bar + 1 + SHARE_WIDTH as u16;
        let mut room = usize::from(columns.words_to.saturating_sub(end));
        for (text, role) in self.remarks(shard, columns.short) {
            // Where the word has no room its sign still has.
            let sign: String = text.chars().take(1).collect();
            let text = if text.width() < room || role != Role::Danger {
                text
            } else {
                sign
            };
            if text.width() < room {
                room -= text.width() + 1;
                pen.skip(1).put(&text, theme.style(role));
            }
        }
    }

    /// Above the bars: where the mean is.
    fn mean_label(&self, columns: &Columns, width: u16, area: Rect, buf: &mut Buffer) {
        let (theme, dim) = (self.theme, self.theme.style(Role::Dim));
        let column = columns.bar_at + columns.at_mean;
        let text = format!("mean {}", whole_percent(self.mean()));
        let sign = if theme.is_ascii() { "v" } else { "▾" };
        let mut pen = Pen::new(area, buf);
        pen.to(column).put(sign, dim);
        if usize::from(width.saturating_sub(column)) > text.width() + 2 {
            pen.skip(1).put_whole(&text, dim);
        }
    }

    fn bar(&self, shard: &ShardView, columns: &Columns, pen: &mut Pen<'_>) {
        let theme = self.theme;
        let eighths = (shard.load / columns.top * f64::from(columns.bar) * 8.0).round() as u16;
        let role = match () {
            () if self.is_down(shard) => Role::Faint,
            () if self.fullest() == Some(shard.number) => Role::Warning,
            () => Role::Accent,
        };
        for cell in 0..columns.bar {
            let filled = eighths.saturating_sub(cell * 8).min(8);
            let sign = theme.symbols.eighths[usize::from(filled)];
            if cell == columns.at_mean && filled < 8 {
                pen.put(theme.symbols.vertical, theme.style(Role::Dim));
            } else {
                pen.put(sign, theme.style(role));
            }
        }
    }

    /// What the cache finds, and how full it is.
    fn caches(&self, shard: &ShardView, area: Rect, buf: &mut Buffer) {
        let none = self.theme.no_number();
        let hits = shard.hits.map_or_else(|| none.to_owned(), whole_percent);
        let filled = whole_percent(shard.filled);
        let text = format!("hits {hits:>5} mem {filled:>5}");
        Pen::new(area, buf).put(&text, self.theme.style(Role::Dim));
    }
}
