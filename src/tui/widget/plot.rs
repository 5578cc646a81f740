//! What charts have in common: the inside with its axes, the head, the legend.

use super::pen::Pen;
use crate::tui::theme::{Role, Theme};
use ddlab_text::number::FIGURE_WIDTH;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Cells of the legend beside a chart without the name: a sign, the number, blanks between them.
const LEGEND_REST: u16 = 3 + FIGURE_WIDTH as u16;
/// Cells of a name at least, so that charts beside each other have their ends in one column.
const NAME_MIN: u16 = 5;
/// Of the width of a chart, its legend has at most this part.
const LEGEND_PART: u16 = 3;
/// Narrower charts have their legend above.
const LEGEND_BESIDE_FROM: u16 = 46;

/// Signs of the axes.
struct AxisSigns {
    left: &'static str,
    left_tick: &'static str,
    bottom: &'static str,
    bottom_tick: &'static str,
    origin: &'static str,
    mark: &'static str,
}

const UNICODE_AXES: AxisSigns = AxisSigns {
    left: "│",
    left_tick: "┤",
    bottom: "─",
    bottom_tick: "┬",
    origin: "┼",
    mark: "┊",
};

const ASCII_AXES: AxisSigns = AxisSigns {
    left: "|",
    left_tick: "+",
    bottom: "-",
    bottom_tick: "+",
    origin: "+",
    mark: ":",
};

fn signs(theme: &Theme) -> &'static AxisSigns {
    if theme.is_ascii() {
        &ASCII_AXES
    } else {
        &UNICODE_AXES
    }
}

/// Where the parts of a chart lie.
pub struct Frame {
    /// The inside of the axes.
    pub plot: Rect,
    pub legend: Rect,
    /// Room for the marks of the left axis.
    gutter: u16,
}

impl Frame {
    /// With a legend of these names. None when the area is too small to say anything in.
    pub fn of<'a>(
        area: Rect,
        gutter: u16,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        let beside = area.width >= LEGEND_BESIDE_FROM;
        let widest = names.into_iter().map(|name| name.width() as u16).max();
        let (right, above) = match (beside, widest) {
            (_, None) => (0, 0),
            (true, Some(widest)) => {
                let most = (area.width / LEGEND_PART).saturating_sub(LEGEND_REST);
                let name = widest.clamp(NAME_MIN, most.max(NAME_MIN));
                (LEGEND_REST + name + 1, 0)
            }
            (false, Some(_)) => (0, 1),
        };
        // Title above; axis and its labels below.
        let plot = Rect {
            x: area.x + gutter + 1,
            y: area.y + 1 + above,
            width: area.width.checked_sub(gutter + 1 + right)?,
            height: area.height.checked_sub(3 + above)?,
        };
        if plot.width < 8 || plot.height < 2 {
            return None;
        }
        let legend = if beside {
            Rect {
                x: plot.right() + 1,
                y: area.y + 1,
                width: right.saturating_sub(1),
                height: area.height - 1,
            }
        } else {
            Rect {
                y: area.y + 1,
                height: above,
                ..area
            }
        };
        Some(Self {
            plot,
            legend,
            gutter,
        })
    }

    /// The left axis with labels at their rows (from 0 at the top) and the bottom axis with labels at
    /// their columns; labels that would touch are left out.
    pub fn axes(
        &self,
        left: &[(u16, String)],
        bottom: &[(u16, String)],
        theme: &Theme,
        buf: &mut Buffer,
    ) {
        let signs = signs(theme);
        let (line, label) = (theme.style(Role::Faint), theme.style(Role::Dim));
        let whole = Rect {
            x: self.plot.x - self.gutter - 1,
            width: self.plot.width + self.gutter + 1,
            height: self.plot.height + 2,
            ..self.plot
        };
        for row in 0..=self.plot.height {
            let text = left.iter().find(|(at, _)| *at == row);
            let mut pen = Pen::at(whole, row, buf);
            let width = usize::from(self.gutter.saturating_sub(1));
            pen.put_right(text.map_or("", |(_, text)| text), width, label)
                .to(self.gutter);
            let at_origin = row == self.plot.height;
            pen.put(
                match (at_origin, text.is_some()) {
                    (true, _) => signs.origin,
                    (false, true) => signs.left_tick,
                    (false, false) => signs.left,
                },
                line,
            );
            if at_origin {
                pen.fill(signs.bottom, self.plot.width, line);
            }
        }
        let mut free = 0;
        for (column, text) in bottom {
            let at = self.gutter + 1 + column;
            Pen::at(whole, self.plot.height, buf)
                .to(at)
                .put(signs.bottom_tick, line);
            let half = text.width() as u16 / 2;
            let start = at
                .saturating_sub(half)
                .min(whole.width.saturating_sub(text.width() as u16));
            if start >= free {
                Pen::at(whole, self.plot.height + 1, buf)
                    .to(start)
                    .put_whole(text, label);
                free = start + text.width() as u16 + 2;
            }
        }
    }

    /// A faint line from top to bottom, under what is drawn later.
    pub fn upright(&self, column: u16, role: Role, theme: &Theme, buf: &mut Buffer) {
        for row in self.plot.top()..self.plot.bottom() {
            if let Some(cell) = buf.cell_mut((self.plot.x + column, row)) {
                cell.set_symbol(signs(theme).mark)
                    .set_style(theme.style(role));
            }
        }
    }
}

