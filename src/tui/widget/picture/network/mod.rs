//! The picture of any system: who sends work, the many that do it, and what stands behind them.
//!
//! - [`plan`]: what goes where, with as many details as there is room for;
//! - [`cells`]: the same on a page, in few rows;
//! - here: the drawing.

mod cells;
pub mod plan;

use super::units::Unit;
use super::{Picture, signs};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::pen::{Pen, clip};
use ddlab_labs::workbench::frame::{FlightKind, Frame};
use ddlab_labs::workbench::role::Rank;
use plan::{Density, Plan, tree_rows};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Cells of the link between two heads.
const LINK: u16 = 6;
/// A line of air, and what the messages are.
const LEGEND_ROWS: u16 = 2;

pub struct Network<'a> {
    pub frame: &'a Frame,
    pub plan: &'a Plan,
    /// The unit that actions are aimed at.
    pub selected: Option<usize>,
    /// Whether time is slow enough for messages to be followed by eye.
    pub messages: bool,
    pub theme: &'a Theme,
}

pub struct Painter;

impl super::Painter for Painter {
    fn draw(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer) {
        let plan = Plan::of(picture.frame, area);
        let selected = picture.selected.and_then(|number| {
            let mut members = plan.members.iter().copied();
            members.find(|index| plan.units.0[*index].number == number)
        });
        Network {
            frame: picture.frame,
            plan: &plan,
            selected,
            messages: picture.messages,
            theme: picture.theme,
        }
        .render(area, buf);
    }

    fn draw_small(&self, picture: &Picture<'_>, area: Rect, buf: &mut Buffer) {
        cells::draw(picture.frame, picture.theme, area, buf);
    }

    fn small_rows(&self) -> u16 {
        3
    }

    fn tenths_of_width(&self) -> u16 {
        5
    }

    fn extent(&self, frame: &Frame, area: Rect) -> (u16, u16) {
        let plan = Plan::of(frame, area);
        let columns = plan.columns().min(area.width);
        let rows = plan.tail.bottom() - area.y + LEGEND_ROWS;
        (columns, rows.min(area.height))
    }

    fn hit(&self, frame: &Frame, area: Rect, at: Position) -> Option<u32> {
        let plan = Plan::of(frame, area);
        let unit = plan.hit(frame, at)?;
        Some(plan.units.0[unit].number)
    }
}

/// Signs of branches.
struct Branches {
    fork: &'static str,
    end: &'static str,
}

impl Widget for Network<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        if area.intersection(buf.area).is_empty() {
            return;
        }
        let head = self.head(buf);
        match self.plan.density {
            Density::Tree { .. } => {
                self.tree(buf);
                self.worst(buf);
            }
            Density::Grid { label, .. } => {
                self.grid(label, buf);
                self.worst(buf);
            }
            Density::Strip {
                columns,
                units_per_cell,
                label,
            } => self.strip(columns, units_per_cell, label, buf),
        }
        self.tail(buf);
        if self.messages {
            self.flights(buf);
            self.legend(area, head, buf);
        }
    }
}

