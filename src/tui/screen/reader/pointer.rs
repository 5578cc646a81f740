//! The mouse: the wheel scrolls, a click goes to what is under it. Nothing needs it.

use super::inset::{INDENT, Inset};
use super::layout;
use super::{Focus, Reader};
use crate::tui::effect::{Effect, Place};
use crate::tui::screen::Cx;
use crate::tui::widget::quiz::Gesture;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

impl Reader {
    pub(super) fn mouse(&mut self, mouse: MouseEvent, cx: &Cx<'_>) -> Vec<Effect> {
        let total = self.page.flow.lines.len();
        if self.scroll.wheel(mouse.kind, total, Self::height(cx)) {
            self.explained = None;
            return Vec::new();
        }
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                return self.click(Position::new(mouse.column, mouse.row), cx);
            }
            kind => {
                if let Some(gesture) = Gesture::of(kind) {
                    return self.drag(gesture, Position::new(mouse.column, mouse.row), cx);
                }
            }
        }
        Vec::new()
    }

    /// The button is held, or let go, over the question that has the keys.
    fn drag(&mut self, gesture: Gesture, at: Position, cx: &Cx<'_>) -> Vec<Effect> {
        let text = layout::areas(cx.area).text;
        let Some(focus) = self.focus.filter(|_| self.answering && text.contains(at)) else {
            return Vec::new();
        };
        let line = self.scroll.top + usize::from(at.y - text.y);
        let column = usize::from(at.x - text.x);
        self.point(gesture, focus.inset, line, column, cx)
    }

    /// What the mouse does to a question of the page, at a line and a column of the page.
    fn point(
        &mut self,
        gesture: Gesture,
        inset: usize,
        line: usize,
        column: usize,
        cx: &Cx<'_>,
    ) -> Vec<Effect> {
        let slot = &self.page.flow.slots[inset];
        let row = line.checked_sub(slot.first_line + 1);
        let column = column.saturating_sub(slot.indent + usize::from(INDENT));
        let width = slot.width as u16;
        let Inset::Check(check) = &mut self.page.insets[inset] else {
            return Vec::new();
        };
        let sheet = check.sheet(width, true, cx.theme);
        match (&mut check.quiz, row) {
            (Some(quiz), Some(row)) => {
                let reply = quiz.mouse(gesture, &sheet, row, column);
                self.after_reply(reply, cx).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    fn click(&mut self, at: Position, cx: &Cx<'_>) -> Vec<Effect> {
        if self.explained.is_some() {
            return self.click_explanation(at, cx);
        }
        let areas = layout::areas(cx.area);
        if let Some(outline) = areas.outline.filter(|outline| outline.contains(at)) {
            let row = usize::from(at.y - outline.y);
            if let Some(heading) = super::view::outline_rows(self, outline).get(row) {
                let line = self.page.flow.outline[heading.entry].line;
                self.scroll_to(line, cx);
            }
            return Vec::new();
        }
        if !areas.text.contains(at) {
            return Vec::new();
        }
        let line = self.scroll.top + usize::from(at.y - areas.text.y);
        let column = usize::from(at.x - areas.text.x);
        let slots = &self.page.flow.slots;
        let clicked = slots
            .iter()
            .position(|slot| (slot.first_line..slot.first_line + slot.height).contains(&line));
        match clicked {
            Some(inset) => self.click_inset(inset, line, column, cx),
            None => self.follow(line, column, cx),
        }
    }

    /// The first click gives the focus, one on what has it opens it; a click on a choice chooses.
    fn click_inset(
        &mut self,
        inset: usize,
        line: usize,
        column: usize,
        cx: &Cx<'_>,
    ) -> Vec<Effect> {
        let had_focus = self.focus.is_some_and(|focus| focus.inset == inset);
        if !had_focus {
            self.focus = Some(Focus { inset, dial: 0 });
            self.answering = false;
            self.set(cx);
        }
        if matches!(&self.page.insets[inset], Inset::Check(check) if check.quiz.is_some()) {
            self.answering = true;
            return self.point(Gesture::Press, inset, line, column, cx);
        }
        if had_focus {
            self.enter(cx)
        } else {
            Vec::new()
        }
    }

    /// Follows the link under a click.
    fn follow(&mut self, line: usize, column: usize, cx: &Cx<'_>) -> Vec<Effect> {
        if let Some(word) = self.page.word_at(line, column) {
            self.explain(word, cx);
            return Vec::new();
        }
        let Some(target) = self.page.link_at(line, column) else {
            return Vec::new();
        };
        if let Some(there) = self.page.flow.line_of_target(&target) {
            self.scroll_to(there, cx);
            return Vec::new();
        }
        // An address is told, not opened: a book should not start programs.
        if target.contains("://") {
            return vec![Effect::info(target)];
        }
        match cx.library.chapter_of_link(&target) {
            Ok(chapter) => vec![Effect::Open(Place::chapter(&chapter.meta.id))],
            Err(unknown) => vec![Effect::warning(unknown.to_string())],
        }
    }
}
