//! Before the reveal: the prompt, what one types, how sure one is.

use super::clock::Clock;
use super::title;
use crate::content::model::{Chapter, InterviewQuestion};
use crate::progress::Event;
use crate::progress::event::AnswerCommitted;
use crate::study::grade::Confidence;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, Message};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::quiz::{sureness, surer};
use crate::tui::widget::text_area::{self, TEXT_MAX, paste, text_area, typed, up_to};
use crate::tui::widget::{TEXT_WIDTH, column, page, prose};
use ddlab_text::clean;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use ratatui_textarea::TextArea;
use std::time::Duration;

/// While one types without a pause, the draft is kept this often.
const KEEP_EVERY: Duration = Duration::from_secs(10);
/// A pause in typing after which the draft is kept.
const PAUSE: Duration = Duration::from_secs(1);
const FULL: &str = "an answer holds 16 kB; what was beyond is left out";
const PLACEHOLDER: &str = "Say it as to a colleague. Nobody sees it but you.";
/// Rows of the pane that are neither prompt nor text: header, blanks, label, how sure, refusal.
const OTHER_ROWS: u16 = 7;
/// The answer always has this many rows.
const TEXT_ROWS_MIN: u16 = 4;

pub struct Answering {
    text: TextArea<'static>,
    confidence: Option<Confidence>,
    hints_shown: usize,
    /// Said once; the next press does it all the same.
    nudge: Option<&'static str>,
    /// The record has the answer; its word is awaited before the rubric is shown.
    committing: bool,
    /// The draft as the record knows it, and when it was last told.
    kept: String,
    kept_at: Duration,
    typed_at: Duration,
    /// When it will be looked whether one pauses; none when nothing was typed since the last look.
    look_at: Option<Duration>,
}

impl Answering {
    pub fn new(question: &InterviewQuestion, cx: &Cx<'_>) -> Self {
        let draft = cx.marks.draft(&question.id).unwrap_or_default().to_owned();
        Self {
            text: area(&draft, cx.theme),
            confidence: None,
            hints_shown: 0,
            nudge: None,
            committing: false,
            kept: draft,
            kept_at: cx.uptime,
            typed_at: cx.uptime,
            look_at: None,
        }
    }

    pub fn update(
        &mut self,
        message: Message,
        question: &InterviewQuestion,
        cx: &Cx<'_>,
    ) -> Vec<Effect> {
        match message {
            Message::Act(Action::Sure) => {
                self.confidence = surer(self.confidence);
                self.nudge = None;
            }
            Message::Act(Action::Hint) => return self.hint(question),
            Message::Act(Action::Edit) => {
                return vec![Effect::Editor {
                    text: self.typed(),
                    question: question.prompt.clone(),
                }];
            }
            Message::Act(Action::Reveal) => return self.commit(question),
            Message::Edited(text) => {
                self.nudge = (text.len() > TEXT_MAX).then_some(FULL);
                self.text = area(&clean(up_to(&text, TEXT_MAX)), cx.theme);
                return self.keep_draft(&question.id, cx).into_iter().collect();
            }
            Message::Paste(text) => {
                let all = paste(&mut self.text, &text);
                self.nudge = (!all).then_some(FULL);
                return self.keep_draft(&question.id, cx).into_iter().collect();
            }
            Message::Type(key) => {
                let room = text_area::key(&mut self.text, key);
                self.nudge = (!room).then_some(FULL);
                self.typed_at = cx.uptime;
                if cx.uptime.saturating_sub(self.kept_at) >= KEEP_EVERY {
                    return self.keep_draft(&question.id, cx).into_iter().collect();
                }
                if self.look_at.is_none() {
                    return vec![self.look_after(PAUSE, cx)];
                }
            }
            Message::Mouse(mouse) => {
                self.text.input(mouse);
            }
            _ => {}
        }
        Vec::new()
    }

    fn look_after(&mut self, wait: Duration, cx: &Cx<'_>) -> Effect {
        self.look_at = Some(cx.uptime + wait);
        Effect::Tick(wait)
    }

    /// Keeps the draft when one pauses. Ticks of others come here as well.
    pub fn tick(&mut self, question: &str, cx: &Cx<'_>) -> Option<Effect> {
        self.look_at.take_if(|due| *due <= cx.uptime)?;
        let paused_for = cx.uptime.saturating_sub(self.typed_at);
        match PAUSE.checked_sub(paused_for) {
            Some(left) if !left.is_zero() => Some(self.look_after(left, cx)),
            _ => self.keep_draft(question, cx),
        }
    }

    fn typed(&self) -> String {
        typed(&self.text)
    }

    fn hint(&mut self, question: &InterviewQuestion) -> Vec<Effect> {
        if self.hints_shown >= question.hints.len() {
            self.nudge = Some("there is no further hint");
            return Vec::new();
        }
        self.hints_shown += 1;
        vec![Effect::Record(Event::HintShown {
            of: question.id.clone(),
            number: self.hints_shown as u16,
        })]
    }

