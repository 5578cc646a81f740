//! What is in the panes of the lab.

use super::bands::{invariants, log};
use super::design;
use super::layout::{ChartGrid, Layout};
use super::panels::{Panel, Shared};
use super::versus::{Pairs, side_title};
use super::{Cx, LabScreen, Modal};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::axis::Window;
use crate::tui::widget::knobs::{Grid, Knobs, restart_sign};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picture::{Picture, painter};
use crate::tui::widget::readings::Readings;
use crate::tui::widget::timeline::Timeline;
use crate::tui::widget::{TEXT_WIDTH, page};
use ddlab_labs::workbench::frame::{Frame, MetricView};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

/// What a single pane shows when there is room for one only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pane {
    Picture,
    Chart(usize),
    Readings,
    Log,
}

impl LabScreen {
    pub(super) fn layout(&self, area: Rect) -> Layout {
        let rows = self.knob_grid(area).rows();
        let (area, _) = self.split(area);
        let mut layout = Layout::of(area, rows, painter(self.spec.scene).tenths_of_width());
        if self.is_comparing() {
            // What sets two runs apart takes rows that are not free below the header.
            let rows = (layout.header.bottom() + VERSUS_ROWS).saturating_sub(layout.picture.y);
            for pane in [&mut layout.picture, &mut layout.charts] {
                *pane = pane.below(rows);
            }
        } else if let Some(frame) = self.frame()
            && layout.side_by_side
            && self.design.is_none()
        {
            layout.fit(painter(self.spec.scene).extent(frame, layout.picture));
        }
        layout
    }

    /// Where the knobs stand on this screen.
    pub(super) fn knob_grid(&self, area: Rect) -> Grid {
        let (knobs, values) = (&self.spec.knobs, self.previewed());
        let width = page(self.split(area).0).width;
        Grid::of(knobs, &values, &self.shown_knobs(area), width)
    }

    /// The pane that a narrow screen shows.
    fn pane(&self) -> Pane {
        let charts = self.panels.len();
        match self.view {
            0 => Pane::Picture,
            n if n <= charts => Pane::Chart(n - 1),
            n if n == charts + 1 => Pane::Readings,
            _ => Pane::Log,
        }
    }

    pub(super) fn picture_is_shown(&self, layout: &Layout) -> bool {
        layout.side_by_side || self.pane() == Pane::Picture
    }

    pub(super) fn draw(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        if let Modal::Slowest(slowest) = &self.modal {
            slowest.draw(theme, cx.area, buf);
            return;
        }
        let layout = self.layout(cx.area);
        self.header(layout.header, theme, buf);
        match (self.frame(), self.live.fault()) {
            (_, Some(fault)) => {
                let body = layout.picture.union(layout.charts);
                let unopened = self.live.saved_file().is_some() && self.frame().is_none();
                broken(fault, unopened, body, theme, buf);
            }
            (None, None) => {
                Pen::new(layout.picture, buf)
                    .put("starting", theme.style(Role::Dim))
                    .put(theme.symbols.ellipsis, theme.style(Role::Dim));
            }
            (Some(frame), None) => self.body(frame, &layout, theme, buf),
        }
        self.versus(cx, versus_row(&layout), buf);
        self.knobs(&layout, &self.knob_grid(cx.area), theme, buf);
        self.serving_line(&layout, theme, buf);
        if let Some(frame) = self.frame() {
            log(frame, layout.log, theme, buf);
            invariants(frame, layout.invariants, theme, buf);
            Timeline {
                now: frame
                    .seeking
                    .map_or(frame.now, |seek| seek.to)
                    .as_secs_f64(),
                until: frame.horizon.as_secs_f64(),
                interventions: &frame.interventions,
                say: &|what| design::spoken(self.spec, what),
                focused: self.on_timeline(),
                theme,
            }
            .render(layout.timeline, buf);
        }
        self.draw_guide(cx, buf);
        match &self.modal {
            Modal::Menu(menu) => menu.draw(theme, cx.area, buf),
            Modal::Compare(menu) => menu.draw(theme, cx.area, buf),
            Modal::Why(why) => why.draw(theme, cx.area, buf),
            Modal::Limit(panel) => panel.draw(theme, cx.area, buf),
            Modal::Theory(panel) => panel.draw(self.frame(), theme, cx.area, buf),
            Modal::Brief(panel) => panel.draw(theme, cx.area, buf),
            Modal::Finder(finder) => finder.draw(self.values(), theme, cx.area, buf),
            _ => {}
        }
    }

