//! What the keys do.

use super::Reader;
use super::inset::Inset;
use super::search::Search;
use super::words;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, go};
use crossterm::event::{KeyCode, KeyEvent};

/// Columns that one press moves a wide drawing.
const SIDEWAYS: usize = 8;

impl Reader {
    pub(super) fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        if self.search.as_ref().is_some_and(Search::is_typing) {
            return self.act_in_search(action, cx);
        }
        if let Some(effects) = self.act_in_explanation(action, cx) {
            return effects;
        }
        if let Some(effects) = self.act_in_question(action, cx) {
            return effects;
        }
        match action {
            Action::NextPart => self.go_to_heading(true, cx),
            Action::PreviousPart => self.go_to_heading(false, cx),
            Action::NextFocus => self.move_focus(true, cx),
            Action::PreviousFocus => self.move_focus(false, cx),
            Action::Open => return self.enter(cx),
            Action::PlayPause => return self.with_figure(cx, |figure, _| figure.play_or_pause()),
            Action::Larger => return self.turn(1, cx),
            Action::Smaller => return self.turn(-1, cx),
            Action::Search => self.search = Some(Search::new(&self.page.flow, self.scroll.top)),
            Action::Define => return self.explain_next_in_view(cx),
            Action::Terms => return vec![words::all()],
            Action::NextHit => self.next_hit(true, cx),
            Action::PreviousHit => self.next_hit(false, cx),
            Action::Copy => {
                let window = self.scroll.top..self.scroll.top + Self::height(cx);
                return vec![match self.page.code_in(window) {
                    Some(code) => Effect::Copy(code.to_owned()),
                    None => {
                        Effect::warning("no code or command is in view; Y copies the first one")
                    }
                }];
            }
            Action::Back => return self.back(cx),
            Action::GoLab | Action::GoExercise | Action::GoInterview => {
                let mut chapters = cx.library.chapters();
                let chapter = chapters.find(|chapter| chapter.meta.id == self.chapter.id);
                return chapter.map(|c| go(action, c)).into_iter().collect();
            }
            action => {
                let total = self.page.flow.lines.len();
                self.scroll.act(action, total, Self::height(cx));
            }
        }
        Vec::new()
    }

    /// Back undoes the smallest thing first: the search, the focus, then the page.
    fn back(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if self.search.take().is_some() || self.focus.take().is_some() {
            return Vec::new();
        }
        let place = self.remember_place(cx);
        place.into_iter().chain([Effect::Back]).collect()
    }

    pub(super) fn type_key(&mut self, key: KeyEvent, cx: &Cx<'_>) -> Vec<Effect> {
        if let Some(search) = self.search.as_mut().filter(|search| search.is_typing()) {
            search.type_key(key);
            self.show_hit(cx);
            return Vec::new();
        }
        if !self.answering {
            self.begin_by_typing(key, cx);
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

    /// A question in focus that wants a number needs no Enter before it: the first digit begins.
    fn begin_by_typing(&mut self, key: KeyEvent, cx: &Cx<'_>) {
        let wants_text = self.focus.is_some_and(|focus| {
            matches!(self.page.insets.get(focus.inset), Some(Inset::Check(check))
                if check.quiz.as_ref().is_some_and(|quiz| quiz.takes_text()))
        });
        if wants_text && matches!(key.code, KeyCode::Char(_)) {
            self.enter(cx);
        }
    }

    pub(super) fn paste(&mut self, text: &str, cx: &Cx<'_>) {
        if let Some(search) = self.search.as_mut().filter(|search| search.is_typing()) {
            search.paste(text);
            self.show_hit(cx);
        }
    }

    /// To the next heading, or to the one before.
    fn go_to_heading(&mut self, forward: bool, cx: &Cx<'_>) {
        let here = self.scroll.top;
        let mut lines = self.page.flow.outline.iter().map(|heading| heading.line);
        let line = if forward {
            lines.find(|line| *line > here)
        } else {
            lines.rfind(|line| *line < here)
        };
        match line {
            Some(line) => self.scroll_to(line, cx),
            None if forward => self.scroll_to(usize::MAX, cx),
            None => self.scroll_to(0, cx),
        }
    }

    /// Turns a figure's knob; without a figure in view, moves drawings that are too wide.
    fn turn(&mut self, turns: i32, cx: &Cx<'_>) -> Vec<Effect> {
        if self.figure_meant(cx).is_some() {
            return self.with_figure(cx, |figure, dial| figure.turn(dial, turns));
        }
        let most = self.page.flow.hidden_columns;
        self.sideways = if turns > 0 {
            (self.sideways + SIDEWAYS).min(most)
        } else {
            self.sideways.saturating_sub(SIDEWAYS)
        };
        self.set(cx);
        Vec::new()
    }
}
