//! All questions of a chapter, with how each went.

use super::entries::{Entry, Row, Sign, rows};
use super::rows::{draw_question, draw_score};
use crate::content::model::Chapter;
use crate::tui::effect::{Effect, Notice, Place};
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, Message};
use crate::tui::theme::Role;
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::{column, page, styled};
use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

/// Beyond it the eye loses the row between a prompt and what is said of it.
pub const WIDTH: u16 = 110;
/// Rows above the list: the header and a blank one.
const TOP_ROWS: u16 = 2;

pub struct List {
    rows: Vec<Row>,
    /// Index of a row that is a question.
    selected: usize,
    scroll: Scroll,
}

impl List {
    /// The cursor on the first interview question that is open: that is what one comes here for.
    pub fn new(chapter: &Chapter, cx: &Cx<'_>) -> Self {
        let mut list = Self {
            rows: rows(chapter, cx),
            selected: 0,
            scroll: Scroll::default(),
        };
        let open = |entry: &Entry| entry.sign != Sign::Holds;
        let start = list
            .find(|entry| !entry.is_quiz && open(entry))
            .or_else(|| list.find(open))
            .or_else(|| list.find(|_| true));
        list.move_to(start.unwrap_or(0), cx);
        list
    }

    /// After an answer: the same questions, what is said of them anew. Scores may have come between
    /// them, so the cursor stays with its question and not with its row.
    pub fn refresh(&mut self, chapter: &Chapter, cx: &Cx<'_>) {
        let chosen = self.chosen();
        self.rows = rows(chapter, cx);
        let row = chosen.and_then(|id| self.find(|entry| entry.id == id));
        self.move_to(row.unwrap_or(self.selected), cx);
    }

    pub fn select(&mut self, id: &str, chapter: &Chapter, cx: &Cx<'_>) {
        self.refresh(chapter, cx);
        if let Some(row) = self.find(|entry| entry.id == id) {
            self.move_to(row, cx);
        }
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
            Message::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => self.step(1, cx),
                MouseEventKind::ScrollUp => self.step(-1, cx),
                MouseEventKind::Down(MouseButton::Left) => {
                    let at = Position::new(mouse.column, mouse.row);
                    match self.row_at(at, cx) {
                        Some(row) if row == self.selected => return (Vec::new(), self.chosen()),
                        Some(row) => self.move_to(row, cx),
                        None => {}
                    }
                }
                _ => {}
            },
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
            Action::Down => self.step(1, cx),
            Action::Up => self.step(-1, cx),
            Action::Top => self.jump(|_| true, cx),
            Action::Bottom => {
                let last = self
                    .rows
                    .iter()
                    .rposition(|row| matches!(row, Row::Question(_)));
                self.move_to(last.unwrap_or(0), cx);
            }
            Action::NextFocus => {
                let in_quiz = self.entry().is_some_and(|entry| entry.is_quiz);
                self.jump(|entry| entry.is_quiz != in_quiz, cx);
            }
            Action::Open => return (Vec::new(), self.chosen()),
            Action::Next => {
                let open = self.find(|entry| entry.sign == Sign::Open);
                let Some(row) = open.or_else(|| self.find(|e| e.sign == Sign::Missed)) else {
                    let notice =
                        Notice::info("every question is answered; choose one to answer it again");
                    return (vec![Effect::Notice(notice)], None);
                };
                self.move_to(row, cx);
                return (Vec::new(), self.chosen());
            }
            Action::GoLab => {
                let lab = chapter
                    .meta
                    .labs
                    .iter()
                    .find(|id| ddlab_labs::find(id).is_some());
                let effect = match lab {
                    Some(id) => Effect::Open(Place::lab(id)),
                    None => Effect::Notice(Notice::info(format!(
                        "{} has no lab yet",
                        chapter.meta.title
                    ))),
                };
                return (vec![effect], None);
            }
            _ => {}
        }
        (Vec::new(), None)
    }

    fn chosen(&self) -> Option<String> {
        self.entry().map(|entry| entry.id.clone())
    }

    fn entry(&self) -> Option<&Entry> {
        match self.rows.get(self.selected) {
            Some(Row::Question(entry)) => Some(entry),
            _ => None,
        }
    }

    fn find(&self, wanted: impl Fn(&Entry) -> bool) -> Option<usize> {
        self.rows
            .iter()
            .position(|row| matches!(row, Row::Question(entry) if wanted(entry)))
    }

    fn jump(&mut self, wanted: impl Fn(&Entry) -> bool, cx: &Cx<'_>) {
        if let Some(row) = self.find(wanted) {
            self.move_to(row, cx);
        }
    }

    /// To the next row that is a question.
    fn step(&mut self, by: isize, cx: &Cx<'_>) {
        let mut row = self.selected;
        while let Some(next) = row
            .checked_add_signed(by)
            .filter(|next| *next < self.rows.len())
        {
            row = next;
            if matches!(self.rows[row], Row::Question(_)) {
                self.move_to(row, cx);
                return;
            }
        }
    }

    fn move_to(&mut self, row: usize, cx: &Cx<'_>) {
        self.selected = row.min(self.rows.len().saturating_sub(1));
        let height = list_area(cx).height.into();
        // A heading comes into view with the first question below it.
        if self.selected > 0 && matches!(self.rows[self.selected - 1], Row::Heading(_)) {
            self.scroll
                .reveal(self.selected - 1, self.rows.len(), height);
        }
        self.scroll.reveal(self.selected, self.rows.len(), height);
    }

    fn row_at(&self, at: Position, cx: &Cx<'_>) -> Option<usize> {
        let area = list_area(cx);
        let row = self.scroll.top + usize::from(at.y.checked_sub(area.y)?);
        let hit = area.contains(at) && matches!(self.rows.get(row), Some(Row::Question(_)));
        hit.then_some(row)
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
        let visible = self.rows.iter().enumerate().skip(self.scroll.top);
        for ((index, row), y) in visible.zip(area.top()..area.bottom()) {
            let line = Rect {
                y,
                height: 1,
                ..area
            };
            match row {
                Row::Gap => {}
                Row::Heading(text) => {
                    styled(*text, cx.theme.style(Role::Heading)).render(line, buf);
                }
                Row::Score(score) => draw_score(score, false, line, cx.theme, buf),
                Row::Question(entry) => {
                    draw_question(entry, index == self.selected, line, cx.theme, buf);
                }
            }
        }
        let bar = Rect {
            width: area.width + 2,
            ..area
        };
        self.scroll
            .bar(self.rows.len(), cx.theme, bar.intersection(cx.area), buf);
    }
}

/// Where rows stand: below the header and a row of air.
pub fn list_area(cx: &Cx<'_>) -> Rect {
    let area = column(page(cx.area), WIDTH);
    Rect {
        y: area.y + TOP_ROWS.min(area.height),
        height: area.height.saturating_sub(TOP_ROWS),
        ..area
    }
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
