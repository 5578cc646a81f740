//! Upright bars, one column a shard, in bands; below them the fullest by name.

use super::super::hot_on;
use super::{Bars, Form, top};
use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, clip};
use crate::tui::widget::picture::rows::name_role;
use ddlab_labs::workbench::scene::ShardView;
use ddlab_text::percent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

impl Bars<'_> {
    pub(super) fn upright(&self, area: Rect, buf: &mut Buffer) {
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
            let times = match self.fullest() {
                // Said among the remarks.
                Some(fullest) if fullest == shard.number => String::new(),
                _ => format!(", {:.1}x", shard.load / self.mean()),
            };
            let text = format!("{} of the load{times}", percent(shard.load));
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
