//! The questions of a chapter: the quiz, and the interview.
//!
//! - [`list`]: all of them; [`entries`]: what it says of each.
//! - [`quiz_page`]: one quiz question, answered and explained.
//! - [`card`]: one interview question: own answer, then the rubric, then a grade.
//!
//! A question that was opened by its name leads back to where one was; one that was chosen from the
//! list leads back to the list.

mod card;
mod entries;
mod list;
mod quiz_page;

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen};
use crate::content::model::Chapter;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use card::Card;
use list::List;
use quiz_page::QuizPage;
use ratatui::buffer::Buffer;

pub struct Question {
    /// The id.
    chapter: String,
    list: List,
    open: Option<Open>,
    /// Opened at one question: the list was never seen.
    alone: bool,
}

enum Open {
    Quiz(Box<QuizPage>),
    Card(Box<Card>),
}

/// Where to after a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Go {
    Stay,
    /// This question is left.
    Close,
    /// To the next one that is still open.
    Next,
}

/// What a question did with a message.
struct Turn {
    effects: Vec<Effect>,
    go: Go,
}

impl Turn {
    fn stay(effects: Vec<Effect>) -> Self {
        Self {
            effects,
            go: Go::Stay,
        }
    }

    fn go(go: Go) -> Self {
        Self {
            effects: Vec::new(),
            go,
        }
    }
}

impl Question {
    /// The questions of a chapter, or one of them.
    ///
    /// # Errors
    /// A sentence when there is no such chapter or question, or the chapter has none yet.
    pub fn open(chapter: &str, question: Option<&str>, cx: &Cx<'_>) -> Result<Self, String> {
        let chapter = cx.library.chapter(chapter).map_err(|e| e.to_string())?;
        if chapter.quiz.is_empty() && chapter.interview.is_empty() {
            return Err(format!("{} has no questions yet", chapter.meta.title));
        }
        let mut screen = Self {
            chapter: chapter.meta.id.clone(),
            list: List::new(chapter, cx),
            open: None,
            alone: question.is_some(),
        };
        if let Some(id) = question {
            screen.go_to(id, cx)?;
        }
        Ok(screen)
    }

    fn chapter<'a>(&self, cx: &Cx<'a>) -> Option<&'a Chapter> {
        cx.library.chapters().find(|c| c.meta.id == self.chapter)
    }

    fn go_to(&mut self, id: &str, cx: &Cx<'_>) -> Result<(), String> {
        let chapter = self
            .chapter(cx)
            .ok_or_else(|| format!("the chapter {} is gone", self.chapter))?;
        let quiz = chapter.quiz.iter().find(|question| question.id == id);
        let interview = chapter.interview.iter().find(|question| question.id == id);
        self.open = Some(match (quiz, interview) {
            (Some(question), _) => Open::Quiz(Box::new(QuizPage::new(question, cx))),
            (None, Some(question)) => Open::Card(Box::new(Card::new(question, cx))),
            (None, None) => {
                // The nearest name over the whole book, as elsewhere.
                let unknown = cx.library.interview_question(id).err();
                return Err(unknown.map_or_else(
                    || format!("{} has no question `{id}`", chapter.meta.title),
                    |unknown| unknown.to_string(),
                ));
            }
        });
        self.list.select(id, chapter, cx);
        Ok(())
    }

    fn turn(&mut self, turn: Turn, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects = turn.effects;
        match turn.go {
            Go::Stay => {}
            Go::Close => effects.extend(self.close(cx)),
            Go::Next => {
                let next = self.chapter(cx).and_then(|chapter| match &self.open {
                    Some(Open::Quiz(page)) => list::next_quiz(chapter, page.id(), cx),
                    Some(Open::Card(card)) => list::next_interview(chapter, card.id(), cx),
                    None => None,
                });
                match next {
                    Some(id) if self.go_to(&id, cx).is_ok() => {
                        effects.extend(self.message(Message::Shown, cx));
                    }
                    _ => {
                        self.alone = false;
                        effects.extend(self.close(cx));
                    }
                }
            }
        }
        effects
    }

    fn close(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if self.alone {
            return vec![Effect::Back];
        }
        self.open = None;
        if let Some(chapter) = self.chapter(cx) {
            self.list.refresh(chapter, cx);
        }
        Vec::new()
    }

    fn message(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(chapter) = self.chapter(cx) else {
            return vec![Effect::Back];
        };
        let turn = match &mut self.open {
            Some(Open::Quiz(page)) => page.update(message, cx),
            Some(Open::Card(card)) => card.update(message, chapter, cx),
            None => {
                let (effects, chosen) = self.list.update(&message, chapter, cx);
                if let Some(id) = chosen
                    && self.go_to(&id, cx).is_ok()
                {
                    return self.message(Message::Shown, cx);
                }
                return effects;
            }
        };
        self.turn(turn, cx)
    }
}

impl Screen for Question {
    fn place(&self) -> Place {
        Place::Question {
            chapter: self.chapter.clone(),
            question: match &self.open {
                Some(Open::Quiz(page)) => Some(page.id().to_owned()),
                Some(Open::Card(card)) => Some(card.id().to_owned()),
                None => None,
            },
        }
    }

    fn contexts(&self) -> Vec<Context> {
        match &self.open {
            Some(Open::Quiz(page)) => page.contexts(),
            Some(Open::Card(card)) => card.contexts(),
            None => vec![Context::Questions, Context::Global],
        }
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        if let (Message::Act(Action::Back), None) = (&message, &self.open) {
            return vec![Effect::Back];
        }
        self.message(message, cx)
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        let Some(chapter) = self.chapter(cx) else {
            return;
        };
        match &self.open {
            Some(Open::Quiz(page)) => page.view(chapter, cx, buf),
            Some(Open::Card(card)) => card.view(chapter, cx, buf),
            None => self.list.view(chapter, cx, buf),
        }
    }
}
