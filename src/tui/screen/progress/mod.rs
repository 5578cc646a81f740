//! Where one stands, as a page to scroll; the number of a weak point leads to where it is trained.

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen};
use crate::practice::progress::{Progress, Weak};
use crate::tui::effect::{Effect, Notice, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::scroll::{self, Scroll};
use crate::tui::widget::{TEXT_WIDTH, column, page, prose};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Widget;

pub struct ProgressScreen {
    text: String,
    weak: Vec<Weak>,
    scroll: Scroll,
}

impl ProgressScreen {
    pub fn new(cx: &Cx<'_>) -> Self {
        let mut screen = Self {
            text: String::new(),
            weak: Vec::new(),
            scroll: Scroll::default(),
        };
        screen.refresh(cx);
        screen
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        let progress = Progress::of(cx.library, cx.marks.log(), cx.now.day.number());
        self.text = progress.markdown();
        self.weak = progress.weak;
    }

    fn lines(&self, cx: &Cx<'_>) -> Vec<Line<'static>> {
        prose::lines(&self.text, body(cx).width, cx.theme)
    }

    fn train(&self, number: u8) -> Effect {
        let Some(weak) = self.weak.get(usize::from(number).wrapping_sub(1)) else {
            return Effect::Notice(Notice::info("no weak point has this number"));
        };
        Effect::Open(weak.leads_to.clone().into())
    }
}

impl Screen for ProgressScreen {
    fn place(&self) -> Place {
        Place::Progress
    }

    fn contexts(&self) -> Vec<Context> {
        vec![
            Context::Progress,
            Context::Numbers,
            Context::Pages,
            Context::Movement,
            Context::Global,
        ]
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let height = body(cx).height.into();
        match message {
            // What was trained meanwhile counts.
            Message::Shown => self.refresh(cx),
            Message::Act(Action::Back) => return vec![Effect::Back],
            Message::Act(Action::Review) => return vec![Effect::Open(Place::Review)],
            Message::Act(Action::Choose(number)) => return vec![self.train(number)],
            Message::Act(action) => {
                self.scroll.act(action, self.lines(cx).len(), height);
            }
            Message::Mouse(mouse) => {
                self.scroll.wheel(mouse.kind, self.lines(cx).len(), height);
            }
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        Header::new("Progress", "1-9 trains a weak point", cx.theme)
            .render(header_area(cx.area, TEXT_WIDTH), buf);
        let area = body(cx);
        let lines = self.lines(cx);
        scroll::lines(lines.iter().skip(self.scroll.top), area, buf);
        self.scroll.bar(lines.len(), 2, cx.theme, area, buf);
    }
}

fn body(cx: &Cx<'_>) -> Rect {
    let area = column(page(cx.area), TEXT_WIDTH);
    let [_, body] = area.layout(&Layout::vertical([
        Constraint::Length(2),
        Constraint::Fill(1),
    ]));
    body
}
