//! The quiz questions that are still to be asked in one go: those that are open, and when these are
//! done, those that were missed, if the learner wants.

use crate::content::model::Chapter;
use crate::tui::screen::Cx;
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub struct Round {
    left: VecDeque<String>,
}

impl Round {
    /// Those that were never answered, from the one after `id` on and round the end.
    pub fn after(id: &str, chapter: &Chapter, cx: &Cx<'_>) -> Self {
        let ids: Vec<&String> = chapter.quiz.iter().map(|question| &question.id).collect();
        let at = ids.iter().position(|other| *other == id).unwrap_or(0);
        let rest = ids.iter().skip(at + 1).chain(ids.iter().take(at));
        let open = rest.filter(|id| cx.marks.answer(id).is_none());
        Self {
            left: open.map(|id| (*id).clone()).collect(),
        }
    }

    /// Those whose last answer was not right, and those that were left out.
    pub fn again(chapter: &Chapter, cx: &Cx<'_>) -> Self {
        let ids = chapter.quiz.iter().map(|question| &question.id);
        let missed = ids.filter(|id| cx.marks.answer(id).is_none_or(|answer| !answer.right));
        Self {
            left: missed.cloned().collect(),
        }
    }

    /// The same round begun at this question, which is being asked.
    pub fn from(mut self, id: &str) -> Self {
        if let Some(at) = self.left.iter().position(|other| other == id) {
            self.left.rotate_left(at);
            self.left.pop_front();
        }
        self
    }

    pub fn len(&self) -> usize {
        self.left.len()
    }

    pub fn next(&mut self) -> Option<String> {
        self.left.pop_front()
    }
}
