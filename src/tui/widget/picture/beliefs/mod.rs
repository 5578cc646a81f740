//! Belief against truth: what each one takes for true over time, one lane above the other, beside what
//! the store says and what became of the writes; or which task each worker had in hand when, as in a Gantt chart.
//!
//! A lane has two rows while there is room, with air below when there is more: whose it is and how that
//! node is, then the line. When it gets tight the name stands to the left of the line. [`lane`] draws the
//! line itself.

mod lane;

use super::rows::name_role;
use super::units::Units;
use super::{Picture, network, signs};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::axis::Window;
use crate::tui::widget::pen::{Pen, clip};
use ddlab_labs::workbench::frame::{Frame, Lane, NodeView};
use ddlab_labs::workbench::role::Rank;
use ddlab_text::clock_tick;
use lane::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Charts look at half a minute of the learner's own time; a lane looks at the last part of it more
/// closely, since it has fewer columns for what lasts seconds.
const CLOSER: f64 = 0.4;
/// Cells for one mark of the axis.
const MARK_WIDTH: u16 = 11;
/// A line shorter than this shows nothing.
const LINE_MIN: u16 = 8;

pub struct Beliefs<'a> {
    pub frame: &'a Frame,
    pub window: Window,
    /// The number of the one that actions are aimed at.
    pub selected: Option<u32>,
    pub theme: &'a Theme,
}

/// The stretch of time that lanes show: it follows the present of the frame, wherever that is.
pub fn window(frame: &Frame, speed: f64) -> Window {
    Window::recent(frame.now.as_secs_f64(), speed * CLOSER)
}

/// How the lanes lie in an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    area: Rect,
    lanes: u16,
    /// Rows of a lane: 1, or 2 with a row for its name.
    each: u16,
    /// Empty rows between two lanes.
    gap: u16,
    /// Cells for the names on the left.
    label: u16,
    axis: bool,
    legend: u16,
}

impl Layout {
    fn of(frame: &Frame, area: Rect) -> Self {
        let lanes = frame.lanes.len() as u16;
        let tall = area.height >= 2 * lanes + 2;
        let each = if tall { 2 } else { 1 };
        let gap = u16::from(area.height > 3 * lanes + 1);
        let widest = (0..frame.lanes.len()).map(|n| name(frame, n).width()).max();
        let label = if tall {
            0
        } else {
            (widest.unwrap_or(0) as u16 + 1).min(area.width.saturating_sub(LINE_MIN))
        };
        let used = lanes * (each + gap) - gap.min(lanes);
        let spare = area.height.saturating_sub(used);
        Self {
            area,
            lanes,
            each,
            gap,
            label,
            axis: spare > 0,
            legend: spare.saturating_sub(1).min(2),
        }
    }

    fn lane(&self, n: u16) -> Rect {
        let y = self.area.y + n * (self.each + self.gap);
        Rect {
            y,
            height: self.each.min(self.area.bottom().saturating_sub(y)),
            ..self.area
        }
    }

    /// The cells of the line of a lane.
    fn line(&self, n: u16) -> Rect {
        let lane = self.lane(n);
        let up = lane.height.saturating_sub(1);
        Rect {
            x: lane.x + self.label,
            y: lane.y + up,
            width: lane.width.saturating_sub(self.label),
            height: lane.height.min(1),
        }
    }

    fn axis(&self) -> Rect {
        let y = self.area.y + self.lanes * (self.each + self.gap) - self.gap;
        Rect {
            x: self.area.x + self.label,
            y,
            width: self.area.width.saturating_sub(self.label),
            height: u16::from(self.axis),
        }
    }

    fn legend(&self) -> Rect {
        Rect {
            y: self.axis().bottom(),
            height: self.legend,
            ..self.area
        }
    }
}

/// The node that a lane is about.
fn node(frame: &Frame, lane: usize) -> Option<&NodeView> {
    let at = frame.lanes.get(lane)?.node?;
    frame.nodes.get(at as usize)
}

fn name(frame: &Frame, lane: usize) -> String {
    let of_lane = frame
        .lanes
        .get(lane)
        .map_or("", |lane: &Lane| lane.name.as_str());
    node(frame, lane)
        .map_or(of_lane, |node| &node.name)
        .to_owned()
}

/// The number of the candidate that a lane is about.
fn number(frame: &Frame, lane: usize) -> Option<u32> {
    let at = frame.lanes.get(lane)?.node?;
    let units = Units::of(frame);
    let mut members = units.ranked(Rank::Member);
    let found = members.find(|index| units.0[*index].nodes.contains(&(at as usize)))?;
    Some(units.0[found].number)
}

