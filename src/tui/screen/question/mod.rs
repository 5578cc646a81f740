//! The questions of a chapter: the quiz, and the interview.
//!
//! - [`list`]: all of them; [`entries`]: what it says of each.
//! - [`quiz_page`]: one quiz question, answered and explained; [`round`]: which comes next;
//!   [`score_page`]: how it went, and what was missed once more.
//! - [`card`]: one interview question: own answer, then the rubric, then a grade.
//!
//! A question that was opened by its name leads back to where one was; one that was chosen from the
//! list leads back to the list.

mod card;
mod entries;
mod list;
mod quiz_page;
mod round;
mod rows;
mod score_page;

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen, Spot, ways};
use crate::content::model::Chapter;
use crate::progress::bookmark;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use card::Card;
use list::List;
use quiz_page::QuizPage;
use ratatui::buffer::Buffer;
use round::Round;
use score_page::{Chosen, ScorePage};

pub struct Question {
    /// The id.
    chapter: String,
    list: List,
    open: Option<Open>,
    /// The quiz questions that come after the one that is open.
    round: Round,
    /// Opened at one question: the list was never seen.
    alone: bool,
    has_lab: bool,
}

enum Open {
    Quiz(Box<QuizPage>),
    Card(Box<Card>),
    Score(ScorePage),
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
            round: Round::default(),
            alone: question.is_some(),
            has_lab: ways(chapter).contains(&Context::WithLab),
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
            (Some(question), _) => {
                self.round = Round::after(id, chapter, cx);
                Open::Quiz(Box::new(QuizPage::new(question, cx)))
            }
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
                if let Some(Open::Quiz(_)) = self.open {
                    self.alone = false;
                    self.next_in_round(cx);
                    return effects;
                }
                let next = self.chapter(cx).and_then(|chapter| match &self.open {
                    Some(Open::Card(card)) => list::next_interview(chapter, card.id(), cx),
                    _ => None,
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

    /// The next question of the round, or the end of the quiz.
    fn next_in_round(&mut self, cx: &Cx<'_>) {
        let Some(chapter) = self.chapter(cx) else {
            return;
        };
        let id = self.round.next();
        let question = id.and_then(|id| chapter.quiz.iter().find(|question| question.id == id));
        self.open = Some(match question {
            Some(question) => {
                self.list.select(&question.id, chapter, cx);
                Open::Quiz(Box::new(QuizPage::new(question, cx)))
            }
            None => Open::Score(ScorePage::new(chapter, cx)),
        });
    }

    fn scored(&mut self, chosen: Chosen, chapter: &Chapter, cx: &Cx<'_>) -> Vec<Effect> {
        match chosen {
            Chosen::Nothing => Vec::new(),
            Chosen::Effect(effect) => vec![effect],
            Chosen::Close => self.close(cx),
            Chosen::Again => {
                self.round = Round::again(chapter, cx);
                self.next_in_round(cx);
                Vec::new()
            }
            Chosen::Question(id) => {
                // The others that were missed come after it.
                let missed = Round::again(chapter, cx);
                if self.go_to(&id, cx).is_ok() {
                    self.round = missed.from(&id);
                }
                Vec::new()
            }
        }
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
            Some(Open::Score(page)) => {
                let chosen = page.update(&message, chapter, cx);
                return self.scored(chosen, chapter, cx);
            }
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
        let question = match &self.open {
            Some(Open::Quiz(page)) => Some(page.id()),
            Some(Open::Card(card)) => Some(card.id()),
            Some(Open::Score(_)) | None => None,
        };
        Place::question(&self.chapter, question)
    }

    fn contexts(&self) -> Vec<Context> {
        match &self.open {
            Some(Open::Quiz(page)) => page.contexts(),
            Some(Open::Card(card)) => card.contexts(),
            Some(Open::Score(_)) => ScorePage::contexts(),
            None => {
                let lab = self.has_lab.then_some(Context::WithLab).into_iter();
                let rest = [Context::Markable, Context::Movement, Context::Global];
                [Context::Questions]
                    .into_iter()
                    .chain(lab)
                    .chain(rest)
                    .collect()
            }
        }
    }

    /// The question that is open, or that the cursor of the list is on.
    fn spot(&self, cx: &Cx<'_>) -> Option<Spot> {
        let (id, prompt) = match &self.open {
            Some(Open::Quiz(page)) => (page.id(), entries::plain(page.prompt())),
            Some(Open::Card(card)) => (card.id(), entries::plain(card.prompt())),
            Some(Open::Score(_)) => return None,
            None => self
                .list
                .entry()
                .map(|entry| (entry.id.as_str(), entry.prompt.clone()))?,
        };
        let chapter = self.chapter(cx)?;
        Some(Spot {
            of: bookmark::of_question(id),
            title: format!(
                "{}  {} {} {}",
                chapter.meta.number, chapter.meta.title, cx.theme.symbols.none, prompt
            ),
            at: Place::question(&self.chapter, Some(id)),
        })
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
            Some(Open::Score(page)) => page.view(chapter, cx, buf),
            None => self.list.view(chapter, cx, buf),
        }
    }
}
