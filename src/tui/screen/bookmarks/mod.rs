//! The bookmarks: a list to go to one from, each with its note below it; [`note`] is where one is written.

pub mod note;
#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen};
use crate::progress::Event;
use crate::progress::bookmark::Bookmark;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::theme::Role;
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::picker::{Items, Picked, Picker, band};
use crate::tui::widget::{TEXT_WIDTH, column, page, prose, scroll, wrapped};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

const NONE: &str = "None yet. On a page, a question, an exercise or a source `m` marks the place, and `M` writes a note on it.";

/// Columns before a note.
const INDENT: u16 = 4;

#[derive(Default)]
pub struct Bookmarks {
    picker: Picker,
    /// The one that the next `d` drops.
    dropping: Option<String>,
    is_empty: bool,
}

/// A line of the list.
enum Row {
    Title(usize),
    Note(Line<'static>),
    Gap,
}

impl Bookmarks {
    /// The one that was touched last comes first.
    fn listed<'a>(cx: &Cx<'a>) -> Vec<&'a Bookmark> {
        cx.marks.bookmarks().iter().rev().collect()
    }

    fn rows(cx: &Cx<'_>) -> Vec<Row> {
        let width = body(cx).width.saturating_sub(INDENT);
        let mut rows = Vec::new();
        for (at, bookmark) in Self::listed(cx).into_iter().enumerate() {
            if at > 0 {
                rows.push(Row::Gap);
            }
            rows.push(Row::Title(at));
            if !bookmark.note.is_empty() {
                let note = wrapped::lines(&bookmark.note, None, width, cx.theme);
                rows.extend(note.into_iter().map(Row::Note));
            }
        }
        rows
    }

    /// A bookmark has its title and its note; the air between two belongs to neither.
    fn items(rows: &[Row]) -> Items {
        let starts = rows.iter().enumerate();
        let starts = starts.filter(|(_, row)| matches!(row, Row::Title(_)));
        let lines = starts.map(|(start, _)| {
            let rest = rows[start..].iter();
            start..start + rest.take_while(|row| !matches!(row, Row::Gap)).count()
        });
        Items::new(lines.collect(), rows.len())
    }

    fn chosen<'a>(&self, cx: &Cx<'a>) -> Option<&'a Bookmark> {
        Self::listed(cx).get(self.picker.chosen()).copied()
    }

    fn open(&self, cx: &Cx<'_>) -> Vec<Effect> {
        let place = self.chosen(cx).map(|bookmark| place_of(&bookmark.place));
        place
            .map(|place| match place {
                Some(place) => Effect::Open(place),
                None => Effect::warning(
                    "this version of ddlab has no such place; d deletes the bookmark",
                ),
            })
            .into_iter()
            .collect()
    }

    fn note(&self, cx: &Cx<'_>) -> Vec<Effect> {
        let note = self.chosen(cx).map(|bookmark| {
            Effect::Open(Place::Note {
                of: bookmark.of.clone(),
                title: bookmark.title.clone(),
                at: bookmark.place.clone(),
            })
        });
        note.into_iter().collect()
    }

    /// Asks first: the note goes with it.
    fn drop(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(of) = self.chosen(cx).map(|bookmark| bookmark.of.clone()) else {
            return Vec::new();
        };
        if self.dropping.take().is_some_and(|asked| asked == of) {
            return vec![Effect::Record(Event::BookmarkDropped { of })];
        }
        self.dropping = Some(of);
        vec![Effect::warning(
            "delete the bookmark and its note? d again deletes it, any other key keeps it",
        )]
    }
}

/// Reads the place of a bookmark.
fn place_of(written: &str) -> Option<Place> {
    serde_json::from_str(written).ok()
}

fn body(cx: &Cx<'_>) -> Rect {
    column(page(cx.area), TEXT_WIDTH).below(2)
}

impl Screen for Bookmarks {
    fn place(&self) -> Place {
        Place::Bookmarks
    }

    fn contexts(&self) -> Vec<Context> {
        if self.is_empty {
            return vec![Context::NoBookmarks, Context::Global];
        }
        vec![Context::Bookmarks, Context::Movement, Context::Global]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let items = Self::items(&Self::rows(cx));
        self.is_empty = Self::listed(cx).is_empty();
        let area = body(cx);
        let height = area.height.into();
        if matches!(message, Message::Act(action) if action != Action::Delete) {
            self.dropping = None;
        }
        match message {
            Message::Shown | Message::Resized | Message::Recorded(_) => {
                self.picker.choose(self.picker.chosen(), &items, height);
                if let Message::Recorded(answer) = &message
                    && let Event::BookmarkDropped { .. } = &answer.stored.event
                {
                    return vec![Effect::info("the bookmark is deleted")];
                }
            }
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Act(Action::Open) => return self.open(cx),
            Message::Act(Action::Edit) => return self.note(cx),
            Message::Act(Action::Delete) => return self.drop(cx),
            Message::Act(action) => {
                self.picker.act(action, &items, height);
            }
            Message::Mouse(mouse) => {
                return match self.picker.mouse(mouse, &items, area) {
                    Picked::Opened => self.open(cx),
                    Picked::Moved | Picked::Nothing => Vec::new(),
                };
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        let listed = Self::listed(cx);
        let status = match listed.len() {
            0 => String::new(),
            count => ddlab_text::counted(count, "bookmark"),
        };
        Header::new("Bookmarks", status, theme).render(header_area(cx.area, TEXT_WIDTH), buf);
        let area = body(cx);
        if listed.is_empty() {
            let none = prose::lines_as(Role::Dim, NONE, area.width, theme);
            scroll::lines(&none, area, buf);
            return;
        }
        let rows = Self::rows(cx);
        let items = Self::items(&rows);
        for (n, line) in self.picker.in_view(&items, area) {
            let chosen = self.picker.is_chosen(n, &items);
            match &rows[n] {
                Row::Gap => {}
                Row::Title(at) => {
                    if chosen {
                        band(line, theme, buf);
                    }
                    let role = if chosen { Role::Strong } else { Role::Text };
                    let text = line.after(2);
                    let title = theme.clip(&listed[*at].title, text.width);
                    theme.line(title, role).render(text, buf);
                }
                Row::Note(note) => note.render(line.after(INDENT), buf),
            }
        }
        self.picker.bar(&items, 2, theme, area, buf);
    }
}
