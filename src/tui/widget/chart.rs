//! Lines over virtual time: axes with units and round marks, a legend with the present values, and
//! a tick where something was done to the run.

use super::axis::{self, Window};
use super::dots::Dots;
use super::number::{FIGURE_WIDTH, Quantity, clock_tick, tick};
use super::pen::{Pen, clip};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Cells of the legend beside a chart: a sign, the name, the number.
pub const LEGEND_WIDTH: u16 = 15;
/// Narrower charts have their legend above.
const LEGEND_BESIDE_FROM: u16 = 46;

/// One line of a chart.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub label: &'a str,
    /// (virtual seconds, value), oldest first.
    pub points: &'a [(f64, f64)],
    /// The present value, as the legend shows it.
    pub now: Option<f64>,
    pub series: u8,
}

pub struct Chart<'a> {
    pub title: String,
    pub quantity: &'a Quantity,
    /// The uppermost first.
    pub lines: Vec<Line<'a>>,
    pub window: Window,
    /// Moments at which something was done, virtual seconds.
    pub marks: &'a [f64],
    pub theme: &'a Theme,
}

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
pub(super) struct Frame {
    /// The inside of the axes.
    pub plot: Rect,
    pub legend: Rect,
    /// Room for the marks of the left axis.
    gutter: u16,
}

