//! One interview question: the own answer first, then the rubric beside it, then a grade.
//!
//! - [`answering`]: what is typed, how sure one is, hints. The answer is in the record before anything
//!   of the rubric is shown.
//! - [`revealed`]: the rubric to tick, the model answer, follow-ups.
//! - [`rubric`] and [`answers`]: the two panes of it as lines; [`panes`]: where they lie.
//! - [`grading`]: the grade and its undo. [`judging`]: what the learner's own judge says.
//! - [`clock`]: how long it has taken, for those who want to see it.

mod answering;
mod answers;
mod clock;
mod grading;
mod judging;
mod panes;
mod revealed;
mod rubric;

use super::{Go, Turn};
use crate::content::model::{Chapter, InterviewQuestion};
use crate::progress::Event;
use crate::progress::event::AnswerCommitted;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Context};
use crate::tui::screen::{Cx, Message};
use answering::Answering;
use clock::Clock;
use ratatui::buffer::Buffer;
use revealed::Revealed;

pub struct Card {
    question: InterviewQuestion,
    clock: Clock,
    stage: Stage,
}

enum Stage {
    Answering(Box<Answering>),
    Revealed(Box<Revealed>),
}

impl Card {
    /// Goes on where it was left: at a draft, or at an answer that was committed and not graded.
    pub fn new(question: &InterviewQuestion, cx: &Cx<'_>) -> Self {
        let committed = cx
            .marks
            .committed(&question.id)
            .filter(|committed| committed.rev == question.rev);
        let stage = match committed {
            Some(committed) => Stage::Revealed(Box::new(Revealed::new(question, committed, cx))),
            None => Stage::Answering(Box::new(Answering::new(question, cx))),
        };
        Self {
            question: question.clone(),
            clock: Clock::new(),
            stage,
        }
    }

    pub fn id(&self) -> &str {
        &self.question.id
    }

    pub fn prompt(&self) -> &str {
        &self.question.prompt
    }

    pub fn contexts(&self) -> Vec<Context> {
        match &self.stage {
            Stage::Answering(_) => vec![Context::Answering],
            Stage::Revealed(_) => vec![
                Context::Revealed,
                Context::Markable,
                Context::Movement,
                Context::Global,
            ],
        }
    }

    pub fn update(&mut self, message: Message, chapter: &Chapter, cx: &Cx<'_>) -> Turn {
        let answering = matches!(self.stage, Stage::Answering(_));
        match &message {
            Message::Shown if answering => {
                return Turn::stay(self.clock.start(cx.uptime).into_iter().collect());
            }
            Message::Hidden => {
                self.clock.pause(cx.uptime);
                return Turn::stay(self.keep(cx));
            }
            Message::Tick => {
                let mut effects: Vec<_> = self.clock.tick(cx.uptime).into_iter().collect();
                if let Stage::Answering(answering) = &mut self.stage {
                    effects.extend(answering.tick(&self.question.id, cx));
                }
                return Turn::stay(effects);
            }
            Message::Act(Action::Clock) if answering => {
                return Turn::stay(self.clock.toggle(cx.uptime).into_iter().collect());
            }
            Message::Act(Action::Back) => {
                let effects = self.keep(cx);
                return Turn {
                    effects,
                    go: Go::Close,
                };
            }
            Message::Act(Action::Skip | Action::Next) => {
                let effects = self.keep(cx);
                return Turn {
                    effects,
                    go: Go::Next,
                };
            }
            Message::Recorded(answer) => {
                if let Event::AnswerCommitted(committed) = &answer.stored.event
                    && committed.question == self.question.id
                {
                    self.reveal(committed, cx);
                }
            }
            _ => {}
        }
        match &mut self.stage {
            Stage::Answering(answering) => {
                Turn::stay(answering.update(message, &self.question, cx))
            }
            Stage::Revealed(revealed) => revealed.update(message, &self.question, chapter, cx),
        }
    }

    fn reveal(&mut self, committed: &AnswerCommitted, cx: &Cx<'_>) {
        self.clock.pause(cx.uptime);
        if let Stage::Answering(_) = self.stage {
            self.stage = Stage::Revealed(Box::new(Revealed::new(&self.question, committed, cx)));
        }
    }

    /// What is typed or ticked, as far as the record does not know it.
    fn keep(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let kept = match &mut self.stage {
            Stage::Answering(answering) => answering.keep_draft(&self.question.id, cx),
            Stage::Revealed(revealed) => revealed.keep_ticks(&self.question),
        };
        kept.into_iter().collect()
    }

    pub fn view(&self, chapter: &Chapter, cx: &Cx<'_>, buf: &mut Buffer) {
        match &self.stage {
            Stage::Answering(answering) => {
                answering.view(&self.question, chapter, &self.clock, cx, buf);
            }
            Stage::Revealed(revealed) => revealed.view(&self.question, chapter, cx, buf),
        }
    }
}

/// `Scatter/gather · design · senior · 35 min`
fn title(question: &InterviewQuestion, chapter: &Chapter, dot: &str) -> String {
    let about = super::entries::about(question, dot);
    format!("{} {dot} {about}", chapter.meta.title)
}
