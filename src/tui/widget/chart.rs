//! Lines over virtual time: axes with units and round marks, a legend with the present values, and
//! a tick where something was done to the run.

use super::axis::{self, Window};
use super::dots::Dots;
use super::number::Quantity;
use super::plot::{Frame, LegendEntry, legend, title};
use crate::tui::theme::{Depth, Role, Theme};
use ddlab_text::{clock_tick, tick};
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// One line of a chart.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub label: &'a str,
    /// (virtual seconds, value), oldest first.
    pub points: &'a [(f64, f64)],
    /// The present value, as the legend shows it.
    pub now: Option<f64>,
    pub series: u8,
    /// Drawn with gaps where there is no colour to tell it by.
    pub dashed: bool,
    /// Of several points in one column their mean is drawn and not the middle one: right for events a second and for
    /// levels, of which a rare one would not be seen at all; percentiles have no mean.
    pub mean: bool,
}

/// How a line of this series is told from others beside its name.
pub fn sign(series: u8, theme: &Theme) -> char {
    Dots::sign(series, theme)
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

/// The left axis: from 0 to `top`, with its marks as they are written.
struct Height {
    top: f64,
    marks: Vec<(f64, String)>,
}

impl Widget for Chart<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let theme = self.theme;
        title(&self.title, area, theme, buf);
        let height = self.height(area);
        let widest = height.marks.iter().map(|(_, text)| text.width()).max();
        let gutter = widest.unwrap_or(0).max(5) as u16 + 1;
        let Some(frame) = Frame::of(area, gutter, self.lines.iter().map(|line| line.label)) else {
            return;
        };
        frame.axes(
            &rows_of_marks(height.marks, height.top, frame.plot),
            &self.moments(frame.plot),
            theme,
            buf,
        );
        for mark in self.marks {
            if let Some(column) = self.column(*mark, frame.plot) {
                frame.upright(column, Role::Faint, theme, buf);
            }
        }
        self.draw(height.top, frame.plot, buf);
        legend(&self.entries(), frame.legend, theme, buf);
    }
}

impl Chart<'_> {
    fn height(&self, area: Rect) -> Height {
        let drawn = self
            .lines
            .iter()
            .flat_map(|line| self.runs(line, area.width).flatten());
        let greatest = drawn.map(|(_, value)| value).fold(0.0, f64::max);
        let rows = area.inner(Margin::new(0, 2)).height;
        let (top, step) = axis::top(greatest, usize::from((rows / 3).clamp(1, 5)));
        let marks = (0..=(top / step).round() as i64).map(|n| {
            let value = n as f64 * step;
            (value, tick(value, step))
        });
        Height {
            top,
            marks: marks.collect(),
        }
    }

    fn column(&self, at: f64, plot: Rect) -> Option<u16> {
        let columns = f64::from(plot.width - 1);
        self.window
            .share(at)
            .map(|share| (share * columns).round() as u16)
    }

    /// Marks of the bottom axis.
    fn moments(&self, plot: Rect) -> Vec<(u16, String)> {
        let (moments, step) = self.window.marks((plot.width / 11).max(2).into());
        let mark = |at| Some((self.column(at, plot)?, clock_tick(at, step)));
        moments.into_iter().filter_map(mark).collect()
    }

    /// The runs of a line without gaps: (share of the window, value in the unit shown).
    fn runs<'a>(
        &'a self,
        line: &'a Line<'_>,
        width: u16,
    ) -> impl Iterator<Item = Vec<(f64, f64)>> + 'a {
        let columns = 2 * usize::from(width);
        let marks = self.marks.iter().filter_map(|at| self.window.share(*at));
        let marks: Vec<f64> = marks.collect();
        unbroken(visible(line.points, self.window), self.window).map(move |run| {
            let places = thinned(run, self.window, columns, line.mean);
            let scaled = places.map(|(at, value)| (at, self.quantity.scaled(value)));
            held(scaled, &marks)
        })
    }

    fn draw(&self, top: f64, plot: Rect, buf: &mut Buffer) {
        let mut dots = Dots::new(plot, self.theme);
        for line in self.lines.iter().rev() {
            for run in self.runs(line, plot.width) {
                let places = run.into_iter().map(|(at, value)| (at, value / top));
                if line.dashed && self.theme.depth == Depth::None {
                    dots.dashes(places, line.series);
                } else {
                    dots.line(places, line.series);
                }
            }
        }
        dots.render(plot, self.theme, buf);
    }

    fn entries(&self) -> Vec<LegendEntry<'_>> {
        let entry = |line: &Line<'_>| {
            line.now.map_or_else(
                || self.theme.no_number().to_owned(),
                |now| self.quantity.figure(now),
            )
        };
        self.lines
            .iter()
            .map(|line| LegendEntry {
                sign: Dots::sign(line.series, self.theme),
                label: line.label,
                value: entry(line),
                series: line.series,
            })
            .collect()
    }
}

/// The row of each mark of the left axis, from the top.
fn rows_of_marks(marks: Vec<(f64, String)>, top: f64, plot: Rect) -> Vec<(u16, String)> {
    let dots = f64::from(plot.height) * 4.0;
    let row = |value: f64| {
        // Zero is the axis itself, which has a row of its own.
        if value == 0.0 {
            plot.height
        } else {
            (((1.0 - value / top) * (dots - 1.0)).round() / 4.0) as u16
        }
    };
    marks
        .into_iter()
        .map(|(value, text)| (row(value), text))
        .collect()
}

