//! The designs: the learner's own files, examples and briefs, to run one or to begin one from. What lies in the folder
//! is read outside and told in a message.

#[cfg(test)]
mod tests;
mod view;

use super::{Cx, Message, Screen};
use crate::designs;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::picker::{Items, Picked, Picker};
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::sheet;
use ddlab_design::brief::{self, Brief};
use ddlab_design::{examples, gameday};
use ratatui::buffer::Buffer;
use std::sync::Arc;

#[derive(Default)]
pub struct Designs {
    /// None until they have been read.
    found: Option<Result<Arc<Vec<String>>, String>>,
    picker: Picker,
    /// A file was asked for, and has not been read yet.
    asked: bool,
    /// The file that was asked for, and what is wrong with it.
    refused: Option<(String, Vec<String>)>,
    /// The brief whose text is read, and how far down.
    reading: Option<(&'static Brief, Scroll)>,
    /// The brief that is chosen when the list is there.
    wanted: Option<String>,
}

/// A row of the list.
#[derive(Clone, Copy)]
enum Row<'a> {
    /// What the rows below it are.
    Head(&'static str),
    Gap,
    /// What to say where there is none.
    None(&'a str),
    /// The path of a file.
    Own(&'a str),
    Example(&'static str, &'static str),
    Brief(&'static Brief),
}

impl Designs {
    /// The list, at this brief.
    pub fn at(brief: &str) -> Self {
        Self {
            wanted: Some(brief.to_owned()),
            ..Self::default()
        }
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = vec![Row::Head("Your own")];
        match &self.found {
            None => rows.push(Row::None("reading")),
            Some(Err(why)) => rows.push(Row::None(why)),
            Some(Ok(files)) if files.is_empty() => {
                rows.push(Row::None(
                    "none yet; enter on an example or a brief begins one",
                ));
            }
            Some(Ok(files)) => rows.extend(files.iter().map(|path| Row::Own(path))),
        }
        rows.extend([
            Row::Gap,
            Row::Head("Briefs: interview questions that can be run"),
        ]);
        rows.extend(brief::all().iter().map(Row::Brief));
        rows.extend([Row::Gap, Row::Head("Examples")]);
        rows.push(Row::Example("auction", gameday::AUCTION));
        rows.extend(examples::ALL.map(|(name, text)| Row::Example(name, text)));
        rows
    }

    fn items(rows: &[Row<'_>]) -> Items {
        Items::among(rows, |row| {
            matches!(row, Row::Own(_) | Row::Example(..) | Row::Brief(_))
        })
    }

    fn chosen(&self) -> Option<Row<'_>> {
        let rows = self.rows();
        let items = Self::items(&rows);
        rows.iter()
            .enumerate()
            .find(|(line, _)| self.picker.is_chosen(*line, &items))
            .map(|(_, row)| *row)
    }

    /// The file of the chosen row, made first where it is none of the learner's.
    fn open(&mut self, edit: bool) -> Vec<Effect> {
        self.asked = true;
        match self.chosen() {
            Some(Row::Own(path)) if edit => vec![Effect::EditDesign(path.to_owned())],
            Some(Row::Own(path)) => vec![Effect::OpenDesign(path.to_owned())],
            Some(Row::Example(name, text)) => vec![Effect::NewDesign {
                name,
                text: text.to_owned(),
                edit,
            }],
            Some(Row::Brief(brief)) => vec![Effect::NewDesign {
                name: &brief.id,
                text: brief.starter(),
                edit,
            }],
            _ => Vec::new(),
        }
    }

    /// The brief of the chosen row.
    fn brief(&self) -> Option<&'static Brief> {
        match self.chosen()? {
            Row::Brief(brief) => Some(brief),
            Row::Own(path) => brief::find(designs::stem(path)).ok(),
            _ => None,
        }
    }

    /// A key while a brief is read.
    fn act_on_text(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match action {
            Action::Back => self.reading = None,
            Action::Open => {
                self.reading = None;
                return self.open(false);
            }
            _ => {
                if let Some((brief, scroll)) = &mut self.reading {
                    let total = view::text(brief, cx).len();
                    sheet::act(scroll, action, total, cx.area);
                }
            }
        }
        Vec::new()
    }

    /// What came of reading a file.
    fn read(&mut self, path: String, read: Result<(), Vec<String>>) -> Vec<Effect> {
        if !std::mem::take(&mut self.asked) {
            return Vec::new();
        }
        match read {
            Ok(()) => {
                self.refused = None;
                vec![Effect::Open(Place::lab(&path))]
            }
            Err(problems) => {
                self.refused = Some((path, problems));
                vec![Effect::ListDesigns]
            }
        }
    }
}

impl Screen for Designs {
    fn place(&self) -> Place {
        Place::Designs
    }

    fn contexts(&self) -> Vec<Context> {
        if self.reading.is_some() {
            return vec![Context::BriefText, Context::Movement];
        }
        vec![Context::Designs, Context::Movement, Context::Global]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let list = view::list_area(cx.area);
        match message {
            // Also when one comes back to it: there may be more by now.
            Message::Shown => return vec![Effect::ListDesigns],
            Message::Designs(found) => {
                self.found = Some(found);
                let wanted = self.wanted.take();
                let rows = self.rows();
                let items = Self::items(&rows);
                let is_wanted = |row: &Row<'_>| matches!(row, Row::Brief(it) if Some(&it.id) == wanted.as_ref());
                let line = rows.iter().position(is_wanted);
                let chosen = line.and_then(|line| items.of_line(line));
                let chosen = chosen.unwrap_or(self.picker.chosen());
                self.picker.choose(chosen, &items, list.height.into());
            }
            Message::Design(path, read) => return self.read(path, read),
            Message::Act(action) if self.reading.is_some() => {
                return self.act_on_text(action, cx);
            }
            Message::Act(Action::Statement) => match self.brief() {
                Some(brief) => self.reading = Some((brief, Scroll::default())),
                None => return vec![Effect::info("no brief is chosen here")],
            },
            Message::Act(Action::Open) => return self.open(false),
            Message::Act(Action::Edit) => return self.open(true),
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Act(action) => {
                self.refused = None;
                let items = Self::items(&self.rows());
                self.picker.act(action, &items, list.height.into());
            }
            Message::Mouse(mouse) if self.reading.is_none() => {
                let items = Self::items(&self.rows());
                match self.picker.mouse(mouse, &items, list) {
                    Picked::Opened => return self.open(false),
                    Picked::Moved => self.refused = None,
                    Picked::Nothing => {}
                }
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        self.draw(cx, buf);
    }
}
