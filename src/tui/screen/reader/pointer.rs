//! The mouse: the wheel scrolls, a click goes to what is under it. Nothing needs it.

use super::inset::Inset;
use super::layout;
use super::{Focus, Reader};
use crate::tui::effect::{Effect, Notice, Place};
use crate::tui::screen::Cx;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

/// Lines that one notch of the wheel scrolls.
const WHEEL: isize = 3;

impl Reader {
    pub(super) fn mouse(&mut self, mouse: MouseEvent, cx: &Cx<'_>) -> Vec<Effect> {
        if matches!(
            mouse.kind,
            MouseEventKind::ScrollDown | MouseEventKind::ScrollUp
        ) {
            self.explained = None;
        }
        match mouse.kind {
            MouseEventKind::ScrollDown => self.scroll_by(WHEEL, cx),
            MouseEventKind::ScrollUp => self.scroll_by(-WHEEL, cx),
            MouseEventKind::Down(MouseButton::Left) => {
                return self.click(Position::new(mouse.column, mouse.row), cx);
            }
            _ => {}
        }
        Vec::new()
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
            Some(inset) => self.click_inset(inset, line, cx),
            None => self.follow(line, column, cx),
        }
    }

    /// The first click gives the focus, one on what has it opens it; a click on a choice chooses.
    fn click_inset(&mut self, inset: usize, line: usize, cx: &Cx<'_>) -> Vec<Effect> {
        let had_focus = self.focus.is_some_and(|focus| focus.inset == inset);
        if !had_focus {
            self.focus = Some(Focus { inset, dial: 0 });
            self.answering = false;
            self.set(cx);
        }
        let slot = &self.page.flow.slots[inset];
        let (first, width) = (slot.first_line, slot.width as u16);
        if let Inset::Check(check) = &mut self.page.insets[inset] {
            let sheet = check.sheet(width, true, cx.theme);
            if let Some(quiz) = &mut check.quiz {
                let row = line.saturating_sub(first + 1);
                let reply = quiz.click(&sheet, row);
                self.answering = true;
                return self.after_reply(reply, cx).unwrap_or_default();
            }
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
            return vec![Effect::Notice(Notice::info(target))];
        }
        // `../06-sharded/chapter.md` and `sharded` both name a chapter.
        let name = target
            .trim_end_matches("/chapter.md")
            .rsplit('/')
            .next()
            .unwrap_or_default();
        match cx.library.chapter(name) {
            Ok(chapter) => vec![Effect::Open(Place::chapter(&chapter.meta.id))],
            Err(unknown) => vec![Effect::Notice(Notice::warning(unknown.to_string()))],
        }
    }
}
