//! After the reveal: the own answer beside what a strong one has. Points are ticked by the learner, a
//! grade is suggested and given by the learner; nothing is scored for anyone.

use super::answers::{self, Face};
use super::grading::Grading;
use super::judging::Judging;
use super::panes::{self, Panes};
use super::rubric::{Followups, Mention, Rubric};
use super::title;
use crate::content::model::{Chapter, InterviewQuestion, LabScenario};
use crate::progress::Event;
use crate::progress::event::{AnswerCommitted, InterviewAnswered};
use crate::study::grade::Grade;
use crate::study::rubric::Writing;
use crate::study::ticks::Ticks;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::Action;
use crate::tui::screen::question::Turn;
use crate::tui::screen::{Cx, Message, go};
use crate::tui::theme::Role;
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::prose;
use crate::tui::widget::scroll::Scroll;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

pub struct Revealed {
    committed: AnswerCommitted,
    ticked: Ticks,
    /// For each point.
    mentions: Vec<Mention>,
    writing: Writing,
    cursor: usize,
    face: Face,
    followups: Followups,
    left: Scroll,
    right: Scroll,
    grading: Grading,
    judging: Judging,
}

impl Revealed {
    pub fn new(question: &InterviewQuestion, committed: &AnswerCommitted, cx: &Cx<'_>) -> Self {
        let answer = &committed.answer;
        Self {
            ticked: Ticks::of(&committed.ticked, question),
            mentions: question
                .rubric
                .iter()
                .map(|point| Mention::of(point, answer))
                .collect(),
            writing: Writing::of(answer),
            cursor: 0,
            face: Face::Own,
            followups: Followups::default(),
            left: Scroll::default(),
            right: Scroll::default(),
            grading: Grading::default(),
            judging: Judging::new(cx),
            committed: committed.clone(),
        }
    }

    /// The ticks of an answer that has no grade yet, when the record does not know them.
    pub fn keep_ticks(&mut self, question: &InterviewQuestion) -> Option<Effect> {
        let ticked = self.ticked.ids(question);
        if self.grading.is_given() || ticked == self.committed.ticked {
            return None;
        }
        self.committed.ticked = ticked;
        Some(Effect::Record(Event::AnswerCommitted(
            self.committed.clone(),
        )))
    }

    pub fn update(
        &mut self,
        message: Message,
        question: &InterviewQuestion,
        chapter: &Chapter,
        cx: &Cx<'_>,
    ) -> Turn {
        match message {
            Message::Act(Action::GoLab) => return Turn::stay(vec![lab(question, chapter)]),
            Message::Act(Action::Choose(key)) => {
                let grade = Grade::ALL.get(usize::from(key).wrapping_sub(1));
                return Turn::stay(grade.map_or_else(Vec::new, |grade| {
                    self.grading.give(self.graded_as(*grade, question))
                }));
            }
            Message::Act(Action::Undo) => return Turn::stay(self.grading.take_back()),
            Message::Act(Action::Judge) => {
                return Turn::stay(vec![self.judging.ask(question, &self.committed.answer)]);
            }
            Message::Measured(job, news) => self.judging.answered(job, &news),
            Message::Shown => self.judging.refresh(cx),
            Message::Act(action) => self.act(action, question, cx),
            Message::Mouse(mouse) => self.mouse(mouse, question, cx),
            Message::Recorded(answer) => self.grading.recorded(&answer, &question.id),
            _ => {}
        }
        Turn::stay(Vec::new())
    }

    fn act(&mut self, action: Action, question: &InterviewQuestion, cx: &Cx<'_>) {
        let last = question.rubric.len().saturating_sub(1);
        match action {
            Action::Down => self.point(self.cursor.saturating_add(1).min(last), question, cx),
            Action::Up => self.point(self.cursor.saturating_sub(1), question, cx),
            Action::Top => self.point(0, question, cx),
            Action::Bottom => self.point(last, question, cx),
            Action::Toggle => self.toggle(self.cursor, question),
            Action::Model => {
                self.face = self.face.other();
                self.left = Scroll::default();
                self.show_focus(question, cx);
            }
            Action::Followup => {
                let count = self.ticked.followups(question).len();
                self.followups.step(count);
                let panes = Panes::new(cx);
                let pane = self.rubric(question).pane(panes.right.width, cx.theme);
                let total = pane.lines.len();
                let height = usize::from(panes.right.height);
                if let Some(line) = pane.followup {
                    self.right
                        .to(line.saturating_sub(height / 3), total, height);
                }
            }
            action => self.scroll(action, question, cx),
        }
    }

    fn point(&mut self, index: usize, question: &InterviewQuestion, cx: &Cx<'_>) {
        self.cursor = index;
        let places = Panes::new(cx);
        let pane = self.rubric(question).pane(places.right.width, cx.theme);
        if let Some(rows) = pane.rows.get(index) {
            let (total, height) = (pane.lines.len(), places.right.height.into());
            self.right.reveal(rows.end.saturating_sub(1), total, height);
            self.right.reveal(rows.start, total, height);
        }
        self.show_focus(question, cx);
    }

    /// Brings what belongs to the point into view on the left.
    fn show_focus(&mut self, question: &InterviewQuestion, cx: &Cx<'_>) {
        let places = Panes::new(cx);
        let pane = self.answer(question, &places, cx);
        let (total, height) = (pane.lines.len(), usize::from(places.left.height));
        if let Some(line) = pane.focus {
            let seen = self.left.top..self.left.top + height.saturating_sub(1);
            if !seen.contains(&line) {
                self.left.to(line.saturating_sub(height / 4), total, height);
            }
        }
    }

