//! What goes where: as many details as there is room for, from a tree with messages on its branches
//! down to one cell for many nodes.

use crate::tui::widget::picture::units::Units;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::role::Rank;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

/// Cells for what is said of a unit: `! a 20x q12`; for its sign alone when it must be short.
const REMARK: u16 = 12;
const SIGN: u16 = 3;
/// Cells more for words of a lab's own, such as `5.0 MB to ship`.
const BADGE: u16 = 6;
/// Columns of a name, at most.
const NAME_MAX: u16 = 20;
/// Cells of a branch that messages travel along.
const TRACK: std::ops::RangeInclusive<u16> = 3..=18;
/// Cells of the load of one copy, where there is room for more than one.
const BAR: std::ops::RangeInclusive<u16> = 4..=20;
/// A column wider than this has nothing more to say.
const COLUMN_MAX: u16 = 84;
/// Rows of the list of the worst, below a strip of cells.
const WORST: u16 = 4;

/// How the many are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Density {
    /// Each on a branch of its own, in this many columns.
    Tree {
        columns: u16,
        column_width: u16,
        track: u16,
        /// Their names in full, not their numbers alone.
        named: bool,
        label: u16,
        /// No room for words on the branches; the worst are named below.
        brief: bool,
        /// Cells of the load of one copy.
        bar: u16,
        /// Rows of a unit: there is room for a line of air between two.
        pitch: u16,
    },
    /// Number and bars only.
    Grid { columns: u16, cell: u16, label: u16 },
    /// One cell for so many units.
    Strip {
        columns: u16,
        units_per_cell: usize,
        label: u16,
    },
}

/// The parts of the picture.
#[derive(Debug, Clone)]
pub struct Plan {
    pub units: Units,
    pub members: Vec<usize>,
    pub head: Rect,
    pub body: Rect,
    pub tail: Rect,
    pub density: Density,
}

impl Plan {
    pub fn of(frame: &Frame, area: Rect) -> Self {
        let units = Units::of(frame);
        let members: Vec<usize> = units.ranked(Rank::Member).collect();
        let heads = u16::from(units.ranked(Rank::Head).next().is_some());
        let tails = units.ranked(Rank::Tail).count() as u16;
        let head = Rect {
            height: heads.min(area.height),
            ..area
        };
        let tail_height = tails.min(area.height - head.height);
        let body_height = area.height - head.height - tail_height;
        let body = Rect {
            y: head.bottom(),
            height: body_height,
            ..area
        };
        let tail = Rect {
            y: body.bottom(),
            height: tail_height,
            ..area
        };
        let density = density(&units, &members, body);
        let body = Rect {
            height: body.height.min(density.rows(members.len(), body.height)),
            ..body
        };
        Self {
            tail: Rect {
                y: body.bottom(),
                ..tail
            },
            units,
            members,
            head,
            body,
            density,
        }
    }

    /// Columns that are drawn in: of a tree in one column no more than its branches can be long.
    pub fn columns(&self) -> u16 {
        match self.density {
            Density::Tree {
                columns: 1,
                track,
                label,
                bar,
                ..
            } => {
                let copies = self
                    .members
                    .iter()
                    .map(|index| self.units.0[*index].nodes.len());
                let copies = copies.max().unwrap_or(1) as u16;
                // A corner, and blanks between the parts.
                4 + track + label + copies * (bar + 1) + REMARK + BADGE
            }
            _ => self.body.width,
        }
    }

    /// The cells of the `n`th of the many; none when it is not shown.
    pub fn spot(&self, n: usize) -> Option<Rect> {
        let spot = match self.density {
            Density::Tree {
                columns,
                column_width,
                pitch,
                ..
            } => {
                let top = u16::from(columns > 1);
                let rows = tree_rows(self.members.len(), columns);
                Rect {
                    x: self.body.x + (n / rows) as u16 * column_width,
                    y: self.body.y + top + (n % rows) as u16 * pitch,
                    width: column_width.saturating_sub(1),
                    height: 1,
                }
            }
            Density::Grid { columns, cell, .. } => Rect {
                x: self.body.x + (n % usize::from(columns)) as u16 * cell,
                y: self.body.y + (n / usize::from(columns)) as u16,
                width: cell - 1,
                height: 1,
            },
            Density::Strip {
                columns,
                units_per_cell,
                label,
            } => {
                let cell = n / units_per_cell;
                Rect {
                    x: self.body.x + label + (cell % usize::from(columns)) as u16,
                    y: self.body.y + 1 + (cell / usize::from(columns)) as u16,
                    width: 1,
                    height: 1,
                }
            }
        };
        (self.body.intersection(spot) == spot).then_some(spot)
    }

