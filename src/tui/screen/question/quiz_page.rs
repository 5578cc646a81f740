//! One question of the quiz on a page of its own.

use super::{Go, Turn};
use crate::content::model::{Chapter, QuizQuestion};
use crate::progress::Event;
use crate::progress::event::QuestionAnswered;
use crate::study::quiz::in_words;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Context};
use crate::tui::screen::{Cx, Message};
use crate::tui::widget::field::LINE_MAX;
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::kept::Kept;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::quiz::{Gesture, Quiz, Reply, Sheet};
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::{TEXT_WIDTH, column, page};
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

pub struct QuizPage {
    quiz: Quiz,
    scroll: Scroll,
    kept: Kept,
}

impl QuizPage {
    /// A question that was answered right shows its answer; one that was missed is asked again.
    pub fn new(question: &QuizQuestion, cx: &Cx<'_>) -> Self {
        let asked = times_asked(&question.id, cx);
        let quiz = match cx.marks.answer(&question.id) {
            Some(last) if last.right => Quiz::answered(
                question,
                asked.saturating_sub(1),
                &last.answer,
                last.confidence,
            ),
            _ => Quiz::new(question, asked),
        };
        Self {
            quiz,
            scroll: Scroll::default(),
            kept: Kept::Nothing,
        }
    }

    pub fn id(&self) -> &str {
        &self.quiz.question().id
    }

    pub fn prompt(&self) -> &str {
        &self.quiz.question().prompt
    }

    pub fn contexts(&self) -> Vec<Context> {
        let mut contexts = self.quiz.contexts();
        if self.quiz.answer().is_some() {
            contexts.push(Context::Pages);
        }
        if !self.quiz.takes_text() {
            contexts.extend([Context::Markable, Context::Movement, Context::Global]);
        }
        contexts
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Turn {
        let reply = match message {
            Message::Act(Action::Back) => return Turn::go(Go::Close),
            // To leave an answered question is to go on.
            Message::Act(Action::NextFocus) => return Turn::go(Go::Next),
            Message::Act(action) if self.scroll_explanation(action, cx) => {
                return Turn::stay(Vec::new());
            }
            Message::Act(action) => self.quiz.act(action),
            Message::Type(key) => self.quiz.type_key(key),
            Message::Paste(text) => self.paste(&text),
            Message::Mouse(mouse) => {
                let (total, height) = (self.sheet(cx).height(), body(cx).height.into());
                if !self.scroll.wheel(mouse.kind, total, height)
                    && let Some(gesture) = Gesture::of(mouse.kind)
                {
                    self.point(gesture, Position::new(mouse.column, mouse.row), cx);
                }
                return Turn::stay(Vec::new());
            }
            Message::Recorded(answer) => {
                if let Event::QuizAnswered(answered) = &answer.stored.event
                    && answered.question == self.id()
                {
                    self.kept = Kept::of(answer.durable);
                }
                return Turn::stay(Vec::new());
            }
            _ => Reply::Ignored,
        };
        self.reveal(cx);
        match reply {
            Reply::Answered => {
                // The explanation is read from its top.
                self.scroll = Scroll::default();
                Turn::stay(self.record().into_iter().collect())
            }
            Reply::Left => Turn::go(Go::Next),
            Reply::Changed | Reply::Ignored => Turn::stay(Vec::new()),
        }
    }

    /// Whether the key moved through an explanation that is longer than the screen.
    fn scroll_explanation(&mut self, action: Action, cx: &Cx<'_>) -> bool {
        if self.quiz.answer().is_none() {
            return false;
        }
        let (total, height) = (self.sheet(cx).height(), usize::from(body(cx).height));
        self.scroll.act(action, total, height)
    }

    fn paste(&mut self, text: &str) -> Reply {
        for c in text.chars().filter(|c| !c.is_control()).take(LINE_MAX) {
            self.quiz
                .type_key(KeyEvent::from(crossterm::event::KeyCode::Char(c)));
        }
        Reply::Changed
    }

    fn point(&mut self, gesture: Gesture, at: Position, cx: &Cx<'_>) {
        let area = body(cx);
        if area.contains(at) {
            let line = self.scroll.top + usize::from(at.y - area.y);
            let sheet = self.sheet(cx);
            let column = usize::from(at.x - area.x);
            self.quiz.mouse(gesture, &sheet, line, column);
        }
    }

    fn record(&mut self) -> Option<Effect> {
        let (answer, marking) = (self.quiz.answer()?, self.quiz.marking()?);
        let question = self.quiz.question();
        let event = Event::QuizAnswered(QuestionAnswered {
            question: question.id.clone(),
            answer: answer.clone(),
            said: in_words(&question.kind, answer),
            right: marking.right,
            confidence: self.quiz.confidence(),
        });
        self.kept = Kept::Waiting;
        Some(Effect::Record(event))
    }

    fn sheet(&self, cx: &Cx<'_>) -> Sheet {
        self.quiz.sheet(body(cx).width, true, cx.theme)
    }

    fn reveal(&mut self, cx: &Cx<'_>) {
        let sheet = self.sheet(cx);
        let height = body(cx).height.into();
        if self.quiz.answer().is_none() {
            self.scroll.reveal(sheet.focus_line, sheet.height(), height);
        }
    }

    pub fn view(&self, chapter: &Chapter, cx: &Cx<'_>, buf: &mut Buffer) {
        let place = chapter.quiz.iter().position(|q| q.id == self.id());
        let done = cx.marks.chapter(chapter).quiz;
        let dot = cx.theme.symbols.none;
        let status = format!(
            "question {} of {} {dot} {} right",
            place.map_or(0, |place| place + 1),
            done.of,
            done.done
        );
        let title = format!("{} {dot} quiz", chapter.meta.title);
        Header::new(title, status, cx.theme).render(header_area(cx.area, TEXT_WIDTH), buf);
        let area = body(cx);
        let sheet = self.sheet(cx);
        sheet.render(self.scroll.top, area, buf);
        self.scroll.bar(sheet.height(), 2, cx.theme, area, buf);
        if let Some((column, row)) = self.caret(&sheet, area) {
            // The terminal's own cursor is for the answer of an interview; here a cell will do.
            let style =
                ratatui::style::Style::new().add_modifier(ratatui::style::Modifier::REVERSED);
            if let Some(cell) = buf.cell_mut((column, row)) {
                cell.set_style(style);
            }
        }
        if let Some((words, role)) = self.kept.words() {
            let row = column(page(cx.area), TEXT_WIDTH).last_row();
            cx.theme.line(words, role).render(row, buf);
        }
    }

    fn caret(&self, sheet: &Sheet, area: Rect) -> Option<(u16, u16)> {
        let (line, column) = sheet.caret?;
        let row = u16::try_from(line.checked_sub(self.scroll.top)?).ok()?;
        let at = Position::new(area.x + column as u16, area.y + row);
        area.contains(at).then_some((at.x, at.y))
    }
}

/// The rows of the question: all but the header, a blank one, and the one that says what is kept.
fn body(cx: &Cx<'_>) -> Rect {
    column(page(cx.area), TEXT_WIDTH).below(2).above(1)
}

/// How often it was answered, so that each asking is laid out in its own way.
fn times_asked(id: &str, cx: &Cx<'_>) -> u64 {
    let mut asked = 0;
    for stored in cx.marks.log() {
        if let Event::QuizAnswered(answered) | Event::CheckAnswered(answered) = &stored.event
            && answered.question == id
        {
            asked += 1;
        }
    }
    asked
}