    /// Pages through both panes: whichever is longer than its place moves.
    fn scroll(&mut self, action: Action, question: &InterviewQuestion, cx: &Cx<'_>) {
        let places = Panes::new(cx);
        let answer = self.answer(question, &places, cx).lines.len();
        let rubric = self
            .rubric(question)
            .pane(places.right.width, cx.theme)
            .lines
            .len();
        for (scroll, total, area) in [
            (&mut self.left, answer, places.left),
            (&mut self.right, rubric, places.right),
        ] {
            scroll.act(action, total, area.height.into());
        }
    }

    fn toggle(&mut self, index: usize, question: &InterviewQuestion) {
        if index >= question.rubric.len() {
            return;
        }
        self.ticked.toggle(index);
        self.grading.ticks_changed();
    }

    fn mouse(&mut self, mouse: MouseEvent, question: &InterviewQuestion, cx: &Cx<'_>) {
        let panes = Panes::new(cx);
        let at = Position::new(mouse.column, mouse.row);
        let on_left = panes.left.contains(at);
        let rubric = self.rubric(question).pane(panes.right.width, cx.theme);
        if mouse.kind == MouseEventKind::Down(MouseButton::Left) {
            if panes.right.contains(at) {
                let line = self.right.top + usize::from(at.y - panes.right.y);
                if let Some(index) = rubric.rows.iter().position(|rows| rows.contains(&line)) {
                    self.cursor = index;
                    self.toggle(index, question);
                }
            }
        } else if on_left {
            let total = self.answer(question, &panes, cx).lines.len();
            self.left.wheel(mouse.kind, total, panes.left.height.into());
        } else {
            let total = rubric.lines.len();
            self.right
                .wheel(mouse.kind, total, panes.right.height.into());
        }
    }

    /// The answer with its ticks and this grade, for the record.
    fn graded_as(&self, grade: Grade, question: &InterviewQuestion) -> InterviewAnswered {
        InterviewAnswered {
            question: question.id.clone(),
            rev: question.rev,
            answer: self.committed.answer.clone(),
            ticked: self.ticked.ids(question),
            confidence: self.committed.confidence,
            grade,
        }
    }

    fn rubric<'a>(&'a self, question: &'a InterviewQuestion) -> Rubric<'a> {
        Rubric {
            question,
            ticked: &self.ticked,
            mentions: &self.mentions,
            cursor: self.cursor,
            writing: self.writing,
            followups: self.followups,
            judging: &self.judging,
        }
    }

    /// The left pane; it begins with the question where the row above has no room for all of it.
    fn answer(&self, question: &InterviewQuestion, panes: &Panes, cx: &Cx<'_>) -> answers::Pane {
        let width = panes.left.width;
        let mut pane = self.face_of(question, width, cx);
        let prompt = super::super::entries::plain(&question.prompt);
        if prompt.width() > usize::from(panes.prompt.width) {
            let mut lines = prose::lines_as(Role::Faint, &question.prompt, width, cx.theme);
            lines.push(Line::default());
            pane.focus = pane.focus.map(|line| line + lines.len());
            lines.append(&mut pane.lines);
            pane.lines = lines;
        }
        pane
    }

    fn face_of(&self, question: &InterviewQuestion, width: u16, cx: &Cx<'_>) -> answers::Pane {
        let theme = cx.theme;
        match self.face {
            Face::Own => {
                let seen = match self.mentions.get(self.cursor) {
                    Some(Mention::Seen(bytes)) => Some(bytes),
                    _ => None,
                };
                let mut pane = answers::own(&self.committed.answer, seen, width, theme);
                if let Some(note) = cx.marks.note_on_question(&question.id) {
                    pane.lines.extend(answers::note(note, width, theme));
                }
                pane
            }
            Face::Model => {
                let point = question
                    .rubric
                    .get(self.cursor)
                    .map(|point| point.id.as_str());
                answers::model(question, point, width, theme)
            }
        }
    }

    pub fn view(
        &self,
        question: &InterviewQuestion,
        chapter: &Chapter,
        cx: &Cx<'_>,
        buf: &mut Buffer,
    ) {
        let theme = cx.theme;
        let sure = self
            .committed
            .confidence
            .map_or_else(String::new, |confidence| {
                format!("you were {} % sure", confidence.percent())
            });
        Header::new(title(question, chapter, theme.symbols.none), sure, theme)
            .render(header_area(cx.area, panes::WIDTH), buf);
        let panes = Panes::new(cx);
        let prompt = super::super::entries::plain(&question.prompt);
        let prompt = theme.clip(&prompt, panes.prompt.width);
        theme.line(prompt, Role::Faint).render(panes.prompt, buf);
        let answer = self.answer(question, &panes, cx);
        panes::draw(
            self.face.title(),
            &answer.lines,
            self.left,
            panes.left,
            cx,
            buf,
        );
        let rubric = self.rubric(question).pane(panes.right.width, theme);
        let met = format!(
            "what a strong answer has  {} of {}",
            self.ticked.count(),
            question.rubric.len()
        );
        panes::draw(&met, &rubric.lines, self.right, panes.right, cx, buf);
        let suggested = self.ticked.suggested(question);
        self.grading
            .line(suggested, theme)
            .render(panes.verdict, buf);
    }
}

/// The scenario that settles the question, or the lab of the chapter.
fn lab(question: &InterviewQuestion, chapter: &Chapter) -> Effect {
    let settles = |scenario: &LabScenario| ddlab_labs::find(&scenario.lab).is_some();
    if question.lab.as_ref().is_some_and(settles) {
        return Effect::Open(Place::Prove {
            question: question.id.clone(),
        });
    }
    go(Action::GoLab, chapter)
}