/// An entry of a legend.
pub struct LegendEntry<'a> {
    pub sign: char,
    pub label: &'a str,
    pub value: String,
    pub series: u8,
}

/// The legend: a column beside the chart, one row above a narrow one. Numbers stay where they are.
pub fn legend(entries: &[LegendEntry<'_>], area: Rect, theme: &Theme, buf: &mut Buffer) {
    let text = theme.style(Role::Text);
    if area.height == 1 && area.width > LEGEND_REST + NAME_MIN {
        let mut pen = Pen::new(area, buf);
        for (nth, entry) in entries.iter().enumerate() {
            let left = entries.len() - nth;
            let rest = if left > 1 { short(left).width() } else { 0 };
            let needed = entry.label.width() + 1 + FIGURE_WIDTH + 2 + rest;
            if needed > usize::from(pen.room()) {
                let whole = more(left);
                let has_room = whole.width() <= usize::from(pen.room());
                let left = if has_room { whole } else { short(left) };
                pen.put(&left, theme.style(Role::Dim));
                break;
            }
            pen.put(entry.label, theme.style(Role::Series(entry.series)))
                .skip(1)
                .put_right(&entry.value, FIGURE_WIDTH, text)
                .skip(2);
        }
        return;
    }
    let height = usize::from(area.height);
    let shown = if entries.len() > height {
        height.saturating_sub(1)
    } else {
        entries.len()
    };
    if shown < entries.len() {
        let left = more(entries.len() - shown);
        Pen::at(area, shown as u16, buf)
            .skip(2)
            .put(&left, theme.style(Role::Dim));
    }
    for (row, entry) in entries.iter().take(shown).enumerate() {
        let name = theme.style(Role::Series(entry.series));
        let mut pen = Pen::at(area, row as u16, buf);
        pen.put(&entry.sign.to_string(), name).skip(1);
        let width = usize::from(area.width).saturating_sub(3 + FIGURE_WIDTH);
        pen.put(&theme.clip(entry.label, width), name)
            .to(area.width.saturating_sub(FIGURE_WIDTH as u16))
            .put_right(&entry.value, FIGURE_WIDTH, text);
    }
}

/// Entries of a legend that have no room.
fn more(count: usize) -> String {
    format!("{} more", short(count))
}

fn short(count: usize) -> String {
    format!("+{count}")
}

/// The head of a chart.
pub fn title(text: &str, area: Rect, theme: &Theme, buf: &mut Buffer) {
    let text = theme.clip(text, area.width);
    Pen::new(area, buf).put(&text, theme.style(Role::Dim));
}
