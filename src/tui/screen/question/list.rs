//! All questions of a chapter, with how each went.

use super::entries::{ListedQuestion, Row, Sign, rows};
use super::rows::{draw_question, draw_score};
use crate::content::model::Chapter;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, Message, go};
use crate::tui::theme::Role;
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::picker::{Items, Picked, Picker};
use crate::tui::widget::{column, page};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// Beyond it the eye loses the row between a prompt and what is said of it.
pub const WIDTH: u16 = 110;
/// Rows above the list: the header and a blank one.
const TOP_ROWS: u16 = 2;

pub struct List {
    rows: Vec<Row>,
    /// Of the rows that are questions.
    picker: Picker,
}

impl List {
    /// The cursor on the first interview question that is open: that is what one comes here for.
    pub fn new(chapter: &Chapter, cx: &Cx<'_>) -> Self {
        let mut list = Self {
            rows: rows(chapter, cx),
            picker: Picker::default(),
        };
        let open = |entry: &ListedQuestion| entry.sign != Sign::Holds;
        let start = list
            .find(|entry| !entry.is_quiz && open(entry))
            .or_else(|| list.find(open))
            .or_else(|| list.find(|_| true));
        // From the end, so that those after it are in view.
        list.choose(usize::MAX, cx);
        list.choose(start.unwrap_or(0), cx);
        list
    }

    /// After an answer: the same questions, what is said of them anew. Scores may have come between
    /// them, so the cursor stays with its question and not with its row.
    pub fn refresh(&mut self, chapter: &Chapter, cx: &Cx<'_>) {
        let chosen = self.chosen();
        self.rows = rows(chapter, cx);
        let item = chosen.and_then(|id| self.find(|entry| entry.id == id));
        self.choose(item.unwrap_or(self.picker.chosen()), cx);
    }

    pub fn select(&mut self, id: &str, chapter: &Chapter, cx: &Cx<'_>) {
        self.refresh(chapter, cx);
        self.jump(|entry| entry.id == id, cx);
    }

    /// The effects, and the id of the question that was chosen.
    pub fn update(
        &mut self,
        message: &Message,
        chapter: &Chapter,
        cx: &Cx<'_>,
    ) -> (Vec<Effect>, Option<String>) {
        match message {
            Message::Act(action) => return self.act(*action, chapter, cx),
            Message::Mouse(mouse) => {
                let items = self.items();
                if self.picker.mouse(*mouse, &items, list_area(cx)) == Picked::Opened {
                    return (Vec::new(), self.chosen());
                }
            }
            Message::Shown | Message::Recorded(_) | Message::Resized => self.refresh(chapter, cx),
            _ => {}
        }
        (Vec::new(), None)
    }

    fn act(
        &mut self,
        action: Action,
        chapter: &Chapter,
        cx: &Cx<'_>,
    ) -> (Vec<Effect>, Option<String>) {
        match action {
            Action::NextFocus => {
                let in_quiz = self.entry().is_some_and(|entry| entry.is_quiz);
                self.jump(|entry| entry.is_quiz != in_quiz, cx);
            }
            Action::Open => return (Vec::new(), self.chosen()),
            Action::Next => {
                let open = self.find(|entry| entry.sign == Sign::Open);
                let Some(item) = open.or_else(|| self.find(|e| e.sign == Sign::Missed)) else {
                    let said = "every question is answered; choose one to answer it again";
                    return (vec![Effect::info(said)], None);
                };
                self.choose(item, cx);
                return (Vec::new(), self.chosen());
            }
            Action::GoLab => {
                return (vec![go(action, chapter)], None);
            }
            action => {
                let items = self.items();
                let height = list_area(cx).height.into();
                self.picker.act(action, &items, height);
            }
        }
        (Vec::new(), None)
    }

    fn chosen(&self) -> Option<String> {
        self.entry().map(|entry| entry.id.clone())
    }

    /// The question that the cursor is on.
    pub fn entry(&self) -> Option<&ListedQuestion> {
        self.entries().nth(self.picker.chosen())
    }

    fn entries(&self) -> impl Iterator<Item = &ListedQuestion> {
        self.rows.iter().filter_map(|row| match row {
            Row::Question(entry) => Some(entry),
            _ => None,
        })
    }

    fn items(&self) -> Items {
        Items::among(&self.rows, |row| matches!(row, Row::Question(_)))
    }

    fn find(&self, wanted: impl Fn(&ListedQuestion) -> bool) -> Option<usize> {
        self.entries().position(wanted)
    }

    fn jump(&mut self, wanted: impl Fn(&ListedQuestion) -> bool, cx: &Cx<'_>) {
        if let Some(item) = self.find(wanted) {
            self.choose(item, cx);
        }
    }

    fn choose(&mut self, item: usize, cx: &Cx<'_>) {
        let height = list_area(cx).height.into();
        self.picker.choose(item, &self.items(), height);
    }

    pub fn view(&self, chapter: &Chapter, cx: &Cx<'_>, buf: &mut Buffer) {
        let done = cx.marks.chapter(chapter);
        let status = format!(
            "quiz {} of {}   defended {} of {}",
            done.quiz.done, done.quiz.of, done.defend.done, done.defend.of
        );
        let title = format!("{}  {}", chapter.meta.number, chapter.meta.title);
        Header::new(title, status, cx.theme).render(header_area(cx.area, WIDTH), buf);
        let area = list_area(cx);
        let items = self.items();
        for (n, line) in self.picker.in_view(&items, area) {
            match &self.rows[n] {
                Row::Gap => {}
                Row::Heading(text) => {
                    cx.theme.line(*text, Role::Heading).render(line, buf);
                }
                Row::Score(score) => draw_score(score, false, line, cx.theme, buf),
                Row::Question(entry) => {
                    let chosen = self.picker.is_chosen(n, &items);
                    draw_question(entry, chosen, line, cx.theme, buf);
                }
            }
        }
        self.picker.bar(&items, 2, cx.theme, area, buf);
    }
}

/// Where rows stand: below the header and a row of air.
pub fn list_area(cx: &Cx<'_>) -> Rect {
    column(page(cx.area), WIDTH).below(TOP_ROWS)
}

/// The next interview question whose last answer does not hold.
pub fn next_interview(chapter: &Chapter, id: &str, cx: &Cx<'_>) -> Option<String> {
    let ids = chapter.interview.iter().map(|question| &question.id);
    next_after(ids, id, |id| {
        cx.marks
            .interview(id)
            .is_none_or(|answer| !answer.grade.holds())
    })
}

fn next_after<'a>(
    ids: impl Iterator<Item = &'a String> + Clone,
    id: &str,
    open: impl Fn(&str) -> bool,
) -> Option<String> {
    let at = ids.clone().position(|other| other == id)?;
    let round = ids.clone().skip(at + 1).chain(ids.take(at));
    round.into_iter().find(|other| open(other)).cloned()
}
