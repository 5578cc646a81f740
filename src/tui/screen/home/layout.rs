//! Which rows stand where. The drawing and the mouse both ask here, so they cannot disagree.

use crate::tui::screen::Cx;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::picker::{Items, Picker};
use crate::tui::widget::{TEXT_WIDTH, column, page};
use ratatui::layout::Rect;

/// The widest that the table grows; beyond it the eye loses the row between title and marks.
const TABLE_WIDTH: u16 = 100;
/// From here on the summary stands beside the table.
const BESIDE_WIDTH: u16 = 150;
const SUMMARY_WIDTH: u16 = 46;
const GAP: u16 = 4;
/// From this height on, parts have air between them.
const ROOMY_HEIGHT: u16 = 30;
/// Below this height, nothing has.
const TIGHT_HEIGHT: u16 = 20;
/// A summary of fewer lines says too little.
const SUMMARY_LINES_MIN: u16 = 2;
const SUMMARY_LINES_MAX: u16 = 7;

/// One row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The chapter with this index begins a part: its name stands here.
    Part(usize),
    Chapter(usize),
    Gap,
}

#[derive(Debug)]
pub struct Layout {
    pub title: Rect,
    /// What to do next.
    pub next: Rect,
    /// The part of the first row, and the names of the marks.
    pub head: Rect,
    pub list: Rect,
    /// Of the selected chapter; empty where there is no room.
    pub summary: Rect,
    rows: Vec<Row>,
    /// The chapters among the rows.
    pub items: Items,
}

impl Layout {
    pub fn new(cx: &Cx<'_>) -> Self {
        let area = page(cx.area);
        let roomy = area.height >= ROOMY_HEIGHT;
        let tight = area.height < TIGHT_HEIGHT;
        let rows = rows(cx, roomy);
        let beside = area.width >= BESIDE_WIDTH;
        let whole = if beside {
            column(area, TABLE_WIDTH + GAP + SUMMARY_WIDTH)
        } else {
            column(area, TABLE_WIDTH)
        };
        let gap = u16::from(!tight);
        // Tall terminals have some air on top, so that the page does not hang from the ceiling.
        let drop = area.height.saturating_sub(rows.len() as u16 + 20).min(3);
        let body = whole.below(drop + 2 + 2 * gap);
        let table = body.first(TABLE_WIDTH);
        let list = table.below(1).upper(rows.len() as u16);
        let summary = if beside {
            body.after(TABLE_WIDTH + GAP).above(1).upper(20)
        } else {
            let left = table.below(1 + list.height + 1).after(2);
            let enough = left.height >= SUMMARY_LINES_MIN;
            let rows = if enough { SUMMARY_LINES_MAX } else { 0 };
            left.first(TEXT_WIDTH).upper(rows)
        };
        let items = Items::among(&rows, |row| matches!(row, Row::Chapter(_)));
        Self {
            title: whole.row(drop),
            next: whole.row(drop + 1 + gap),
            head: table.row(0),
            list,
            summary,
            rows,
            items,
        }
    }

    /// The rows in view with their lines on the screen.
    pub fn visible(&self, picker: &Picker) -> impl Iterator<Item = (Row, Rect)> {
        let lines = picker.in_view(&self.items, self.list);
        lines.map(|(line, area)| (self.rows[line], area))
    }

    /// The chapter whose part the head names: the first in view.
    pub fn head_chapter(&self, picker: &Picker) -> Option<usize> {
        self.visible(picker).find_map(|(row, _)| match row {
            Row::Chapter(index) | Row::Part(index) => Some(index),
            Row::Gap => None,
        })
    }
}

/// The name of the first part stands in the head, so it is not a row.
fn rows(cx: &Cx<'_>, roomy: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut part: Option<&str> = None;
    for (index, chapter) in cx.library.chapters().enumerate() {
        if part.is_some_and(|before| before != chapter.meta.part) {
            if roomy {
                rows.push(Row::Gap);
            }
            rows.push(Row::Part(index));
        }
        part = Some(&chapter.meta.part);
        rows.push(Row::Chapter(index));
    }
    rows
}
