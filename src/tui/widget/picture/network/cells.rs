//! A system in few rows: a cell for each of the many, without words.

use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picture::signs::{cell_of_node, cell_of_units};
use crate::tui::widget::picture::units::{Unit, Units};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::role::Rank;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Who asks on the left; the many as bars. A column is a unit and a row one of its copies, while
/// there is room for that; else a cell is one unit or several.
pub fn draw(frame: &Frame, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let units = Units::of(frame);
    let head = units
        .ranked(Rank::Head)
        .last()
        .map(|index| units.0[index].name());
    let members: Vec<&Unit> = units
        .ranked(Rank::Member)
        .map(|index| &units.0[index])
        .collect();
    let lead = head.as_ref().map_or(0, |name| name.width() as u16 + 4);
    let faint = theme.style(Role::Faint);
    let bars = area.after(lead);
    if bars.is_empty() || members.is_empty() {
        return;
    }
    let copies = members
        .iter()
        .map(|unit| unit.nodes.len())
        .max()
        .unwrap_or(1);
    let (width, height) = (usize::from(bars.width), usize::from(bars.height));
    let rows = if copies <= height && members.len() <= width {
        for (column, unit) in members.iter().enumerate() {
            for (row, node) in unit.views(frame).iter().enumerate() {
                let (sign, role) = cell_of_node(node, theme);
                Pen::at(bars, row as u16, buf)
                    .to(column as u16)
                    .put(sign, theme.style(role));
            }
        }
        copies
    } else {
        let per_cell = members.len().div_ceil(width * height).max(1);
        for (cell, units) in members.chunks(per_cell).enumerate() {
            let (sign, role) = cell_of_units(units, frame, theme);
            Pen::at(bars, (cell / width) as u16, buf)
                .to((cell % width) as u16)
                .put(sign, theme.style(role));
        }
        members.len().div_ceil(per_cell).div_ceil(width)
    };
    if let Some(name) = head {
        let text = theme.style(Role::Text);
        Pen::new(area, buf)
            .put(&name, text)
            .skip(1)
            .put(theme.symbols.horizontal, faint)
            .put(
                if theme.is_ascii() {
                    "+"
                } else if rows > 1 {
                    "┬"
                } else {
                    "─"
                },
                faint,
            );
        for row in 1..rows as u16 {
            let last = row + 1 == rows as u16;
            let sign = if last {
                theme.symbols.corner
            } else {
                theme.symbols.tee
            };
            Pen::at(area, row, buf).to(lead - 2).put(sign, faint);
        }
    }
}
