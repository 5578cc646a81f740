//! The note on a place, while it is written. It is kept whenever one leaves it.

use super::super::{Cx, Message, Screen};
use crate::progress::Event;
use crate::progress::bookmark::Bookmark;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::text_area::{self, TEXT_MAX, paste, text_area, typed, up_to};
use crate::tui::widget::{TEXT_WIDTH, column, page};
use ddlab_text::clean;
use ratatui::buffer::Buffer;
use ratatui::widgets::Widget;
use ratatui_textarea::TextArea;

const FULL: &str = "a note holds 16 kB; what is beyond is not kept";
const PLACEHOLDER: &str = "What you want to find here again; key ' lists all notes.";

pub struct Note {
    of: String,
    title: String,
    at: String,
    typed: TextArea<'static>,
    /// As the record knows it.
    kept: String,
}

impl Note {
    pub fn open(of: &str, title: &str, at: &str, cx: &Cx<'_>) -> Self {
        let known = cx.marks.bookmark(of);
        let kept = known.map_or_else(String::new, |bookmark| bookmark.note.clone());
        Self {
            of: of.to_owned(),
            title: title.to_owned(),
            at: at.to_owned(),
            typed: area(&kept, cx.theme),
            kept,
        }
    }

    fn text(&self) -> String {
        typed(&self.typed).trim_end().to_owned()
    }

    /// Keeps the note, when the record does not know it yet.
    fn keep(&mut self) -> Vec<Effect> {
        let typed = self.text();
        let text = up_to(&typed, TEXT_MAX);
        if text == self.kept {
            return Vec::new();
        }
        text.clone_into(&mut self.kept);
        let mut effects = vec![Effect::Record(Event::Bookmarked(Bookmark {
            of: self.of.clone(),
            title: self.title.clone(),
            place: self.at.clone(),
            note: text.to_owned(),
        }))];
        effects.extend((text != typed).then(|| Effect::warning(FULL)));
        effects
    }
}

fn area(text: &str, theme: &Theme) -> TextArea<'static> {
    text_area(text, PLACEHOLDER, theme)
}

impl Screen for Note {
    fn place(&self) -> Place {
        Place::Note {
            of: self.of.clone(),
            title: self.title.clone(),
            at: self.at.clone(),
        }
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Note]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        match message {
            Message::Act(Action::Back) => {
                let mut effects = self.keep();
                effects.push(Effect::Back);
                return effects;
            }
            Message::Act(Action::Edit) => {
                return vec![Effect::Editor {
                    text: self.text(),
                    question: self.title.clone(),
                }];
            }
            Message::Edited(text) => {
                self.typed = area(&clean(&text), cx.theme);
                return self.keep();
            }
            Message::Hidden => return self.keep(),
            Message::Type(key) => {
                let room = text_area::key(&mut self.typed, key);
                return (!room).then(|| Effect::warning(FULL)).into_iter().collect();
            }
            Message::Paste(text) => {
                let all = paste(&mut self.typed, &text);
                return (!all).then(|| Effect::warning(FULL)).into_iter().collect();
            }
            Message::Mouse(mouse) => {
                self.typed.input(mouse);
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let area = column(page(cx.area), TEXT_WIDTH);
        Header::new("Note", "", cx.theme).render(header_area(cx.area, TEXT_WIDTH), buf);
        let title = cx.theme.clip(&self.title, area.width);
        cx.theme.line(title, Role::Dim).render(area.row(2), buf);
        let typed = area.below(4);
        if !typed.is_empty() {
            (&self.typed).render(typed, buf);
        }
    }
}