/// The points within the window: they are in order, so two searches find them.
fn visible(points: &[(f64, f64)], window: Window) -> &[(f64, f64)] {
    let from = points.partition_point(|(at, _)| *at < window.start);
    let to = points.partition_point(|(at, _)| *at <= window.end);
    &points[from..to.max(from)]
}

/// At most one place a column: (share of the window, value). Where several points share a column it
/// is their mean, or the middle one by value: all of them on top of each other would be a blot.
fn thinned(
    points: &[(f64, f64)],
    window: Window,
    columns: usize,
    mean: bool,
) -> impl Iterator<Item = (f64, f64)> {
    let column = move |at: f64| ((at - window.start) / window.span() * columns as f64) as usize;
    points
        .chunk_by(move |a, b| column(a.0) == column(b.0))
        .filter_map(move |shared| {
            let mut values: Vec<f64> = shared.iter().map(|(_, value)| *value).collect();
            if mean {
                let value = values.iter().sum::<f64>() / values.len() as f64;
                return Some((window.share(shared.last()?.0)?, value));
            }
            let middle = values.len() / 2;
            let (_, value, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
            Some((window.share(shared.last()?.0)?, *value))
        })
}

/// A value stays what it was up to a mark: a line that slopes across one would show an effect before its cause.
fn held(places: impl Iterator<Item = (f64, f64)>, marks: &[f64]) -> Vec<(f64, f64)> {
    let mut line: Vec<(f64, f64)> = Vec::new();
    for place in places {
        if let Some((before, value)) = line.last().copied() {
            let between = |mark: &&f64| before < **mark && **mark < place.0;
            line.extend(marks.iter().rfind(between).map(|mark| (*mark, value)));
        }
        line.push(place);
    }
    line
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
    use crate::testing::Holds;
    use crate::tui::theme::Ground;
    use crate::tui::widget::rows_of;

    fn draw(width: u16, height: u16, ascii: bool) -> Vec<String> {
        let theme = Theme::new(Ground::Dark, Depth::None, ascii);
        let quantity = Quantity::of("latency_ms", ddlab_text::Unit::Milliseconds);
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
                    dashed: false,
                    mean: false,
                },
                Line {
                    label: "p50",
                    points: &low,
                    now: Some(14.0),
                    series: 0,
                    dashed: false,
                    mean: false,
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
        rows.holds([
            "latency, ms",
            "400 ┤",
            "0 ┼",
            "p99       399",
            "p50      14.0",
            "0:20",
            "┊",
        ]);
    }

    #[test]
    fn without_braille_it_is_plain_ascii_and_lines_differ_by_shape() {
        let rows = draw(70, 12, true).join("\n");
        assert!(rows.is_ascii(), "{rows}");
        rows.holds(["*", "...."]);
    }

    #[test]
    fn a_narrow_one_has_its_legend_above() {
        let rows = draw(40, 10, false);
        rows[1].holds(["p99", "p50"]);
    }

    #[test]
    fn a_legend_has_room_for_its_names_and_says_what_it_leaves_out() {
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        let quantity = Quantity::of("error_ratio", ddlab_text::Unit::Share);
        let points = [(0.0, 0.1), (30.0, 0.2)];
        let names = [
            "searches",
            "uploads",
            "a-name-that-is-much-longer-than-a-third",
            "looks",
        ];
        let draw = |width, height, count| {
            let area = Rect::new(0, 0, width, height);
            let mut buf = Buffer::empty(area);
            let line = |label| Line {
                label,
                points: &points,
                now: Some(0.5),
                series: 0,
                dashed: false,
                mean: false,
            };
            Chart {
                title: quantity.title(),
                quantity: &quantity,
                lines: names.into_iter().cycle().take(count).map(line).collect(),
                window: Window {
                    start: 0.0,
                    end: 30.0,
                },
                marks: &[],
                theme: &theme,
            }
            .render(area, &mut buf);
            rows_of(&buf).join("\n")
        };
        let wide = draw(70, 12, 4);
        wide.as_str()
            .holds(["searches", "uploads", "looks", "a-name-that-…"]);
        assert!(!wide.contains("more"), "{wide}");
        draw(70, 6, 8)
            .as_str()
            .holds(["searches", "looks", "+4 more"]);
        draw(40, 12, 4)
            .as_str()
            .holds(["searches", "uploads", "+2"]);
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
        let thin: Vec<(f64, f64)> = thinned(&points, window, 10, false).collect();
        assert!(thin.len() <= 11, "{}", thin.len());
        assert!(
            thin.iter().all(|(_, value)| (1.0..=3.0).contains(value)),
            "{thin:?}"
        );
    }

    #[test]
    fn what_happens_now_and_then_is_seen_though_many_points_share_a_column() {
        let window = Window {
            start: 0.0,
            end: 10.0,
        };
        let points: Vec<(f64, f64)> = (0..100)
            .map(|n| (f64::from(n) * 0.1, if n % 10 == 0 { 10.0 } else { 0.0 }))
            .collect();
        let drawn = thinned(&points, window, 10, true);
        assert!(drawn.take(10).all(|(_, value)| (value - 1.0).abs() < 1e-9));
    }

    #[test]
    fn no_line_shows_an_effect_before_its_cause() {
        let places = [(0.1, 5.0), (0.2, 5.0), (0.4, 90.0)];
        assert_eq!(
            held(places.into_iter(), &[0.05, 0.3, 0.35, 0.9]),
            [(0.1, 5.0), (0.2, 5.0), (0.35, 5.0), (0.4, 90.0)]
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
