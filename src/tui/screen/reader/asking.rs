//! A question of the page while it has the keys.

use super::Reader;
use super::inset::Inset;
use crate::progress::Event;
use crate::progress::event::QuestionAnswered;
use crate::study::quiz;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::screen::Cx;
use crate::tui::widget::quiz::Reply;

impl Reader {
    /// Passes the key to the question that has them; none when it means nothing there.
    pub(super) fn act_in_question(&mut self, action: Action, cx: &Cx<'_>) -> Option<Vec<Effect>> {
        let focus = self.focus.filter(|_| self.answering)?;
        let Some(Inset::Check(check)) = self.page.insets.get_mut(focus.inset) else {
            return None;
        };
        let quiz = check.quiz.as_mut()?;
        let answered = quiz.marking().is_some();
        let reply = quiz.act(action);
        let effects = self.after_reply(reply, cx);
        if answered && reply == Reply::Left && action == Action::NextFocus {
            self.go_on_after(focus.inset, cx);
        }
        effects
    }

    /// To the text after a question that is done with.
    fn go_on_after(&mut self, inset: usize, cx: &Cx<'_>) {
        let height = Self::height(cx);
        let Some(slot) = self.page.flow.slots.get(inset) else {
            return;
        };
        let after = slot.first_line + slot.height;
        // The last lines of why stay in view.
        let top = after.saturating_sub(height / 4);
        if top > self.scroll.top {
            self.scroll_to(top, cx);
        }
    }

    pub(super) fn after_reply(&mut self, reply: Reply, cx: &Cx<'_>) -> Option<Vec<Effect>> {
        let mut effects = Vec::new();
        match reply {
            Reply::Ignored => return None,
            Reply::Changed => {}
            Reply::Answered => {
                effects.extend(self.answered());
                effects.push(self.place_now());
            }
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

    /// Keeps the line that the question's cursor is on in view; once it is answered, all from the verdict on.
    pub(super) fn show_question(&mut self, cx: &Cx<'_>) {
        let Some(check) = self.asked() else { return };
        let Some(slot) = self.focus.and_then(|f| self.page.flow.slots.get(f.inset)) else {
            return;
        };
        let sheet = check.sheet(slot.width as u16, true, cx.theme);
        let line = slot.first_line + 1 + sheet.focus_line;
        let (total, height) = (self.page.flow.lines.len(), Self::height(cx));
        let answered = check
            .quiz
            .as_ref()
            .is_some_and(|quiz| quiz.marking().is_some());
        let last = if answered {
            slot.first_line + slot.height.saturating_sub(1)
        } else {
            line + 1
        };
        self.scroll.reveal(last, total, height);
        self.scroll.reveal(line.saturating_sub(1), total, height);
    }
}
