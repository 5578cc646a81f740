//! Why: the story of the last minute, or since something was last done, a line for each thing that happened; each
//! leads to its moment.

use super::{Cx, LabScreen, Modal};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::pen::Pen;
use crate::tui::widget::picker::{Items, Picked, Picker};
use crate::tui::widget::{popup, wrapped};
use crossterm::event::MouseEvent;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::story::{self, Line, LineKind};
use ddlab_text::clock;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

/// Border and padding of a popup, and the columns that it takes at most.
const FRAME: (u16, u16) = (4, 2);
const WIDTH: u16 = 110;
/// An empty row, and the whole text of the line that is chosen where it was cut.
const FOOT: u16 = 3;
/// Cells of a moment, a sign and the air around them.
const HEAD: u16 = 13;

pub(super) struct Why {
    lines: Vec<Line>,
    picker: Picker,
    /// When it was asked.
    now: SimTime,
    /// It goes back to this, which is more than a minute.
    back_to: Option<SimTime>,
}

impl Why {
    fn of(frame: &Frame, spec: &'static LabSpec) -> Self {
        Self {
            lines: super::design::story(frame, spec),
            picker: Picker::default(),
            now: frame.now,
            back_to: story::reaches_back_to(frame),
        }
    }

    fn title(&self) -> String {
        let now = clock(self.now);
        match self.back_to {
            Some(from) => format!("From {} up to {now}", clock(from)),
            None => format!("The last minute, up to {now}"),
        }
    }

    /// Rows below the list: where a line is cut, it is said whole there when it is chosen.
    fn foot(&self, width: u16) -> u16 {
        let room = usize::from(width.saturating_sub(FRAME.0 + HEAD));
        let is_cut = |line: &Line| line.text.width() > room;
        if self.lines.iter().any(is_cut) {
            FOOT
        } else {
            0
        }
    }

    fn items(&self) -> Items {
        Items::plain(self.lines.len())
    }

    fn size(&self, area: Rect) -> (u16, u16) {
        let width = WIDTH.min(area.width);
        let rows = if self.lines.is_empty() {
            wrapped::rows(&nothing(), width.saturating_sub(FRAME.0)).len() as u16
        } else {
            self.lines.len() as u16 + self.foot(width)
        };
        (width, rows + FRAME.1)
    }

    fn list(&self, area: Rect) -> Rect {
        let (width, height) = self.size(area);
        popup::inner(width, height, area).above(self.foot(width))
    }

    /// Whether there is a moment to go to.
    pub fn leads(&self) -> bool {
        !self.lines.is_empty()
    }

    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let (width, height) = self.size(area);
        let inner = popup::open(&self.title(), width, height, theme, area, buf);
        if self.lines.is_empty() {
            whole(&nothing(), inner, theme, buf);
            return;
        }
        let (items, list) = (self.items(), self.list(area));
        for (n, row) in self.picker.in_view(&items, list) {
            let line = &self.lines[n];
            let chosen = self.picker.is_chosen(n, &items);
            let (sign, role) = look(line.kind, theme);
            let cursor = if chosen { theme.symbols.cursor } else { " " };
            let mut pen = Pen::new(row, buf);
            pen.put(cursor, theme.style(Role::Accent))
                .put(&clock(line.at), theme.style(Role::Dim))
                .skip(1)
                .put(sign, theme.style(role))
                .to(HEAD);
            let text = theme.clip(&line.text, pen.room());
            let role = if chosen { Role::Selection } else { role };
            pen.put(&text, theme.style(role));
        }
        self.picker.bar(&items, 1, theme, list, buf);
        let foot = self.foot(width);
        if let Some(line) = self.lines.get(self.picker.chosen()).filter(|_| foot > 0) {
            let rows = inner.below(inner.height.saturating_sub(foot - 1));
            whole(&line.text, rows, theme, buf);
        }
    }
}

/// What is said where nothing happened, and what would have been told.
fn nothing() -> String {
    format!(
        "Nothing out of the ordinary happened. {} Do something to it, and ask again.",
        story::CRITERION
    )
}

fn whole(text: &str, area: Rect, theme: &Theme, buf: &mut Buffer) {
    Paragraph::new(text)
        .style(theme.style(Role::Text))
        .wrap(Wrap { trim: true })
        .render(area.intersection(buf.area), buf);
}

/// How a kind of line looks; the sign tells it to those who see no colour.
fn look(kind: LineKind, theme: &Theme) -> (&'static str, Role) {
    let symbols = theme.symbols;
    match kind {
        LineKind::Done => (symbols.mark, Role::Accent),
        LineKind::Full => (symbols.eighths[8], Role::Danger),
        LineKind::Headline | LineKind::Begins => (symbols.warning, Role::Warning),
        LineKind::Said => (symbols.cross, Role::Danger),
        LineKind::Recovers => (symbols.tick, Role::Good),
        LineKind::Changes => (symbols.none, Role::Text),
    }
}

impl LabScreen {
    pub(super) fn open_why(&mut self) -> Vec<Effect> {
        if let Some(frame) = self.frame() {
            self.modal = Modal::Why(Why::of(frame, self.spec));
        }
        Vec::new()
    }

    pub(super) fn act_in_why(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        let Modal::Why(why) = &mut self.modal else {
            return Vec::new();
        };
        match action {
            Action::Open => {
                let at = why.lines.get(why.picker.chosen()).map(|line| line.at);
                self.modal = Modal::Nothing;
                return at.map_or_else(Vec::new, |at| self.live.seek_and_pause(at));
            }
            Action::Back | Action::Why => self.modal = Modal::Nothing,
            action => {
                let (items, list) = (why.items(), why.list(cx.area));
                why.picker.act(action, &items, list.height.into());
            }
        }
        Vec::new()
    }

    pub(super) fn mouse_in_why(&mut self, mouse: MouseEvent, cx: &Cx<'_>) -> Vec<Effect> {
        let Modal::Why(why) = &mut self.modal else {
            return Vec::new();
        };
        let (items, list) = (why.items(), why.list(cx.area));
        if why.picker.mouse(mouse, &items, list) == Picked::Opened {
            return self.act_in_why(Action::Open, cx);
        }
        Vec::new()
    }
}