impl Network<'_> {
    fn unit(&self, index: usize) -> &Unit {
        &self.plan.units.0[index]
    }

    fn label_style(&self, index: usize) -> Style {
        self.theme.style(if self.selected == Some(index) {
            Role::Selection
        } else {
            Role::Text
        })
    }

    /// Comes to the cells that it takes.
    fn head(&self, buf: &mut Buffer) -> u16 {
        let faint = self.theme.style(Role::Faint);
        let mut pen = Pen::new(self.plan.head, buf);
        for (nth, index) in self.plan.units.ranked(Rank::Head).enumerate() {
            let unit = self.unit(index);
            let name = unit.name();
            if nth > 0 {
                // Where there is little room the link is short rather than the name.
                let left = pen.room().saturating_sub(name.width() as u16 + 2);
                let link = left.clamp(1, LINK);
                pen.skip(1)
                    .fill(self.theme.symbols.track, link, faint)
                    .skip(1);
            }
            let name = clip(&name, pen.room().into(), self.theme.symbols.ellipsis);
            pen.put(&name, self.label_style(index)).skip(1);
            signs::describe(unit, self.frame, self.theme, &mut pen);
        }
        pen.x().saturating_sub(self.plan.head.x)
    }

    fn tail(&self, buf: &mut Buffer) {
        for (row, index) in self.plan.units.ranked(Rank::Tail).enumerate() {
            let mut pen = Pen::at(self.plan.tail, row as u16, buf);
            pen.put(self.theme.symbols.corner, self.theme.style(Role::Faint))
                .fill(
                    self.theme.symbols.track,
                    LINK,
                    self.theme.style(Role::Faint),
                )
                .skip(1)
                .put(&self.unit(index).name(), self.label_style(index))
                .skip(1);
            signs::describe(self.unit(index), self.frame, self.theme, &mut pen);
        }
    }

    fn branches(&self) -> Branches {
        if self.theme.is_ascii() {
            Branches {
                fork: "+",
                end: "+",
            }
        } else {
            Branches {
                fork: "┬",
                end: "┐",
            }
        }
    }

    fn tree(&self, buf: &mut Buffer) {
        let Density::Tree {
            columns,
            column_width,
            track,
            named,
            label,
            bar,
            pitch,
            ..
        } = self.plan.density
        else {
            return;
        };
        let (symbols, faint) = (self.theme.symbols, self.theme.style(Role::Faint));
        let count = self.plan.members.len();
        let rows = tree_rows(count, columns);
        let used = count.div_ceil(rows) as u16;
        if columns > 1 && used > 0 {
            let branches = self.branches();
            let mut pen = Pen::new(self.plan.body, buf);
            pen.put(symbols.tee, faint);
            for column in 1..used {
                let sign = if column + 1 == used {
                    branches.end
                } else {
                    branches.fork
                };
                pen.fill(symbols.horizontal, column_width - 1, faint)
                    .put(sign, faint);
            }
        }
        let cut = self.cut();
        for (n, index) in self.plan.members.iter().enumerate() {
            let Some(spot) = self.plan.spot(n) else {
                continue;
            };
            let last = n % rows + 1 == rows || n + 1 == count;
            let unit = self.unit(*index);
            if pitch > 1 && !last {
                let below = Rect {
                    y: spot.y + 1,
                    ..spot
                };
                Pen::new(below, buf).put(symbols.vertical, faint);
            }
            let mut pen = Pen::new(spot, buf);
            pen.put(if last { symbols.corner } else { symbols.tee }, faint);
            if cut[*index] {
                let danger = self.theme.style(Role::Danger);
                pen.fill(symbols.track, track / 2, faint)
                    .put(symbols.cross, danger)
                    .to(1 + track);
            } else {
                pen.fill(symbols.track, track, faint);
            }
            let text = if named {
                unit.name()
            } else {
                unit.number.to_string()
            };
            pen.skip(1);
            let style = self.label_style(*index);
            if named && let Some((word, number)) = text.split_once(' ') {
                // `leaf  3` above `leaf 12`: digits under digits.
                let width = usize::from(label).saturating_sub(word.len());
                pen.put(word, style)
                    .put(&format!("{number:>width$}"), style);
            } else {
                let text = clip(&text, label.into(), symbols.ellipsis);
                pen.put_right(&text, label.into(), style);
            }
            pen.skip(1);
            if bar > 1 {
                signs::describe_long(unit, bar, self.frame, self.theme, &mut pen);
            } else {
                signs::describe(unit, self.frame, self.theme, &mut pen);
            }
        }
    }

    fn grid(&self, label: u16, buf: &mut Buffer) {
        for (n, index) in self.plan.members.iter().enumerate() {
            let Some(spot) = self.plan.spot(n) else {
                continue;
            };
            let unit = self.unit(*index);
            let style = if self.selected == Some(*index) {
                self.theme.style(Role::Selection)
            } else {
                self.theme.style(Role::Dim)
            };
            let mut pen = Pen::new(spot, buf);
            pen.put_right(&unit.number.to_string(), label.into(), style)
                .skip(1);
            for node in unit.views(self.frame) {
                let (sign, role) = signs::bar(node, self.theme);
                pen.put(sign, self.theme.style(role));
            }
            if let Some((text, role)) = signs::remark(unit, self.frame, self.theme)
                && role != Role::Dim
            {
                let sign: String = text.chars().take(1).collect();
                pen.put(&sign, self.theme.style(role));
            }
        }
    }

    /// One cell for one or several units, and the worst of them by name.
    fn strip(&self, columns: u16, units_per_cell: usize, label: u16, buf: &mut Buffer) {
        let (dim, count) = (self.theme.style(Role::Dim), self.plan.members.len());
        let first = self
            .plan
            .members
            .first()
            .map(|index| self.unit(*index).role);
        let many = first.map_or("nodes", |role| role.plural);
        let head = match units_per_cell {
            1 => format!("{count} {many}, one cell each"),
            n => format!("{count} {many}, {n} to a cell: the worst of them"),
        };
        Pen::new(self.plan.body, buf).put(
            &clip(
                &head,
                self.plan.body.width.into(),
                self.theme.symbols.ellipsis,
            ),
            dim,
        );
        let per_row = units_per_cell * usize::from(columns);
        for (cell, members) in self.plan.members.chunks(units_per_cell).enumerate() {
            let n = cell * units_per_cell;
            let Some(spot) = self.plan.spot(n) else {
                continue;
            };
            if n.is_multiple_of(per_row) {
                let row = Rect {
                    x: self.plan.body.x,
                    width: label,
                    ..spot
                };
                Pen::new(row, buf).put_right(&(n + 1).to_string(), usize::from(label) - 1, dim);
            }
            let units: Vec<&Unit> = members.iter().map(|index| self.unit(*index)).collect();
            let (sign, role) = signs::cell_of_units(&units, self.frame, self.theme);
            let mut style = self.theme.style(role);
            if self
                .selected
                .is_some_and(|selected| members.contains(&selected))
            {
                style = style.patch(self.theme.style(Role::Selection));
            }
            Pen::new(spot, buf).put(sign, style);
        }
        self.worst(buf);
    }

    fn worst(&self, buf: &mut Buffer) {
        let area = self.plan.worst();
        let mut ranked: Vec<usize> = self.plan.members.clone();
        if !matches!(self.plan.density, Density::Strip { .. }) {
            // All are shown already: named are only those that have something.
            ranked.retain(|index| {
                let (severity, queue, _) = self.unit(*index).urgency(self.frame);
                severity > 0 || queue > 0 || self.selected == Some(*index)
            });
        }
        let wanted = usize::from(area.height).min(ranked.len());
        let urgency = |index: &usize| {
            let chosen = self.selected == Some(*index);
            std::cmp::Reverse((chosen, self.unit(*index).urgency(self.frame)))
        };
        if wanted < ranked.len() && wanted > 0 {
            ranked.select_nth_unstable_by_key(wanted - 1, urgency);
            ranked.truncate(wanted);
        }
        ranked.sort_by_key(urgency);
        for (row, index) in ranked.into_iter().take(wanted).enumerate() {
            let mut pen = Pen::at(area, row as u16, buf);
            pen.put(&self.unit(index).name(), self.label_style(index))
                .skip(1);
            signs::describe(self.unit(index), self.frame, self.theme, &mut pen);
        }
    }

    /// Which units have a link that is cut.
    fn cut(&self) -> Vec<bool> {
        let mut cut = vec![false; self.plan.units.0.len()];
        for link in self.frame.links.iter().filter(|link| link.cut) {
            for end in [link.from, link.to] {
                if let Some(index) = self.plan.units.of_node(end) {
                    cut[index] = true;
                }
            }
        }
        cut
    }

    /// Messages on the branches: a request goes to the right, a reply to the left.
    fn flights(&self, buf: &mut Buffer) {
        let Density::Tree { track, .. } = self.plan.density else {
            return;
        };
        let rank = |index: usize| self.unit(index).role.rank;
        for flight in &self.frame.flights {
            let ends = (
                self.plan.units.of_node(flight.from),
                self.plan.units.of_node(flight.to),
            );
            let (Some(from), Some(to)) = ends else {
                continue;
            };
            let progress = flight.progress.clamp(0.0, 1.0);
            let (member, share) = match (rank(from), rank(to)) {
                (_, Rank::Member) => (to, progress),
                (Rank::Member, _) => (from, 1.0 - progress),
                _ => continue,
            };
            // Members stand in the frame one after the other.
            let Ok(n) = self.plan.members.binary_search(&member) else {
                continue;
            };
            let Some(spot) = self.plan.spot(n) else {
                continue;
            };
            let column = 1 + (share * f32::from(track - 1)).round() as u16;
            let (sign, role) = signs::message(flight.kind, self.theme);
            Pen::new(spot, buf)
                .to(column)
                .put(sign, self.theme.style(role));
        }
    }

    /// What the messages are: below the picture, or else right of its head, which takes so many cells.
    fn legend(&self, area: Rect, head: u16, buf: &mut Buffer) {
        if !matches!(self.plan.density, Density::Tree { .. }) {
            return;
        }
        let is_free = self.plan.tail.bottom() + 1 < area.bottom();
        let mut pen = if is_free {
            Pen::at(area, area.height - 1, buf)
        } else {
            let mut pen = Pen::new(self.plan.head, buf);
            pen.to(head + 3);
            pen
        };
        let kinds = [
            (FlightKind::Request, "request"),
            (FlightKind::Reply, "reply"),
            (FlightKind::Hedge, "hedge"),
            (FlightKind::Cancel, "cancel"),
            (FlightKind::Error, "error"),
        ];
        for (kind, word) in kinds {
            let (sign, role) = signs::message(kind, self.theme);
            let rest = kinds.iter().skip_while(|(other, _)| *other != kind).skip(1);
            let mark = if rest.count() > 0 { 2 } else { 0 };
            if usize::from(pen.room()) < word.len() + 2 + mark {
                pen.put(self.theme.symbols.ellipsis, self.theme.style(Role::Faint));
                break;
            }
            pen.put(sign, self.theme.style(role))
                .skip(1)
                .put(word, self.theme.style(Role::Faint))
                .skip(2);
        }
    }
}

#[cfg(test)]
mod tests;
