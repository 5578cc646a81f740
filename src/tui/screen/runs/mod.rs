//! The saved runs: a list to open one from. What lies in the folder is read outside and told in a message.

#[cfg(test)]
mod tests;
mod view;

use super::{Cx, Message, Screen};
use crate::runs::ListedRun;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::picker::{Items, Picked, Picker};
use ratatui::buffer::Buffer;
use std::sync::Arc;

#[derive(Default)]
pub struct Runs {
    /// None until they have been read.
    found: Option<Result<Arc<Vec<ListedRun>>, String>>,
    picker: Picker,
}

impl Runs {
    fn entries(&self) -> &[ListedRun] {
        match &self.found {
            Some(Ok(entries)) => entries,
            Some(Err(_)) | None => &[],
        }
    }

    fn items(&self) -> Items {
        Items::plain(self.entries().len())
    }

    fn open(&self) -> Vec<Effect> {
        let Some(entry) = self.entries().get(self.picker.chosen()) else {
            return Vec::new();
        };
        vec![match &entry.run {
            Ok(run) => Effect::Open(Place::SavedRun {
                lab: run.lab.id.to_owned(),
                file: entry.name.clone(),
            }),
            Err(why) => Effect::warning(why.clone()),
        }]
    }
}

impl Screen for Runs {
    fn place(&self) -> Place {
        Place::Runs
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Runs, Context::Movement, Context::Global]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let list = view::list_area(cx.area);
        let items = self.items();
        match message {
            // Also when one comes back to it: there may be more by now.
            Message::Shown => return vec![Effect::ListRuns],
            Message::Runs(found) => {
                self.found = Some(found);
                let chosen = self.picker.chosen();
                self.picker
                    .choose(chosen, &self.items(), list.height.into());
            }
            Message::Act(Action::Open) => return self.open(),
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Act(action) => {
                self.picker.act(action, &items, list.height.into());
            }
            Message::Mouse(mouse) => match self.picker.mouse(mouse, &items, list) {
                Picked::Opened => return self.open(),
                Picked::Moved | Picked::Nothing => {}
            },
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        self.draw(cx, buf);
    }
}