impl Frame {
    /// None when the area is too small to say anything in.
    pub fn of(area: Rect, gutter: u16, legend_rows: u16) -> Option<Self> {
        let beside = area.width >= LEGEND_BESIDE_FROM;
        let (right, above) = match (beside, legend_rows) {
            (_, 0) => (0, 0),
            (true, _) => (LEGEND_WIDTH + 1, 0),
            (false, _) => (0, 1),
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
pub(super) struct Entry<'a> {
    pub sign: char,
    pub label: &'a str,
    pub value: String,
    pub series: u8,
}

/// The legend: a column beside the chart, one row above a narrow one. Numbers stay where they are.
pub(super) fn legend(entries: &[Entry<'_>], area: Rect, theme: &Theme, buf: &mut Buffer) {
    let text = theme.style(Role::Text);
    if area.height == 1 && area.width > LEGEND_WIDTH {
        let mut pen = Pen::new(area, buf);
        for entry in entries {
            let needed = entry.label.width() + 1 + FIGURE_WIDTH + 2;
            if needed > usize::from(pen.room()) {
                break;
            }
            pen.put(entry.label, theme.style(Role::Series(entry.series)))
                .skip(1)
                .put_right(&entry.value, FIGURE_WIDTH, text)
                .skip(2);
        }
        return;
    }
    for (row, entry) in entries.iter().enumerate() {
        let name = theme.style(Role::Series(entry.series));
        let mut pen = Pen::at(area, row as u16, buf);
        pen.put(&entry.sign.to_string(), name).skip(1);
        let width = usize::from(area.width).saturating_sub(3 + FIGURE_WIDTH);
        pen.put(&clip(entry.label, width, theme.symbols.ellipsis), name)
            .to(area.width.saturating_sub(FIGURE_WIDTH as u16))
            .put_right(&entry.value, FIGURE_WIDTH, text);
    }
}

/// The head of a chart.
pub(super) fn title(text: &str, area: Rect, theme: &Theme, buf: &mut Buffer) {
    let text = clip(text, area.width.into(), theme.symbols.ellipsis);
    Pen::new(area, buf).put(&text, theme.style(Role::Dim));
}

impl Widget for Chart<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let (theme, window) = (self.theme, self.window);
        title(&self.title, area, theme, buf);
        let greatest = self
            .lines
            .iter()
            .flat_map(|line| visible(line.points, window))
            .map(|(_, value)| self.quantity.scaled(*value))
            .fold(0.0, f64::max);
        let rows = area.inner(Margin::new(0, 2)).height;
        let (top, step) = axis::top(greatest, usize::from((rows / 3).clamp(1, 5)));
        let labels: Vec<(f64, String)> = (0..=(top / step).round() as i64)
            .map(|n| (n as f64 * step, tick(n as f64 * step, step)))
            .collect();
        let gutter = labels
            .iter()
            .map(|(_, text)| text.width())
            .max()
            .unwrap_or(1)
            .max(5)
            + 1;
        let Some(frame) = Frame::of(area, gutter as u16, self.lines.len() as u16) else {
            return;
        };
        let dot_rows = f64::from(frame.plot.height) * 4.0;
        let left: Vec<(u16, String)> = labels
            .into_iter()
            .map(|(value, text)| {
                // Zero is the axis itself, which has a row of its own.
                let row = if value == 0.0 {
                    frame.plot.height
                } else {
                    (((1.0 - value / top) * (dot_rows - 1.0)).round() / 4.0) as u16
                };
                (row, text)
            })
            .collect();
        let columns = f64::from(frame.plot.width - 1);
        let column = |at: f64| {
            window
                .share(at)
                .map(|share| (share * columns).round() as u16)
        };
        let (moments, time_step) = window.marks((frame.plot.width / 11).max(2).into());
        let bottom: Vec<(u16, String)> = moments
            .into_iter()
            .filter_map(|at| Some((column(at)?, clock_tick(at, time_step))))
            .collect();
        frame.axes(&left, &bottom, theme, buf);
        for at in self.marks.iter().filter_map(|at| column(*at)) {
            frame.upright(at, Role::Faint, theme, buf);
        }
        let mut dots = Dots::new(frame.plot, theme);
        for line in self.lines.iter().rev() {
            for run in unbroken(visible(line.points, window), window) {
                let places = thinned(run, window, 2 * usize::from(frame.plot.width));
                dots.line(
                    places.map(|(at, value)| (at, self.quantity.scaled(value) / top)),
                    line.series,
                );
            }
        }
        dots.render(frame.plot, theme, buf);
        let entries: Vec<Entry<'_>> = self
            .lines
            .iter()
            .map(|line| Entry {
                sign: Dots::sign(line.series, theme),
                label: line.label,
                value: line
                    .now
                    .map_or_else(|| "–".to_owned(), |now| self.quantity.figure(now)),
                series: line.series,
            })
            .collect();
        legend(&entries, frame.legend, theme, buf);
    }
}

/// The points within the window: they are in order, so two searches find them.
fn visible(points: &[(f64, f64)], window: Window) -> &[(f64, f64)] {
    let from = points.partition_point(|(at, _)| *at < window.start);
    let to = points.partition_point(|(at, _)| *at <= window.end);
    &points[from..to.max(from)]
}

/// At most one place a column: (share of the window, value). Where several points share a column it
/// is the middle one by value: all of them on top of each other would be a blot.
fn thinned(
    points: &[(f64, f64)],
    window: Window,
    columns: usize,
) -> impl Iterator<Item = (f64, f64)> {
    let column = move |at: f64| ((at - window.start) / window.span() * columns as f64) as usize;
    points
        .chunk_by(move |a, b| column(a.0) == column(b.0))
        .filter_map(move |shared| {
            let mut values: Vec<f64> = shared.iter().map(|(_, value)| *value).collect();
            let middle = values.len() / 2;
            let (_, value, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
            Some((window.share(shared.last()?.0)?, *value))
        })
}

/// Splits where nothing was measured: a line across such a gap would claim what nobody saw.
fn unbroken(points: &[(f64, f64)], window: Window) -> impl Iterator<Item = &[(f64, f64)]> {
    let least = window.span() / 40.0;
    let mut usual = f64::INFINITY;
    points.chunk_by(move |before, after| {
        let distance = after.0 - before.0;
        let joined = distance <= least || distance <= usual * 3.0;
        usual = distance;
        joined
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Ground};
    use crate::tui::widget::rows_of;

    fn draw(width: u16, height: u16, ascii: bool) -> Vec<String> {
        let theme = Theme::new(Ground::Dark, Depth::None, ascii);
        let quantity = Quantity::of("latency_ms");
        let high: Vec<(f64, f64)> = (0..300)
            .map(|n| (f64::from(n) * 0.1, 100.0 + f64::from(n)))
            .collect();
        let low: Vec<(f64, f64)> = (0..300).map(|n| (f64::from(n) * 0.1, 14.0)).collect();
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        Chart {
            title: quantity.title(),
            quantity: &quantity,
            lines: vec![
                Line {
                    label: "p99",
                    points: &high,
                    now: Some(399.0),
                    series: 2,
                },
                Line {
                    label: "p50",
                    points: &low,
                    now: Some(14.0),
                    series: 0,
                },
            ],
            window: Window {
                start: 0.0,
                end: 30.0,
            },
            marks: &[20.0],
            theme: &theme,
        }
        .render(area, &mut buf);
        rows_of(&buf)
    }

    #[test]
    fn it_has_a_unit_round_marks_a_legend_and_the_time() {
        let rows = draw(70, 12, false).join("\n");
        for wanted in [
            "latency, ms",
            "400 ┤",
            "0 ┼",
            "p99       399",
            "p50      14.0",
            "0:20",
            "┊",
        ] {
            assert!(rows.contains(wanted), "{wanted} in\n{rows}");
        }
    }

    #[test]
    fn without_braille_it_is_plain_ascii_and_lines_differ_by_shape() {
        let rows = draw(70, 12, true).join("\n");
        assert!(rows.is_ascii(), "{rows}");
        assert!(rows.contains('*') && rows.contains("...."), "{rows}");
    }

    #[test]
    fn a_narrow_one_has_its_legend_above() {
        let rows = draw(40, 10, false);
        assert!(
            rows[1].contains("p99") && rows[1].contains("p50"),
            "{}",
            rows.join("\n")
        );
    }

    #[test]
    fn every_size_is_survived() {
        for width in 0..50 {
            for height in 0..14 {
                draw(width, height, false);
            }
        }
    }

    #[test]
    fn many_points_in_a_column_are_drawn_as_the_middle_one() {
        let window = Window {
            start: 0.0,
            end: 10.0,
        };
        let points: Vec<(f64, f64)> = (0..100)
            .map(|n| (f64::from(n) * 0.1, f64::from(n % 5)))
            .collect();
        let thin: Vec<(f64, f64)> = thinned(&points, window, 10).collect();
        assert!(thin.len() <= 11, "{}", thin.len());
        assert!(
            thin.iter().all(|(_, value)| (1.0..=3.0).contains(value)),
            "{thin:?}"
        );
    }

    #[test]
    fn a_gap_in_the_points_is_a_gap_in_the_line() {
        let window = Window {
            start: 0.0,
            end: 30.0,
        };
        let points = [(1.0, 1.0), (1.1, 1.0), (1.2, 1.0), (9.0, 1.0), (9.1, 1.0)];
        let runs: Vec<usize> = unbroken(&points, window).map(<[_]>::len).collect();
        assert_eq!(runs, [3, 2]);
    }
}
