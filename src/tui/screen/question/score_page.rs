//! The end of a quiz: how it went, section by section, with the way back to each, and what was missed to
//! be asked again.

use super::entries::{ListedQuestion, Sign, quiz_entry, scores};
use super::list::{WIDTH, list_area};
use super::round::Round;
use super::rows::{draw_question, draw_score};
use crate::content::model::Chapter;
use crate::study::quiz::score::SectionScore;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::screen::{Cx, Message};
use crate::tui::theme::Role;
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::picker::{Items, Picked, Picker, band};
use ratatui::buffer::Buffer;
use ratatui::widgets::Widget;

enum Row {
    Gap,
    Text(String, Role),
    /// The way to ask again what was missed.
    Again(String),
    Section(SectionScore),
    Missed(ListedQuestion),
}

impl Row {
    fn can_be_chosen(&self) -> bool {
        matches!(self, Self::Again(_) | Self::Section(_) | Self::Missed(_))
    }
}

pub struct ScorePage {
    rows: Vec<Row>,
    /// Of the rows that can be chosen.
    picker: Picker,
}

/// What was chosen here.
pub enum Chosen {
    Nothing,
    /// All that was missed.
    Again,
    /// The question of this id.
    Question(String),
    Effect(Effect),
    /// The list of all questions.
    Close,
}

impl ScorePage {
    pub fn new(chapter: &Chapter, cx: &Cx<'_>) -> Self {
        Self {
            rows: rows(chapter, cx),
            picker: Picker::default(),
        }
    }

    pub fn contexts() -> Vec<Context> {
        vec![Context::Score, Context::Movement, Context::Global]
    }

    pub fn update(&mut self, message: &Message, chapter: &Chapter, cx: &Cx<'_>) -> Chosen {
        let items = self.items();
        match message {
            Message::Act(action) => match action {
                Action::Open => return self.choose(chapter),
                Action::Reset if Round::again(chapter, cx).len() > 0 => return Chosen::Again,
                Action::Back => return Chosen::Close,
                action => {
                    let height = list_area(cx).height.into();
                    self.picker.act(*action, &items, height);
                }
            },
            Message::Mouse(mouse) => match self.picker.mouse(*mouse, &items, list_area(cx)) {
                Picked::Opened => return self.choose(chapter),
                Picked::Moved | Picked::Nothing => {}
            },
            // It was come back to from a section, where a question of the page may have been answered.
            Message::Shown | Message::Recorded(_) => {
                self.rows = rows(chapter, cx);
                let height = list_area(cx).height.into();
                let chosen = self.picker.chosen();
                self.picker.choose(chosen, &self.items(), height);
            }
            _ => {}
        }
        Chosen::Nothing
    }

    fn items(&self) -> Items {
        Items::among(&self.rows, Row::can_be_chosen)
    }

    fn choose(&self, chapter: &Chapter) -> Chosen {
        let line = self.items().first_line(self.picker.chosen());
        match line.and_then(|line| self.rows.get(line)) {
            Some(Row::Again(_)) => Chosen::Again,
            Some(Row::Missed(entry)) => Chosen::Question(entry.id.clone()),
            Some(Row::Section(score)) => {
                let section = Place::section(&chapter.meta.id, &score.section.slug);
                Chosen::Effect(Effect::Open(section))
            }
            _ => Chosen::Nothing,
        }
    }

    pub fn view(&self, chapter: &Chapter, cx: &Cx<'_>, buf: &mut Buffer) {
        let theme = cx.theme;
        let title = format!("{} {} quiz", chapter.meta.title, theme.symbols.none);
        Header::new(title, "how it went", theme).render(header_area(cx.area, WIDTH), buf);
        let area = list_area(cx);
        let items = self.items();
        for (n, line) in self.picker.in_view(&items, area) {
            let selected = self.picker.is_chosen(n, &items);
            match &self.rows[n] {
                Row::Gap => {}
                Row::Text(text, role) => {
                    theme.line(text.as_str(), *role).render(line, buf);
                }
                Row::Again(text) => {
                    if selected {
                        band(line, theme, buf);
                    }
                    let text = format!("{} {text}", theme.symbols.next);
                    let width = usize::from(line.width).saturating_sub(2);
                    let style = theme.style(Role::Accent);
                    buf.set_stringn(line.x + 2, line.y, text, width, style);
                }
                Row::Section(score) => draw_score(score, selected, line, theme, buf),
                Row::Missed(entry) => draw_question(entry, selected, line, theme, buf),
            }
        }
        self.picker.bar(&items, 2, theme, area, buf);
    }
}

fn rows(chapter: &Chapter, cx: &Cx<'_>) -> Vec<Row> {
    let entries: Vec<ListedQuestion> = chapter.quiz.iter().map(|q| quiz_entry(q, cx)).collect();
    let count = |sign: Sign| entries.iter().filter(|entry| entry.sign == sign).count();
    let (right, missed, open) = (count(Sign::Holds), count(Sign::Missed), count(Sign::Open));
    let mut rows = vec![
        Row::Text(format!("{right} of {} right", entries.len()), Role::Strong),
        Row::Gap,
    ];
    if missed + open > 0 {
        rows.push(Row::Again(again(missed, open)));
        rows.push(Row::Gap);
    }
    let heading = "By section: enter opens the page there";
    rows.push(Row::Text(heading.to_owned(), Role::Heading));
    rows.extend(scores(chapter, cx).into_iter().map(Row::Section));
    if missed + open > 0 {
        rows.push(Row::Gap);
        let heading = "Missed, or left open";
        rows.push(Row::Text(heading.to_owned(), Role::Heading));
        let left = entries
            .into_iter()
            .filter(|entry| entry.sign != Sign::Holds);
        rows.extend(left.map(Row::Missed));
    }
    rows
}

/// `Ask the 3 that were missed and the 2 that are open`
fn again(missed: usize, open: usize) -> String {
    match (missed, open) {
        (1, 0) => "Ask the one that was missed again".to_owned(),
        (missed, 0) => format!("Ask the {missed} that were missed again"),
        (0, 1) => "Ask the one that is open".to_owned(),
        (0, open) => format!("Ask the {open} that are open"),
        (missed, open) => format!("Ask the {} that were missed or left open", missed + open),
    }
}
