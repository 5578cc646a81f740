//! The saved runs: a list to open one from. What lies in the folder is read outside and told in a message.

#[cfg(test)]
mod tests;
mod view;

use super::{Cx, Message, Screen};
use crate::runs::Entry;
use crate::tui::effect::{Effect, Notice, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::scroll::Scroll;
use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use std::sync::Arc;

#[derive(Default)]
pub struct Runs {
    /// None until they have been read.
    found: Option<Result<Arc<Vec<Entry>>, String>>,
    selected: usize,
    scroll: Scroll,
}

impl Runs {
    fn entries(&self) -> &[Entry] {
        match &self.found {
            Some(Ok(entries)) => entries,
            Some(Err(_)) | None => &[],
        }
    }

    fn select(&mut self, index: usize, cx: &Cx<'_>) {
        let count = self.entries().len();
        self.selected = index.min(count.saturating_sub(1));
        let rows = view::list_area(cx.area).height.into();
        self.scroll.reveal(self.selected, count, rows);
    }

    fn open(&self) -> Vec<Effect> {
        let Some(entry) = self.entries().get(self.selected) else {
            return Vec::new();
        };
        vec![match &entry.run {
            Ok(run) => Effect::Open(Place::SavedRun {
                lab: run.lab.id.to_owned(),
                file: entry.name.clone(),
            }),
            Err(why) => Effect::Notice(Notice::warning(why.clone())),
        }]
    }
}

impl Screen for Runs {
    fn place(&self) -> Place {
        Place::Runs
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Runs, Context::Global]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        match message {
            // Also when one comes back to it: there may be more by now.
            Message::Shown => return vec![Effect::ListRuns],
            Message::Runs(found) => {
                self.found = Some(found);
                self.select(self.selected, cx);
            }
            Message::Resized => self.select(self.selected, cx),
            Message::Act(action) => match action {
                Action::Down => self.select(self.selected + 1, cx),
                Action::Up => self.select(self.selected.saturating_sub(1), cx),
                Action::Top => self.select(0, cx),
                Action::Bottom => self.select(usize::MAX, cx),
                Action::Open => return self.open(),
                Action::Back => return vec![Effect::Back],
                _ => {}
            },
            Message::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => self.select(self.selected + 1, cx),
                MouseEventKind::ScrollUp => self.select(self.selected.saturating_sub(1), cx),
                MouseEventKind::Down(MouseButton::Left) => {
                    let list = view::list_area(cx.area);
                    if list.contains(Position::new(mouse.column, mouse.row)) {
                        let at = self.scroll.top + usize::from(mouse.row - list.y);
                        if at == self.selected {
                            return self.open();
                        }
                        if at < self.entries().len() {
                            self.select(at, cx);
                        }
                    }
                }
                _ => {}
            },
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        self.draw(cx, buf);
    }
}
