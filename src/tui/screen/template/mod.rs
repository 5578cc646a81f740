//! Template: a list to choose from. TODO say what one sees and does on this screen.
//!
//! A stub: it opens, and nothing leads to it yet.

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen};
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::theme::Role;
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::picker::{Items, Picked, Picker, band};
use crate::tui::widget::{TEXT_WIDTH, column, page};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// TODO list what there is: from the library, the record or a lab.
const ROWS: [&str; 3] = ["one", "two", "three"];

#[derive(Default)]
pub struct Template {
    picker: Picker,
}

impl Template {
    /// TODO open what is chosen.
    fn open(&self) -> Vec<Effect> {
        vec![Effect::info(ROWS[self.picker.chosen()])]
    }
}

fn body(cx: &Cx<'_>) -> Rect {
    column(page(cx.area), TEXT_WIDTH).below(2)
}

impl Screen for Template {
    fn place(&self) -> Place {
        Place::Template
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Movement, Context::Global]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let items = Items::plain(ROWS.len());
        let area = body(cx);
        match message {
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Act(action) => {
                self.picker.act(action, &items, area.height.into());
            }
            Message::Mouse(mouse) => {
                return match self.picker.mouse(mouse, &items, area) {
                    Picked::Opened => self.open(),
                    Picked::Moved | Picked::Nothing => Vec::new(),
                };
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        Header::new("Template", "", theme).render(header_area(cx.area, TEXT_WIDTH), buf);
        let (area, items) = (body(cx), Items::plain(ROWS.len()));
        for (row, line) in self.picker.in_view(&items, area) {
            if self.picker.is_chosen(row, &items) {
                band(line, theme, buf);
            }
            theme.line(ROWS[row], Role::Text).render(line.after(2), buf);
        }
        self.picker.bar(&items, 2, theme, area, buf);
    }
}