pub struct Painter;

impl super::Painter for Painter {
    /// Below the lanes the nodes and their messages, where there is room for all of them.
    fn draw(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer) {
        let beliefs = Beliefs::of(picture);
        let below = beliefs.rest(area);
        beliefs.render(area, buf);
        if picture.messages && below.height >= picture.frame.nodes.len() as u16 {
            network::Painter.draw(picture, below, buf);
        }
    }

    fn draw_small(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer) {
        Beliefs::of(picture).render(area, buf);
    }

    /// Five lanes, their axis, and what the signs say.
    fn small_rows(&self) -> u16 {
        7
    }

    fn hit(&self, frame: &Frame, area: Rect, at: Position) -> Option<u32> {
        hit(frame, area, at)
    }

    /// Time needs columns.
    fn tenths_of_width(&self) -> u16 {
        5
    }
}

/// The number of the candidate whose lane is under this place.
fn hit(frame: &Frame, area: Rect, at: Position) -> Option<u32> {
    let layout = Layout::of(frame, area);
    let lane = (0..layout.lanes).find(|n| layout.lane(*n).contains(at))?;
    number(frame, lane.into())
}

impl<'a> Beliefs<'a> {
    fn of(picture: &Picture<'a>) -> Self {
        Self {
            frame: picture.frame,
            window: window(picture.frame, picture.speed),
            selected: picture.selected,
            theme: picture.theme,
        }
    }

    /// What is left below.
    pub fn rest(&self, area: Rect) -> Rect {
        let used = Layout::of(self.frame, area).legend().bottom() + 1;
        Rect {
            y: used.min(area.bottom()),
            height: area.bottom().saturating_sub(used),
            ..area
        }
    }

    fn head(&self, lane: usize, layout: &Layout, buf: &mut Buffer) {
        let theme = self.theme;
        let selected = self.selected.is_some() && number(self.frame, lane) == self.selected;
        let name = name(self.frame, lane);
        let mut pen = Pen::new(layout.lane(lane as u16), buf);
        if layout.each == 1 {
            let room = usize::from(layout.label.saturating_sub(1));
            let name = clip(&name, room, theme.symbols.ellipsis);
            pen.put(&name, theme.style(name_role(selected)));
            return;
        }
        pen.put(&name, theme.style(name_role(selected)));
        let Some(node) = node(self.frame, lane) else {
            return;
        };
        if let Some((text, role)) = signs::state(node, theme) {
            pen.skip(2).put(&text, theme.style(role));
        }
        if !node.badge.is_empty() {
            pen.skip(2).put(&node.badge, theme.style(Role::Dim));
        }
    }

    /// Round moments.
    fn axis(&self, area: Rect, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        let theme = self.theme;
        let column = |at: f64| {
            let share = self.window.share(at)?;
            Some((share * f64::from(area.width - 1)).round() as u16)
        };
        let (marks, step) = self.window.marks((area.width / MARK_WIDTH).max(2).into());
        let mut free = 0;
        for at in marks {
            let text = clock_tick(at, step);
            let width = text.width() as u16;
            let Some(middle) = column(at) else { continue };
            let left = middle
                .saturating_sub(width / 2)
                .min(area.width.saturating_sub(width));
            if left < free {
                continue;
            }
            free = left + width + 1;
            Pen::new(area, buf)
                .to(left)
                .put_whole(&text, theme.style(Role::Faint));
        }
    }

    fn legend(&self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let entries = lane::legend(theme, &self.frame.lanes);
        let mut entries = entries.iter().peekable();
        for row in 0..area.height {
            let mut pen = Pen::at(area, row, buf);
            while let Some((sign, role, word)) =
                entries.next_if(|(_, _, word)| word.width() + 2 <= usize::from(pen.room()))
            {
                pen.put(sign, theme.style(*role))
                    .skip(1)
                    .put(word, theme.style(Role::Faint))
                    .skip(2);
            }
        }
    }
}

impl Widget for Beliefs<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() || self.frame.lanes.is_empty() {
            return;
        }
        let layout = Layout::of(self.frame, area);
        for (n, lane) in self.frame.lanes.iter().enumerate() {
            self.head(n, &layout, buf);
            Line {
                lane,
                window: self.window,
                now: self.frame.now,
                theme: self.theme,
            }
            .render(layout.line(n as u16).intersection(area), buf);
        }
        self.axis(layout.axis().intersection(area), buf);
        self.legend(layout.legend().intersection(area), buf);
    }
}

#[cfg(test)]
mod tests;