    fn body(&self, frame: &Frame, layout: &Layout, theme: &Theme, buf: &mut Buffer) {
        let marks: Vec<f64> = frame
            .interventions
            .iter()
            .map(|timed| timed.at.as_secs_f64())
            .collect();
        let shared = Shared {
            frame,
            window: Window::recent(
                frame
                    .seeking
                    .map_or(frame.now, |seek| seek.to)
                    .as_secs_f64(),
                self.live.speed().value(),
            ),
            marks: &marks,
            metrics: &self.spec.metrics,
            theme,
        };
        if layout.side_by_side {
            self.picture(frame, layout.picture, theme, buf);
            if self.charts_are_covered() {
                covered(layout.charts, theme, buf);
            } else {
                let charts = self.requirements(frame, layout.charts, theme, buf);
                self.charts(shared, charts, layout.readings, buf);
            }
            return;
        }
        if self.charts_are_covered() && self.pane() != Pane::Picture {
            covered(layout.picture, theme, buf);
            return;
        }
        match self.pane() {
            Pane::Picture => self.picture(frame, layout.picture, theme, buf),
            Pane::Chart(n) => {
                if let Some(panel) = self.panels.get(n) {
                    shared.draw(*panel, layout.picture, buf);
                }
            }
            Pane::Readings => {
                let below = self.requirements(frame, layout.picture, theme, buf);
                Self::readings(shared, &[below], &[], buf);
            }
            Pane::Log => log(frame, layout.picture, theme, buf),
        }
    }

    fn picture(&self, frame: &Frame, area: Rect, theme: &Theme, buf: &mut Buffer) {
        for (side, part) in pictures(frame, area) {
            if part.y > area.y {
                let above = Rect {
                    y: part.y - 1,
                    ..part
                };
                side_title(side, theme, above, buf);
            }
            Picture {
                frame: side,
                selected: self.selected.filter(|_| side.side == frame.side),
                messages: !self.live.is_playing() || self.live.speed().shows_messages(),
                speed: self.live.speed().value(),
                theme,
            }
            .render(part, buf);
        }
    }

    /// As many charts as there is room for, from the chosen one on; below them the other numbers, or in a place of
    /// their own. The last view is the numbers alone.
    fn charts(&self, shared: Shared<'_>, area: Rect, beside: Rect, buf: &mut Buffer) {
        let count = self.panels.len();
        if self.view >= count {
            Self::readings(shared, &[area], &[], buf);
            return;
        }
        let grid = if beside.is_empty() {
            ChartGrid::of(area, count, shared.frame.metrics.len())
        } else {
            ChartGrid {
                readings: vec![beside],
                ..ChartGrid::of(area, count, 0)
            }
        };
        let shown: Vec<Panel> = (0..grid.charts.len())
            .map(|n| self.panels[(self.view + n) % count])
            .collect();
        for (panel, spot) in shown.iter().zip(&grid.charts) {
            shared.draw(*panel, *spot, buf);
        }
        Self::readings(shared, &grid.readings, &shown, buf);
    }

    /// The metrics that no chart shows, from column to column.
    fn readings(shared: Shared<'_>, columns: &[Rect], shown: &[Panel], buf: &mut Buffer) {
        let others: Vec<&MetricView> = shared
            .frame
            .metrics
            .iter()
            .filter(|metric| shown.iter().all(|panel| panel.metric() != metric.name))
            .collect();
        if let Some([a, b]) = shared.frame.sides() {
            let pairs: Vec<[&MetricView; 2]> = others
                .iter()
                .filter_map(|metric| Some([a.metric(metric.name)?, b.metric(metric.name)?]))
                .collect();
            let per_column = pairs.len().div_ceil(columns.len().max(1)).max(1);
            for (metrics, area) in pairs.chunks(per_column).zip(columns) {
                Pairs {
                    metrics,
                    theme: shared.theme,
                }
                .render(*area, buf);
                more_below(metrics.len(), *area, shared.theme, buf);
            }
            return;
        }
        let per_column = others.len().div_ceil(columns.len().max(1)).max(1);
        for (metrics, area) in others.chunks(per_column).zip(columns) {
            Readings {
                metrics,
                window: shared.window,
                theme: shared.theme,
            }
            .render(*area, buf);
            more_below(metrics.len(), *area, shared.theme, buf);
        }
    }

