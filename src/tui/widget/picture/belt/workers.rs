//! The workers at the end of the belt: a row each with how far its work has come, while there is room;
//! else a cell each.

use super::{Role, Theme};
use crate::tui::widget::pen::{Pen, clip};
use crate::tui::widget::picture::rows::{Rows, name_role};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::scene::{TaskView, WorkerStanding, WorkerView};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// A row narrower than this has no room for words.
const ROW_MIN: u16 = 26;
const BAR_MAX: u16 = 16;

pub struct Workers<'a> {
    pub frame: &'a Frame,
    /// Place of the queue in the frame.
    pub queue: u32,
    pub pool: &'a [WorkerView],
    pub selected: Option<u32>,
    pub messages: bool,
    pub form: Form,
    pub theme: &'a Theme,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Rows(Rows),
    /// So many cells to a row, behind the number of the first.
    Cells {
        columns: u16,
        rows: u16,
        label: u16,
    },
}

impl Form {
    pub fn of(count: usize, area: Rect) -> Self {
        if let Some(rows) = Rows::fit(area, count, ROW_MIN) {
            return Self::Rows(rows);
        }
        let label = count.to_string().len() as u16 + 1;
        let width = area.width.saturating_sub(label).max(1);
        // Rows of tens are counted by eye.
        let columns = if width >= 10 { width / 10 * 10 } else { width };
        Self::Cells {
            columns,
            rows: (count.div_ceil(columns.into()) as u16).min(area.height),
            label,
        }
    }

    pub fn height(&self) -> u16 {
        match self {
            Self::Rows(rows) => rows.height(),
            Self::Cells { rows, .. } => *rows,
        }
    }

    pub fn hit(&self, area: Rect, at: Position) -> Option<usize> {
        match self {
            Self::Rows(rows) => rows.hit(at),
            Self::Cells {
                columns,
                rows,
                label,
            } => {
                let column = at.x.checked_sub(area.x + label)?;
                let row = at.y.checked_sub(area.y)?;
                (column < *columns && row < *rows)
                    .then(|| usize::from(row) * usize::from(*columns) + usize::from(column))
            }
        }
    }
}

/// What a worker is about, in a few words.
fn words(worker: &WorkerView, theme: &Theme) -> Vec<(String, Role)> {
    let symbols = theme.symbols;
    let word = |text: &str, role| vec![(text.to_owned(), role)];
    let mut words = match (worker.standing, worker.task) {
        (WorkerStanding::Down, _) => {
            return word(&format!("{} down", symbols.cross), Role::Danger);
        }
        (WorkerStanding::Starting, _) => return word("starting", Role::Dim),
        (WorkerStanding::Paused, _) => word(&format!("{} paused", symbols.pause), Role::Warning),
        (WorkerStanding::Leaving, _) => word("leaving", Role::Dim),
        (WorkerStanding::Up, Some(_)) => Vec::new(),
        (WorkerStanding::Up, None) => return word("idle", Role::Faint),
    };
    if let Some(task) = worker.task {
        words.push((format!("item {}", task.item), Role::Dim));
        if task.lease_over {
            words.push((format!("{} lease over", symbols.warning), Role::Danger));
        }
        if task.received > 1 {
            words.push((format!("delivery {}", task.received), Role::Warning));
        }
    }
    if worker.in_hand > 0 {
        words.push((format!("+{} in hand", worker.in_hand), Role::Dim));
    }
    words
}

fn role_of(task: &TaskView) -> Role {
    match () {
        () if task.lease_over => Role::Danger,
        () if task.received > 1 => Role::Warning,
        () => Role::Accent,
    }
}

impl Workers<'_> {
    fn rows(&self, rows: &Rows, buf: &mut Buffer) {
        let theme = self.theme;
        let track: u16 = if rows.width() >= 44 { 4 } else { 1 };
        let name = |worker: &WorkerView| format!("worker {}", worker.number);
        let names = self.pool.iter().map(|worker| name(worker).width());
        let label = names.max().unwrap_or(0) as u16;
        let bar_at = 1 + track + 1 + label + 1;
        let bar = (rows.width().saturating_sub(bar_at) / 3).min(BAR_MAX);
        for (n, worker) in self.pool.iter().enumerate() {
            let mut pen = rows.branch(n, track, theme, buf);
            let style = theme.style(name_role(self.selected == Some(worker.number)));
            pen.put(&name(worker), style).to(bar_at);
            self.progress(worker, bar, &mut pen);
            pen.skip(1);
            for (text, role) in words(worker, theme) {
                if text.width() > usize::from(pen.room()) {
                    break;
                }
                pen.put(&text, theme.style(role)).skip(1);
            }
        }
        if self.messages {
            let row_of = |node| self.pool.iter().position(|worker| worker.node == node);
            rows.messages(self.frame, self.queue, row_of, track, theme, buf);
        }
    }

    fn progress(&self, worker: &WorkerView, width: u16, pen: &mut Pen<'_>) {
        let (theme, symbols) = (self.theme, self.theme.symbols);
        let Some(task) = &worker.task else {
            pen.fill(symbols.none, width, theme.style(Role::Faint));
            return;
        };
        let eighths = (task.progress * f64::from(width) * 8.0).round() as u16;
        for cell in 0..width {
            let filled = eighths.saturating_sub(cell * 8).min(8);
            if filled == 0 {
                pen.put(symbols.none, theme.style(Role::Faint));
            } else {
                let sign = symbols.eighths[usize::from(filled)];
                pen.put(sign, theme.style(role_of(task)));
            }
        }
    }

    fn cells(&self, columns: u16, rows: u16, label: u16, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let shown = usize::from(columns) * usize::from(rows);
        for (n, worker) in self.pool.iter().take(shown).enumerate() {
            let (row, column) = (n as u16 / columns, n as u16 % columns);
            if column == 0 {
                let number = worker.number.to_string();
                Pen::at(area, row, buf).put_right(
                    &number,
                    usize::from(label) - 1,
                    theme.style(Role::Dim),
                );
            }
            let (sign, role) = cell(worker, theme);
            let mut style = theme.style(role);
            if self.selected == Some(worker.number) {
                style = style.patch(theme.style(Role::Selection));
            }
            Pen::at(area, row, buf).to(label + column).put(sign, style);
        }
        if shown < self.pool.len() && rows > 0 {
            let text = format!("{} more", self.pool.len() - shown);
            let text = clip(&text, area.width.into(), theme.symbols.ellipsis);
            let right = area.width.saturating_sub(text.width() as u16);
            Pen::at(area, rows - 1, buf)
                .to(right)
                .put(&text, theme.style(Role::Dim));
        }
    }
}

/// A worker in one cell: how far its work has come, or why it does none.
pub fn cell(worker: &WorkerView, theme: &Theme) -> (&'static str, Role) {
    let symbols = theme.symbols;
    match (worker.standing, &worker.task) {
        (WorkerStanding::Down, _) => (symbols.cross, Role::Danger),
        (WorkerStanding::Paused, _) => (symbols.pause, Role::Warning),
        (WorkerStanding::Starting, _) => (symbols.progress[0], Role::Dim),
        (_, None) => (symbols.none, Role::Faint),
        (_, Some(task)) => {
            let level = ((task.progress * 8.0).ceil() as usize).clamp(1, 8);
            (symbols.levels[level], role_of(task))
        }
    }
}

impl Widget for Workers<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        match self.form {
            Form::Rows(rows) => self.rows(&rows, buf),
            Form::Cells {
                columns,
                rows,
                label,
            } => self.cells(columns, rows, label, area, buf),
        }
    }
}
