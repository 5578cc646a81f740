//! The curriculum: what to do next on one line, and below it every chapter with its five marks. The
//! first thing seen, so it is calm: one accent, no boxes, nothing that moves.
//!
//! - [`next`]: what to do next, from the record and the library alone.
//! - [`layout`]: which rows stand where, shared by the drawing and the mouse.
//! - [`view`]: the drawing.

mod layout;
mod next;
mod view;

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen, go};
use crate::content::model::Chapter;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::picker::{Picked, Picker};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use layout::Layout;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

pub struct Home {
    /// Of the chapters, in the order of the book.
    picker: Picker,
}

impl Home {
    /// The selection stands on the chapter to go on with, so that enter continues.
    pub fn new(cx: &Cx<'_>) -> Self {
        let here = next::next(cx.library, cx.marks).map(|step| step.chapter);
        let chapter = here
            .or_else(|| cx.marks.last_place().map(|place| place.chapter.clone()))
            .and_then(|id| cx.library.chapters().position(|c| c.meta.id == id))
            .unwrap_or(0);
        Self {
            picker: Picker::at(chapter),
        }
    }

    fn chapter<'a>(&self, cx: &Cx<'a>) -> Option<&'a Chapter> {
        cx.library.chapters().nth(self.picker.chosen())
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match action {
            Action::Search => return vec![Effect::Open(Place::palette())],
            Action::Choose(number) => {
                let mut chapters = cx.library.chapters();
                let chapter = chapters.find(|chapter| chapter.meta.number == number);
                return chapter.map(|c| go(action, c)).into_iter().collect();
            }
            Action::Next => {
                return match next::next(cx.library, cx.marks) {
                    Some(step) => vec![Effect::Open(step.place)],
                    None => vec![Effect::info(next::ALL_DONE)],
                };
            }
            Action::Open | Action::GoLab | Action::GoExercise | Action::GoInterview => {
                let chapter = self.chapter(cx);
                return chapter.map(|c| go(action, c)).into_iter().collect();
            }
            action => {
                let layout = Layout::new(cx);
                let height = layout.list.height.into();
                self.picker.act(action, &layout.items, height);
            }
        }
        Vec::new()
    }

    fn mouse(&mut self, mouse: MouseEvent, cx: &Cx<'_>) -> Vec<Effect> {
        let layout = Layout::new(cx);
        let at = Position::new(mouse.column, mouse.row);
        let clicked = mouse.kind == MouseEventKind::Down(MouseButton::Left);
        if clicked && layout.next.contains(at) {
            return self.act(Action::Next, cx);
        }
        match self.picker.mouse(mouse, &layout.items, layout.list) {
            Picked::Opened => self.act(Action::Open, cx),
            Picked::Moved | Picked::Nothing => Vec::new(),
        }
    }
}

impl Screen for Home {
    fn place(&self) -> Place {
        Place::Home
    }

    fn contexts(&self) -> Vec<Context> {
        vec![
            Context::Home,
            Context::Numbers,
            Context::Movement,
            Context::Global,
        ]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        match message {
            Message::Act(action) => self.act(action, cx),
            Message::Mouse(mouse) => self.mouse(mouse, cx),
            _ => Vec::new(),
        }
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        view::draw(self, cx, buf);
    }
}
