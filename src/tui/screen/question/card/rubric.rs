//! The right pane after the reveal: the points to tick, and below them what an interviewer would ask
//! next, what makes one wince, and where the matter can be settled.

use super::judging::Judging;
use crate::book;
use crate::content::model::{InterviewQuestion, RubricPoint};
use crate::study::rubric::{Matcher, Writing};
use crate::study::ticks::Ticks;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::prose;
use ddlab_design::brief;
use ratatui::text::{Line, Span};
use std::ops::Range;

/// What the pane is drawn from.
pub struct Rubric<'a> {
    pub question: &'a InterviewQuestion,
    pub ticked: &'a Ticks,
    /// For each point.
    pub mentions: &'a [Mention],
    pub cursor: usize,
    /// How the answer is written.
    pub writing: Writing,
    pub followups: Followups,
    pub judging: &'a Judging,
}

/// What the words of an answer say of a point: a hint, never a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    /// At these bytes of the answer.
    Seen(Range<usize>),
    NotSeen,
    /// The terms of the point cannot be read, so nobody can tell.
    Unknown,
}

impl Mention {
    pub fn of(point: &RubricPoint, answer: &str) -> Self {
        match Matcher::new(&point.matches) {
            Ok(matcher) => matcher
                .find_in_answer(answer)
                .map_or(Self::NotSeen, Self::Seen),
            Err(_) => Self::Unknown,
        }
    }
}

/// How many follow-ups were asked, and whether the last one's answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Followups {
    pub asked: usize,
    pub heard: bool,
}

impl Followups {
    /// One step on: ask, show what to listen for, ask the next one. False at the end.
    pub fn step(&mut self, count: usize) -> bool {
        if self.asked > 0 && !self.heard {
            self.heard = true;
        } else if self.asked < count {
            self.asked += 1;
            self.heard = false;
        } else {
            return false;
        }
        true
    }
}

/// The pane as lines; `rows[n]` are the lines of point `n`.
#[derive(Debug, Default)]
pub struct Pane {
    pub lines: Vec<Line<'static>>,
    pub rows: Vec<Range<usize>>,
    /// The first line of the newest follow-up.
    pub followup: Option<usize>,
}

impl Rubric<'_> {
    pub fn pane(&self, width: u16, theme: &Theme) -> Pane {
        let mut pane = Pane::default();
        for index in 0..self.question.rubric.len() {
            let start = pane.lines.len();
            pane.lines.extend(self.point(index, width, theme));
            pane.rows.push(start..pane.lines.len());
        }
        if let Some((text, role)) = self.judging.in_words() {
            heading("", &mut pane, theme);
            pane.lines
                .extend(prose::lines_as(role, &text, width, theme));
        }
        if let Some(text) = self.writing.note() {
            heading("", &mut pane, theme);
            pane.lines
                .extend(prose::lines_as(Role::Warning, text, width, theme));
        }
        self.asked(&mut pane, width, theme);
        self.brief(&mut pane, width, theme);
        self.traps(&mut pane, width, theme);
        if let Some(lab) = &self.question.lab {
            heading("Settle it in the lab", &mut pane, theme);
            let text = if book::is_coming(&lab.lab) {
                format!("{} The lab is still to come.", lab.look)
            } else {
                format!("{} Press `l`.", lab.look)
            };
            pane.lines.extend(prose::lines(&text, width, theme));
        }
        pane
    }

    fn point(&self, index: usize, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        let point = &self.question.rubric[index];
        let here = index == self.cursor;
        let ticked = self.ticked.has(index);
        let cursor = if here { theme.symbols.cursor } else { " " };
        let tick = if ticked { "[x] " } else { "[ ] " };
        let (rank, rank_role) = if point.must {
            ("must ", Role::Accent)
        } else {
            ("nice ", Role::Dim)
        };
        let tick_role = if ticked { Role::Good } else { Role::Dim };
        let sign = [
            theme.span(cursor, Role::Accent),
            theme.span(tick, tick_role),
            theme.span(rank, rank_role),
        ];
        let (hint, hint_role) = match self.mentions.get(index) {
            Some(Mention::Seen(_)) => ("mentioned?", Role::Accent),
            Some(Mention::NotSeen) if !ticked => ("not seen", Role::Faint),
            Some(Mention::NotSeen | Mention::Unknown) | None => ("", Role::Faint),
        };
        let mut lines = prose::hanging(&sign, &point.statement, width, theme);
        if here {
            lines = prose::tinted(lines, Role::Strong, theme);
        }
        if !hint.is_empty() {
            let hint = theme.span(format!(" {hint}"), hint_role);
            let room = usize::from(width).saturating_sub(lines.last().map_or(0, Line::width));
            match lines.last_mut() {
                Some(last) if hint.width() <= room => last.spans.push(hint),
                _ => lines.push(Line::from(vec![Span::raw(" ".repeat(9)), hint])),
            }
        }
        if let Some((said, role)) = self.judging.verdict(&point.id) {
            let sign = [Span::raw(" ".repeat(10)), theme.span("judge: ", Role::Dim)];
            let said = prose::hanging(&sign, &said, width, theme);
            lines.extend(prose::tinted(said, role, theme));
        }
        lines
    }

    fn asked(&self, pane: &mut Pane, width: u16, theme: &Theme) {
        let all = self.ticked.followups(self.question);
        if self.followups.asked == 0 || all.is_empty() {
            return;
        }
        heading("What comes next", pane, theme);
        let shown = self.followups.asked.min(all.len());
        for (index, followup) in all.iter().take(shown).enumerate() {
            pane.followup = Some(pane.lines.len());
            let sign = [theme.span("? ", Role::Accent)];
            pane.lines
                .extend(prose::hanging(&sign, &followup.prompt, width, theme));
            if index + 1 < shown || self.followups.heard {
                let sign = [Span::raw("  ")];
                let heard = prose::hanging(&sign, &followup.listen_for, width, theme);
                pane.lines.extend(prose::tinted(heard, Role::Dim, theme));
            }
        }
        if shown < all.len() || !self.followups.heard {
            let text = format!("  f goes on, {shown} of {}", all.len());
            pane.lines.push(theme.line(text, Role::Faint));
        }
    }

    /// The brief in which what was said can be run.
    fn brief(&self, pane: &mut Pane, width: u16, theme: &Theme) {
        for brief in brief::after(&self.question.id) {
            heading("Put it together, and run it", pane, theme);
            let text = format!("`ddlab design new {}`, or `b` at home", brief.id);
            pane.lines.extend(prose::lines(&text, width, theme));
        }
    }

    fn traps(&self, pane: &mut Pane, width: u16, theme: &Theme) {
        if self.question.anti.is_empty() && self.question.traps.is_empty() {
            return;
        }
        heading("What makes an interviewer wince", pane, theme);
        let cross = theme.symbols.cross;
        let sign = [theme.span(format!("{cross} "), Role::Danger)];
        for anti in &self.question.anti {
            pane.lines
                .extend(prose::hanging(&sign, &anti.statement, width, theme));
            let why = prose::hanging(&[Span::raw("  ")], &anti.why, width, theme);
            pane.lines.extend(prose::tinted(why, Role::Dim, theme));
        }
        let sign = [theme.span(format!("{} ", theme.symbols.warning), Role::Warning)];
        for trap in &self.question.traps {
            pane.lines.extend(prose::hanging(&sign, trap, width, theme));
        }
    }
}

fn heading(text: &'static str, pane: &mut Pane, theme: &Theme) {
    pane.lines.push(Line::default());
    if !text.is_empty() {
        pane.lines.push(theme.line(text, Role::Heading));
    }
}