    /// The unit under this place. Where many share a cell it is the one worst off.
    pub fn hit(&self, frame: &Frame, at: Position) -> Option<usize> {
        let urgency = |unit: &usize| self.units.0[*unit].urgency(frame);
        self.members
            .iter()
            .enumerate()
            .filter(|(n, _)| self.spot(*n).is_some_and(|spot| spot.contains(at)))
            .map(|(_, unit)| *unit)
            .rev()
            .max_by_key(urgency)
    }

    /// The rows below a strip or a grid, where the worst are named.
    pub fn worst(&self) -> Rect {
        let height = match self.density {
            Density::Strip {
                columns,
                units_per_cell,
                ..
            } => {
                let cells = self.members.len().div_ceil(units_per_cell);
                let rows = 1 + cells.div_ceil(columns.into()) as u16;
                WORST.min(self.body.height.saturating_sub(rows))
            }
            Density::Grid { columns, .. } => {
                let rows = self.members.len().div_ceil(columns.into()) as u16;
                WORST.min(self.body.height.saturating_sub(rows + 1))
            }
            // What is said on the branches needs no second telling.
            Density::Tree { brief: false, .. } => 0,
            Density::Tree { columns, .. } => {
                let rows = tree_rows(self.members.len(), columns) as u16 + u16::from(columns > 1);
                WORST.min(self.body.height.saturating_sub(rows + 1))
            }
        };
        Rect {
            y: self.body.bottom() - height,
            height,
            ..self.body
        }
    }
}

pub fn tree_rows(members: usize, columns: u16) -> usize {
    members.div_ceil(columns.max(1).into()).max(1)
}

fn density(units: &Units, members: &[usize], body: Rect) -> Density {
    let count = members.len();
    let bars = members
        .iter()
        .map(|index| units.0[*index].nodes.len())
        .max()
        .unwrap_or(1) as u16;
    let digits = count.to_string().width() as u16;
    let names = members.iter().map(|index| units.0[*index].name().width());
    let full = (names.max().unwrap_or(0) as u16).min(NAME_MAX);
    for (named, remark) in [(true, REMARK), (false, REMARK), (false, SIGN)] {
        let label = if named { full } else { digits };
        // Branch, label, bars, remark, and the gaps between them.
        let fixed = 1 + 1 + label + 1 + bars + remark + 1;
        let columns = (1..=body.width.max(1)).find(|columns| {
            let rows = body.height.saturating_sub(u16::from(*columns > 1));
            usize::from(rows) * usize::from(*columns) >= count
        });
        let Some(columns) = columns else { break };
        let column_width = (body.width / columns).min(COLUMN_MAX);
        if column_width >= fixed + TRACK.start() {
            let rows = tree_rows(count, columns) as u16;
            // Half of what is left is for messages, the rest for loads.
            let left = column_width - fixed;
            let bars = bars.max(1);
            let bar = (left / 2 / bars).min(*BAR.end());
            let bar = if bar < *BAR.start() { 1 } else { bar };
            let track = match bar {
                1 => left,
                bar => left - (bar * bars).min(left),
            };
            return Density::Tree {
                columns,
                column_width,
                track: track.clamp(*TRACK.start(), *TRACK.end()),
                named,
                label,
                brief: remark == SIGN,
                bar,
                pitch: if columns == 1 && body.height >= 2 * rows {
                    2
                } else {
                    1
                },
            };
        }
    }
    let cell = digits + 1 + bars + 3;
    let columns = body.width / cell;
    if usize::from(columns) * usize::from(body.height) >= count && columns > 0 {
        return Density::Grid {
            columns,
            cell,
            label: digits,
        };
    }
    strip(count, digits, body)
}

fn strip(count: usize, digits: u16, body: Rect) -> Density {
    let label = digits + 1;
    let width = body.width.saturating_sub(label).max(1);
    // Rows of tens are counted by eye.
    let columns = if width >= 10 { width / 10 * 10 } else { width };
    let rows = body.height.saturating_sub(WORST + 2).max(1);
    let cells = usize::from(columns) * usize::from(rows);
    Density::Strip {
        columns,
        units_per_cell: count.div_ceil(cells).max(1),
        label,
    }
}

impl Density {
    /// Rows that it needs, at most `most`.
    fn rows(self, members: usize, most: u16) -> u16 {
        let rows = match self {
            Self::Tree {
                columns,
                brief,
                pitch,
                ..
            } => {
                let named = if brief { 1 + usize::from(WORST) } else { 0 };
                let rows = (tree_rows(members, columns) - 1) * usize::from(pitch) + 1;
                rows + usize::from(columns > 1) + named
            }
            Self::Grid { columns, .. } => members.div_ceil(columns.into()) + 1 + usize::from(WORST),
            Self::Strip {
                columns,
                units_per_cell,
                ..
            } => {
                let cells = members.div_ceil(units_per_cell);
                1 + cells.div_ceil(columns.into()) + 1 + usize::from(WORST)
            }
        };
        if members == 0 {
            0
        } else {
            (rows as u16).min(most)
        }
    }
}
