//! The saved runs: a list to open one from, to rename and to delete. What lies in the folder is read outside and
//! told in a message.

#[cfg(test)]
mod tests;
mod view;

use super::{Cx, Message, Screen};
use crate::runs::ListedRun;
use crate::tui::effect::{Effect, Place, RunChange};
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::field::Field;
use crate::tui::widget::picker::{Items, Picked, Picker};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use std::sync::Arc;

#[derive(Default)]
pub struct Runs {
    /// None until they have been read.
    found: Option<Result<Arc<Vec<ListedRun>>, String>>,
    picker: Picker,
    /// The new name of the chosen run, while it is typed.
    renaming: Option<Field>,
    /// The run that the next `d` deletes.
    deleting: Option<String>,
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

    fn chosen(&self) -> Option<&ListedRun> {
        self.entries().get(self.picker.chosen())
    }

    fn begin_renaming(&mut self) {
        self.renaming = self.chosen().map(|entry| {
            let stem = entry.name.strip_suffix(".run");
            Field::of(stem.unwrap_or(&entry.name))
        });
    }

    fn act_while_renaming(&mut self, action: Action) -> Vec<Effect> {
        let name = self.renaming.take().map(|field| field.text().to_owned());
        match (action, self.chosen(), name) {
            (Action::Open, Some(entry), Some(name)) => vec![Effect::ChangeRun {
                file: entry.name.clone(),
                change: RunChange::Rename(name),
            }],
            _ => Vec::new(),
        }
    }

    /// Asks first; what is deleted does not come back.
    fn delete(&mut self) -> Vec<Effect> {
        let Some(file) = self.chosen().map(|entry| entry.name.clone()) else {
            return Vec::new();
        };
        if self.deleting.take().is_some_and(|asked| asked == file) {
            let change = RunChange::Delete;
            return vec![Effect::ChangeRun { file, change }];
        }
        let sure = format!("delete {file} for ever? `d` again does it, any other key leaves it");
        self.deleting = Some(file);
        vec![Effect::warning(sure)]
    }

    fn open(&self) -> Vec<Effect> {
        let Some(entry) = self.chosen() else {
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
        if self.renaming.is_some() {
            return vec![Context::Input];
        }
        if self.entries().is_empty() {
            return vec![Context::Global];
        }
        vec![Context::Runs, Context::Movement, Context::Global]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let list = view::list_area(cx.area);
        let items = self.items();
        if matches!(message, Message::Act(action) if action != Action::Delete) {
            self.deleting = None;
        }
        match message {
            // Also when one comes back to it: there may be more by now.
            Message::Shown => return vec![Effect::ListRuns],
            Message::Runs(found) => {
                self.found = Some(found);
                let chosen = self.picker.chosen();
                self.picker
                    .choose(chosen, &self.items(), list.height.into());
            }
            Message::Act(action) if self.renaming.is_some() => {
                return self.act_while_renaming(action);
            }
            Message::Type(key) => {
                if let Some(field) = &mut self.renaming {
                    field.key(key);
                }
            }
            Message::Paste(text) => {
                if let Some(field) = &mut self.renaming {
                    field.paste(&text);
                }
            }
            Message::Act(Action::Edit) => self.begin_renaming(),
            Message::Act(Action::Delete) => return self.delete(),
            Message::Act(Action::Open) => return self.open(),
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Act(action) => {
                self.picker.act(action, &items, list.height.into());
            }
            Message::Mouse(_) if self.renaming.is_some() => {}
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

    fn cursor(&self, cx: &Cx<'_>) -> Option<Position> {
        let field = self.renaming.as_ref()?;
        let row = view::detail_area(cx.area);
        let before = view::RENAME.len() as u16 + field.cursor();
        let x = row
            .x
            .saturating_add(before)
            .min(row.right().saturating_sub(1));
        Some(Position::new(x, row.y))
    }
}