    fn knobs(&self, layout: &Layout, grid: &Grid, theme: &Theme, buf: &mut Buffer) {
        Knobs {
            specs: &self.spec.knobs,
            values: &self.previewed(),
            grid,
            focus: self.focus,
            preview: self.preview().is_some(),
            theme,
        }
        .render(layout.knobs, buf);
        let Some((spec, value)) = self.knob() else {
            let text = "through the run; what lies ahead of the moment is kept until you act";
            let text = theme.clip(text, layout.help.width);
            Pen::new(layout.help, buf).put(&text, theme.style(Role::Dim));
            return;
        };
        let dim = theme.style(Role::Dim);
        if let Modal::Typing(typing) = &self.modal {
            let mut pen = Pen::new(layout.help, buf);
            pen.put(spec.name, theme.style(Role::Accent))
                .put(" = ", dim)
                .put(typing.text(), theme.style(Role::Strong))
                .skip(3);
            let (text, role) = match &typing.trouble {
                Some(trouble) => (format!("{} {trouble}", theme.symbols.cross), Role::Danger),
                None => (spec.range(), Role::Dim),
            };
            let room = usize::from(pen.room());
            pen.put(&theme.clip(&text, room), theme.style(role));
            return;
        }
        let restarts = if spec.needs_restart {
            let sign = restart_sign(theme);
            format!("  {sign} turning it starts the run again; z takes that back")
        } else {
            String::new()
        };
        if let Some(wanted) = self.preview() {
            let (now, wanted) = (spec.human(value), spec.human(wanted));
            let text = format!("{} was {now}, becomes {wanted}", spec.name);
            let keys = format!("   enter now, esc not at all{restarts}");
            let mut pen = Pen::new(layout.help, buf);
            pen.put(&text, theme.style(Role::Warning));
            let keys = theme.clip(&keys, pen.room());
            pen.put(&keys, dim);
            return;
        }
        let text = format!("{}{restarts}", spec.help);
        let range = format!("   {}", spec.range());
        let room = usize::from(layout.help.width);
        let mut pen = Pen::new(layout.help, buf);
        pen.put(&theme.clip(&text, room), dim)
            .put_whole(&range, theme.style(Role::Faint));
    }

    /// The cursor of the value that is typed.
    pub(super) fn typing_cursor(&self, area: Rect) -> Option<Position> {
        let Modal::Typing(typing) = &self.modal else {
            return None;
        };
        let help = self.layout(area).help;
        let (spec, _) = self.knob()?;
        let x = help.x + spec.name.width() as u16 + 3 + typing.cursor();
        Some(Position::new(x.min(help.right().saturating_sub(1)), help.y))
    }
}

/// Rows for what sets two runs apart, and what that comes to.
const VERSUS_ROWS: u16 = 2;
/// A picture of each side needs so many rows.
const TWO_PICTURES_FROM: u16 = 10;

/// Where it stands what sets two runs apart: below the header.
fn versus_row(layout: &Layout) -> Rect {
    Rect {
        y: layout.header.bottom(),
        height: VERSUS_ROWS,
        ..layout.header
    }
}

/// The pictures that a pane shows, with their places: of both sides of a comparison where there is room.
pub(super) fn pictures(frame: &Frame, area: Rect) -> Vec<(&Frame, Rect)> {
    match frame.sides() {
        Some([a, b]) if area.height >= TWO_PICTURES_FROM => {
            let half = area.height / 2;
            vec![(a, area.upper(half).below(1)), (b, area.below(half + 1))]
        }
        _ => vec![(frame, area)],
    }
}

/// Marks, right of the last row, that not all rows of numbers are in view: the view of numbers alone has them.
fn more_below(rows: usize, area: Rect, theme: &Theme, buf: &mut Buffer) {
    if rows > area.height.into() && !area.is_empty() {
        let [_, _, _, down] = theme.symbols.arrows;
        let beside = Rect::new(area.right(), area.last_row().y, 1, 1).intersection(buf.area);
        Pen::new(beside, buf).put(down, theme.style(Role::Accent));
    }
}

/// In the place of charts that would tell what is being asked.
fn covered(area: Rect, theme: &Theme, buf: &mut Buffer) {
    let row = area.height / 2;
    let text = "covered until you have predicted";
    let left = (area.width.saturating_sub(text.width() as u16)) / 2;
    Pen::at(area, row, buf)
        .to(left)
        .put(text, theme.style(Role::Dim));
}

/// A lab whose own code has failed, or that never started: what happened and what to do.
fn broken(fault: &str, unopened: bool, area: Rect, theme: &Theme, buf: &mut Buffer) {
    let danger = theme.style(Role::Danger);
    Pen::new(area, buf).put(theme.symbols.cross, danger).put(
        if unopened {
            " The saved run can't be opened."
        } else {
            " The lab has failed, not the system in it."
        },
        danger,
    );
    let text = area.first(TEXT_WIDTH).below(2).above(2).upper(8);
    Paragraph::new(fault)
        .style(theme.style(Role::Text))
        .wrap(Wrap { trim: true })
        .render(text.intersection(buf.area), buf);
    Pen::at(area, area.height.saturating_sub(1).min(11), buf)
        .put("r", theme.style(Role::Key))
        .put(
            if unopened {
                " starts the lab without it"
            } else {
                " starts it again with the same seed and knobs"
            },
            theme.style(Role::Dim),
        );
}
