//! Pages made from the record and the book: where one stands, where the number of a weak point leads to where it
//! is trained; and the cheat sheets.

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen};
use crate::practice::Lead;
use crate::practice::cheat;
use crate::practice::progress::Progress;
use crate::tui::effect::{Effect, Notice, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::scroll::{self, Scroll};
use crate::tui::widget::{TEXT_WIDTH, column, page, prose};
use ddlab_practice::Day;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Widget;

pub struct Overview {
    of: Of,
    /// The length of the log and the day that it is made for.
    made_for: Option<(usize, Day)>,
    text: String,
    /// Where the numbers of the text lead.
    leads: Vec<Lead>,
    scroll: Scroll,
}

/// What the page is of.
enum Of {
    Progress,
    /// The cheat sheet of a chapter, or all of them, those that are remembered least first.
    Cheat(Option<String>),
}

impl Overview {
    pub fn progress(cx: &Cx<'_>) -> Self {
        Self::new(Of::Progress, cx)
    }

    /// # Errors
    /// A sentence when the chapter has no cheat sheet.
    pub fn cheat(chapter: Option<&str>, cx: &Cx<'_>) -> Result<Self, String> {
        let overview = Self::new(Of::Cheat(chapter.map(str::to_owned)), cx);
        if overview.text.is_empty() {
            return Err("this chapter has no cheat sheet".to_owned());
        }
        Ok(overview)
    }

    fn new(of: Of, cx: &Cx<'_>) -> Self {
        let mut overview = Self {
            of,
            made_for: None,
            text: String::new(),
            leads: Vec::new(),
            scroll: Scroll::default(),
        };
        overview.refresh(cx);
        overview
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        let today = cx.now.day.number();
        let made_for = Some((cx.marks.log().len(), today));
        if self.made_for == made_for {
            return;
        }
        self.made_for = made_for;
        let progress = || cx.learned(|learned| Progress::from(cx.library, learned, today));
        match &self.of {
            Of::Progress => {
                let progress = progress();
                self.text = progress.markdown();
                self.leads = progress
                    .weak
                    .into_iter()
                    .map(|weak| weak.leads_to)
                    .collect();
            }
            Of::Cheat(Some(chapter)) => {
                self.text = cheat::markdown(cx.library, chapter).unwrap_or_default();
            }
            Of::Cheat(None) => {
                let chapters = progress().weakest_chapters();
                let sheets = chapters
                    .iter()
                    .filter_map(|id| cheat::markdown(cx.library, id));
                self.text = sheets.collect::<Vec<_>>().join("\n");
            }
        }
    }

    fn lines(&self, cx: &Cx<'_>) -> Vec<Line<'static>> {
        prose::lines(&self.text, body(cx).width, cx.theme)
    }

    fn lead(&self, number: u8) -> Effect {
        self.leads
            .get(usize::from(number).wrapping_sub(1))
            .map_or_else(
                || Effect::Notice(Notice::info("nothing has this number")),
                |lead| Effect::Open(lead.clone().into()),
            )
    }
}

impl Screen for Overview {
    fn place(&self) -> Place {
        match &self.of {
            Of::Progress => Place::Progress,
            Of::Cheat(chapter) => Place::Cheat {
                chapter: chapter.clone(),
            },
        }
    }

    fn contexts(&self) -> Vec<Context> {
        vec![
            Context::Overview,
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
            Message::Act(Action::Choose(number)) => return vec![self.lead(number)],
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
        let (title, status) = match self.of {
            Of::Progress if self.leads.is_empty() => ("Progress", ""),
            Of::Progress => ("Progress", "1-9 trains a weak point"),
            Of::Cheat(Some(_)) => ("Cheat sheet", ""),
            Of::Cheat(None) => ("Cheat sheets", "what you remember least first"),
        };
        Header::new(title, status, cx.theme).render(header_area(cx.area, TEXT_WIDTH), buf);
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