    /// Hands the answer to the record. The rubric waits for the record's word.
    fn commit(&mut self, question: &InterviewQuestion) -> Vec<Effect> {
        if self.committing {
            return Vec::new();
        }
        let answer = self.typed().trim().to_owned();
        let missing = match (answer.is_empty(), self.confidence) {
            (true, _) => Some("nothing is typed yet; press again to look all the same"),
            (false, None) => Some("how sure are you? tab says it; press again to leave it open"),
            _ => None,
        };
        if missing.is_some() && self.nudge != missing {
            self.nudge = missing;
            return Vec::new();
        }
        self.committing = true;
        self.nudge = None;
        vec![Effect::Record(Event::AnswerCommitted(AnswerCommitted {
            question: question.id.clone(),
            rev: question.rev,
            answer,
            confidence: self.confidence,
            ticked: Vec::new(),
        }))]
    }

    /// What is typed, when the record does not know it yet.
    pub fn keep_draft(&mut self, question: &str, cx: &Cx<'_>) -> Option<Effect> {
        let text = self.typed();
        if self.committing || text == self.kept {
            return None;
        }
        self.kept.clone_from(&text);
        self.kept_at = cx.uptime;
        Some(Effect::Record(Event::DraftKept {
            question: question.to_owned(),
            text,
        }))
    }

    pub fn view(
        &self,
        question: &InterviewQuestion,
        chapter: &Chapter,
        clock: &Clock,
        cx: &Cx<'_>,
        buf: &mut Buffer,
    ) {
        let theme = cx.theme;
        let header = Header {
            title: theme.line(title(question, chapter, theme.symbols.none), Role::Title),
            status: status(question, clock, cx),
        };
        header.render(header_area(cx.area, TEXT_WIDTH), buf);
        let area = column(page(cx.area), TEXT_WIDTH);
        let prompt = self.prompt(question, area, theme);
        let mut y = area.y + 2;
        for line in prompt {
            put(line, area, y, buf);
            y += 1;
        }
        y += 1;
        self.label(area, y, theme, buf);
        let bottom = area.bottom().saturating_sub(3);
        let text = area.after(2).above(3).below(y + 1 - area.y);
        for row in text.top()..text.bottom() {
            buf.set_stringn(area.x, row, theme.symbols.bar, 1, theme.style(Role::Accent));
        }
        (&self.text).render(text, buf);
        put(sureness(self.confidence, theme), area, bottom + 1, buf);
        if let Some(nudge) = self.nudge {
            let line = theme.line(format!("  {nudge}"), Role::Warning);
            put(line, area, bottom + 2, buf);
        }
    }

    /// The prompt and the hints shown so far, leaving room for the answer.
    fn prompt(
        &self,
        question: &InterviewQuestion,
        area: Rect,
        theme: &Theme,
    ) -> Vec<Line<'static>> {
        let mut lines = prose::lines_as(Role::Strong, &question.prompt, area.width, theme);
        let room = usize::from(area.height.saturating_sub(OTHER_ROWS + TEXT_ROWS_MIN)).max(1);
        let hints = question.hints.iter().enumerate().take(self.hints_shown);
        for (index, hint) in hints {
            let sign = format!("  hint {} of {}  ", index + 1, question.hints.len());
            let sign = theme.span(sign, Role::Accent);
            let hint = prose::hanging(&[sign], hint, area.width, theme);
            if index == 0 && lines.len() + hint.len() < room {
                lines.push(Line::default());
            }
            // Where there is no room for all, the newest stays.
            lines.truncate(room.saturating_sub(hint.len()).max(1));
            lines.extend(hint);
        }
        lines.truncate(room);
        lines
    }

    fn label(&self, area: Rect, y: u16, theme: &Theme, buf: &mut Buffer) {
        let words = self.typed().split_whitespace().count();
        let count = match (self.committing, words) {
            (true, _) => "keeping your answer".to_owned(),
            (false, 0) => String::new(),
            (false, 1) => "1 word".to_owned(),
            (false, words) => format!("{words} words"),
        };
        put(theme.line("your answer", Role::Dim), area, y, buf);
        put(theme.line(count, Role::Faint).right_aligned(), area, y, buf);
    }
}

fn status(question: &InterviewQuestion, clock: &Clock, cx: &Cx<'_>) -> Line<'static> {
    let Some(face) = clock.face(cx.uptime) else {
        return Line::default();
    };
    let planned = Duration::from_secs(u64::from(question.minutes) * 60);
    let late = clock.elapsed(cx.uptime) > planned;
    let (text, role) = if late {
        (format!("{face}, longer than planned"), Role::Warning)
    } else {
        (face, Role::Dim)
    };
    cx.theme.line(text, role)
}

fn area(text: &str, theme: &Theme) -> TextArea<'static> {
    text_area(text, PLACEHOLDER, theme)
}

fn put(line: Line<'_>, area: Rect, y: u16, buf: &mut Buffer) {
    line.render(area.row(y - area.y), buf);
}
