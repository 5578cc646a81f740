//! What the keys and the mouse do.

use super::inset::Inset;
use super::layout;
use super::search::Search;
use super::{Focus, Reader};
use crate::progress::Event;
use crate::progress::event::QuestionAnswered;
use crate::study::quiz;
use crate::tui::effect::{Effect, Notice, Place};
use crate::tui::keymap::Action;
use crate::tui::screen::Cx;
use crate::tui::widget::quiz::Reply;
use crossterm::event::{KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

/// Columns that one press moves wide code.
const SIDEWAYS: usize = 8;
/// Lines that one notch of the wheel scrolls.
const WHEEL: isize = 3;

impl Reader {
    pub(super) fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        if self.search.as_ref().is_some_and(Search::is_typing) {
            return self.act_in_search(action, cx);
        }
        if let Some(effects) = self.act_in_question(action, cx) {
            return effects;
        }
        let screen = Self::height(cx) as isize;
        match action {
            Action::Down => self.scroll_by(1, cx),
            Action::Up => self.scroll_by(-1, cx),
            // Two lines stay, so that the eye finds where it was.
            Action::PageDown => self.scroll_by((screen - 2).max(1), cx),
            Action::PageUp => self.scroll_by(-(screen - 2).max(1), cx),
            Action::HalfDown => self.scroll_by((screen / 2).max(1), cx),
            Action::HalfUp => self.scroll_by(-(screen / 2).max(1), cx),
            Action::Top => self.scroll_to(0, cx),
            Action::Bottom => self.scroll_to(usize::MAX, cx),
            Action::NextPart => self.to_heading(true, cx),
            Action::PreviousPart => self.to_heading(false, cx),
            Action::NextFocus => self.move_focus(true, cx),
            Action::PreviousFocus => self.move_focus(false, cx),
            Action::Open => return self.enter(cx),
            Action::PlayPause => return self.with_figure(cx, |figure, _| figure.play_or_pause()),
            Action::Larger => return self.turn(1, cx),
            Action::Smaller => return self.turn(-1, cx),
            Action::Search => self.search = Some(Search::new(self.scroll.top)),
            Action::NextHit => self.to_hit(true, cx),
            Action::PreviousHit => self.to_hit(false, cx),
            Action::Back => return self.back(),
            Action::GoLab | Action::GoExercise | Action::GoInterview => {
                return vec![self.go(action)];
            }
            _ => {}
        }
        Vec::new()
    }

    /// Back undoes the smallest thing first: the search, the focus, then the page.
    fn back(&mut self) -> Vec<Effect> {
        if self.search.take().is_some() || self.focus.take().is_some() {
            return Vec::new();
        }
        vec![self.remember_place(), Effect::Back]
    }

    fn go(&self, action: Action) -> Effect {
        let chapter = &self.chapter;
        let place = match action {
            Action::GoLab => chapter.labs.first().map(|lab| Place::lab(lab)),
            Action::GoExercise => chapter
                .exercises
                .first()
                .map(|slug| Place::Exercise { slug: slug.clone() }),
            _ => chapter.has_questions.then(|| Place::Question {
                chapter: chapter.id.clone(),
                question: None,
            }),
        };
        match (place, action) {
            (Some(place), _) => Effect::Open(place),
            (None, Action::GoLab) => Effect::Notice(Notice::info("this chapter has no lab yet")),
            (None, Action::GoExercise) => {
                Effect::Notice(Notice::info("this chapter has no exercise yet"))
            }
            (None, _) => Effect::Notice(Notice::info("this chapter has no questions yet")),
        }
    }

    fn act_in_search(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(search) = &mut self.search else {
            return Vec::new();
        };
        match action {
            // What is not on this page may be elsewhere in the book.
            Action::Open if search.hits().is_empty() && !search.query().is_empty() => {
                self.search = None;
                return vec![Effect::Open(Place::Palette)];
            }
            Action::Open if search.query().is_empty() => self.search = None,
            Action::Open => search.accept(),
            Action::Back => {
                let line = search.began_at;
                self.search = None;
                self.scroll_to(line, cx);
            }
            _ => {}
        }
        Vec::new()
    }

    /// Passes the key to the question that has them; none when it means nothing there.
    fn act_in_question(&mut self, action: Action, cx: &Cx<'_>) -> Option<Vec<Effect>> {
        let focus = self.focus.filter(|_| self.answering)?;
        let Some(Inset::Check(check)) = self.page.insets.get_mut(focus.inset) else {
            return None;
        };
        let reply = check.quiz.as_mut()?.act(action);
        self.after_reply(reply, cx)
    }

    fn after_reply(&mut self, reply: Reply, cx: &Cx<'_>) -> Option<Vec<Effect>> {
        let mut effects = Vec::new();
        match reply {
            Reply::Ignored => return None,
            Reply::Changed => {}
            Reply::Answered => effects.extend(self.answered()),
            Reply::Left => {
                self.answering = false;
                self.focus = None;
            }
        }
        self.set(cx);
        self.show_question(cx);
        Some(effects)
    }

    fn answered(&mut self) -> Option<Effect> {
        let check = self.asked()?;
        let quiz = check.quiz.as_ref()?;
        let (answer, marking) = (quiz.answer()?, quiz.marking()?);
        Some(Effect::Record(Event::CheckAnswered(QuestionAnswered {
            question: check.id.clone(),
            said: quiz::in_words(&quiz.question().kind, answer),
            answer: answer.clone(),
            right: marking.right,
            confidence: quiz.confidence(),
        })))
    }

    /// Keeps the line that the question's cursor is on in view.
    fn show_question(&mut self, cx: &Cx<'_>) {
        let Some(check) = self.asked() else { return };
        let Some(slot) = self.focus.and_then(|f| self.page.flow.slots.get(f.inset)) else {
            return;
        };
        let sheet = check.sheet(slot.width as u16, true, cx.theme);
        let line = slot.first_line + 1 + sheet.focus_line;
        let (total, height) = (self.page.flow.lines.len(), Self::height(cx));
        self.scroll.reveal(line + 1, total, height);
        self.scroll.reveal(line.saturating_sub(1), total, height);
    }

    pub(super) fn type_key(&mut self, key: KeyEvent, cx: &Cx<'_>) -> Vec<Effect> {
        if let Some(search) = self.search.as_mut().filter(|search| search.is_typing()) {
            search.type_key(key, &self.page.flow);
            self.show_hit(cx);
            return Vec::new();
        }
        let Some(focus) = self.focus.filter(|_| self.answering) else {
            return Vec::new();
        };
        let reply = match self.page.insets.get_mut(focus.inset) {
            Some(Inset::Check(check)) => check.quiz.as_mut().map(|quiz| quiz.type_key(key)),
            _ => None,
        };
        reply
            .and_then(|reply| self.after_reply(reply, cx))
            .unwrap_or_default()
    }

    pub(super) fn paste(&mut self, text: &str, cx: &Cx<'_>) {
        if let Some(search) = self.search.as_mut().filter(|search| search.is_typing()) {
            search.paste(text, &self.page.flow);
            self.show_hit(cx);
        }
    }

    fn to_hit(&mut self, forward: bool, cx: &Cx<'_>) {
        if let Some(search) = &mut self.search {
            search.step(forward);
            self.show_hit(cx);
        }
    }

    /// Brings the hit to the upper third, where the eye reads; leaves the page alone when it is in view.
    fn show_hit(&mut self, cx: &Cx<'_>) {
        let Some(search) = &self.search else { return };
        let line = search.line().unwrap_or(search.began_at);
        let height = Self::height(cx);
        if !(self.scroll.top..self.scroll.top + height).contains(&line) {
            self.scroll_to(line.saturating_sub(height / 3), cx);
        }
    }

    /// To the next heading, or to the one before; a line of air stays above it.
    fn to_heading(&mut self, forward: bool, cx: &Cx<'_>) {
        let here = self.scroll.top + 1;
        let mut lines = self.page.flow.outline.iter().map(|heading| heading.line);
        let line = match forward {
            true => lines.find(|line| *line > here),
            false => lines.rfind(|line| *line < here),
        };
        match line {
            Some(line) => self.scroll_to(line.saturating_sub(1), cx),
            None if forward => self.scroll_to(usize::MAX, cx),
            None => self.scroll_to(0, cx),
        }
    }

    /// To the next thing that can have the focus, or to the one before; from none to the first in view.
    fn move_focus(&mut self, forward: bool, cx: &Cx<'_>) {
        let stops: Vec<Focus> = (0..self.page.insets.len())
            .flat_map(|inset| {
                (0..self.page.insets[inset].stops()).map(move |dial| Focus { inset, dial })
            })
            .collect();
        let here = self
            .focus
            .and_then(|focus| stops.iter().position(|stop| *stop == focus));
        let next = match (here, forward) {
            (Some(here), true) => here.checked_add(1),
            (Some(here), false) => here.checked_sub(1),
            (None, _) => {
                let below = |stop: &Focus| {
                    let slot = self.page.flow.slots.get(stop.inset);
                    slot.is_some_and(|slot| slot.first_line + slot.height > self.scroll.top)
                };
                stops.iter().position(below)
            }
        };
        self.focus = next.and_then(|next| stops.get(next)).copied();
        self.set(cx);
        self.show_focus(cx);
    }

    fn show_focus(&mut self, cx: &Cx<'_>) {
        let slot = self.focus.and_then(|f| self.page.flow.slots.get(f.inset));
        if let Some(slot) = slot {
            let (first, last) = (slot.first_line, slot.first_line + slot.height);
            let (total, height) = (self.page.flow.lines.len(), Self::height(cx));
            self.scroll.reveal(last.saturating_sub(1), total, height);
            self.scroll.reveal(first, total, height);
        }
    }

    /// Enter: on what has the focus, or else on the first thing in view.
    fn enter(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(inset) = self.focus.map(|f| f.inset).or(self.first_in_view(cx)) else {
            return Vec::new();
        };
        let dial = self.focus.map_or(0, |focus| focus.dial);
        match &self.page.insets[inset] {
            Inset::Figure(figure) => figure.whole().map(Effect::Open).into_iter().collect(),
            Inset::Try(exercise) => vec![Effect::Open(Place::Exercise {
                slug: exercise.slug.clone(),
            })],
            Inset::Check(check) => {
                if check.quiz.is_some() {
                    self.focus = Some(Focus { inset, dial });
                    self.answering = true;
                    self.set(cx);
                    self.show_question(cx);
                }
                Vec::new()
            }
        }
    }

    /// The figure that the keys for figures mean: the one in focus, or the first one in view.
    fn figure_meant(&self, cx: &Cx<'_>) -> Option<Focus> {
        let is_figure = |n: usize| matches!(self.page.insets.get(n), Some(Inset::Figure(_)));
        self.focus
            .filter(|focus| is_figure(focus.inset))
            .or_else(|| {
                (0..self.page.insets.len())
                    .find(|n| is_figure(*n) && self.is_in_view(*n, cx))
                    .map(|inset| Focus { inset, dial: 0 })
            })
    }

    fn with_figure(
        &mut self,
        cx: &Cx<'_>,
        act: impl FnOnce(&mut super::figure::Figure, usize) -> Vec<Effect>,
    ) -> Vec<Effect> {
        let Some(focus) = self.figure_meant(cx) else {
            return Vec::new();
        };
        match &mut self.page.insets[focus.inset] {
            Inset::Figure(figure) => act(figure, focus.dial),
            _ => Vec::new(),
        }
    }

    /// Turns a figure's knob; without a figure in view, moves code that is too wide.
    fn turn(&mut self, turns: i32, cx: &Cx<'_>) -> Vec<Effect> {
        if self.figure_meant(cx).is_some() {
            return self.with_figure(cx, |figure, dial| figure.turn(dial, turns));
        }
        let most = self.page.flow.hidden_columns;
        self.sideways = match turns > 0 {
            true => (self.sideways + SIDEWAYS).min(most),
            false => self.sideways.saturating_sub(SIDEWAYS),
        };
        self.set(cx);
        Vec::new()
    }

    pub(super) fn mouse(&mut self, mouse: MouseEvent, cx: &Cx<'_>) -> Vec<Effect> {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.scroll_by(WHEEL, cx),
            MouseEventKind::ScrollUp => self.scroll_by(-WHEEL, cx),
            MouseEventKind::Down(MouseButton::Left) => {
                return self.click(Position::new(mouse.column, mouse.row), cx);
            }
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, at: Position, cx: &Cx<'_>) -> Vec<Effect> {
        let areas = layout::areas(cx.area);
        if let Some(outline) = areas.outline.filter(|outline| outline.contains(at)) {
            let row = usize::from(at.y - outline.y);
            if let Some(heading) = super::view::outline_rows(self, outline).get(row) {
                let line = self.page.flow.outline[heading.entry].line;
                self.scroll_to(line.saturating_sub(1), cx);
            }
            return Vec::new();
        }
        if !areas.text.contains(at) {
            return Vec::new();
        }
        let line = self.scroll.top + usize::from(at.y - areas.text.y);
        let column = usize::from(at.x - areas.text.x);
        let slots = &self.page.flow.slots;
        let clicked = slots
            .iter()
            .position(|slot| (slot.first_line..slot.first_line + slot.height).contains(&line));
        match clicked {
            Some(inset) => self.click_inset(inset, line, cx),
            None => self.follow(line, column, cx),
        }
    }

    /// The first click gives the focus, one on what has it opens it; a click on a choice chooses.
    fn click_inset(&mut self, inset: usize, line: usize, cx: &Cx<'_>) -> Vec<Effect> {
        let had_focus = self.focus.is_some_and(|focus| focus.inset == inset);
        if !had_focus {
            self.focus = Some(Focus { inset, dial: 0 });
            self.answering = false;
            self.set(cx);
        }
        let slot = &self.page.flow.slots[inset];
        let (first, width) = (slot.first_line, slot.width as u16);
        if let Inset::Check(check) = &mut self.page.insets[inset] {
            let sheet = check.sheet(width, true, cx.theme);
            if let Some(quiz) = &mut check.quiz {
                let row = line.saturating_sub(first + 1);
                let reply = quiz.click(&sheet, row);
                self.answering = true;
                return self.after_reply(reply, cx).unwrap_or_default();
            }
        }
        if had_focus {
            self.enter(cx)
        } else {
            Vec::new()
        }
    }

    /// Follows the link under a click.
    fn follow(&mut self, line: usize, column: usize, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(link) = self.page.link_at(line, column) else {
            return Vec::new();
        };
        if let Some(line) = self.page.flow.line_of_target(&link) {
            self.scroll_to(line.saturating_sub(1), cx);
            return Vec::new();
        }
        // `../06-sharded/chapter.md` and `sharded` both name a chapter.
        let name = link
            .trim_end_matches("/chapter.md")
            .rsplit('/')
            .next()
            .unwrap_or_default();
        match cx.library.chapter(name) {
            Ok(chapter) => vec![Effect::Open(Place::chapter(&chapter.meta.id))],
            Err(_) => vec![Effect::Notice(Notice::info(link))],
        }
    }
}
