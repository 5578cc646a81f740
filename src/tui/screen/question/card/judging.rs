//! A second opinion, where the learner has set a judge: asked by a key, never by itself, and told beside each point.

use crate::content::model::InterviewQuestion;
use crate::judge::{self, Question, Verdict, Verdicts};
use crate::progress::practice::JudgeSet;
use crate::study::sheet;
use crate::tui::effect::{Effect, JobId, Measuring};
use crate::tui::event::MeasureNews;
use crate::tui::screen::Cx;
use crate::tui::theme::Role;
use std::sync::Arc;

pub struct Judging {
    set: Option<JudgeSet>,
    state: State,
}

enum State {
    Idle,
    Asked(JobId),
    Said(Arc<Verdicts>),
    Failed(String),
}

impl Judging {
    pub fn new(cx: &Cx<'_>) -> Self {
        Self {
            set: judge::set(cx.marks.log()),
            state: State::Idle,
        }
    }

    /// The settings may have been changed meanwhile.
    pub fn refresh(&mut self, cx: &Cx<'_>) {
        self.set = judge::set(cx.marks.log());
    }

    pub fn ask(&mut self, question: &InterviewQuestion, answer: &str) -> Effect {
        let Some(set) = self.set.clone() else {
            return Effect::info("no judge is set, and none is needed: the settings set one");
        };
        if let State::Asked(_) = self.state {
            return Effect::info("the judge is reading already");
        }
        let job = JobId::fresh();
        self.state = State::Asked(job);
        let asked = Question::of(set, question, answer);
        Effect::Measure(job, Measuring::Judge(Box::new(asked)))
    }

    pub fn answered(&mut self, job: JobId, news: &MeasureNews) {
        let State::Asked(asked) = self.state else {
            return;
        };
        match news {
            MeasureNews::Judged(verdicts) if job == asked => {
                self.state = State::Said(Arc::clone(verdicts));
            }
            MeasureNews::Failed(reason) if job == asked => {
                self.state = State::Failed(reason.clone());
            }
            _ => {}
        }
    }

    /// What it says of a point, as markdown.
    pub fn verdict(&self, point: &str) -> Option<(String, Role)> {
        let State::Said(verdicts) = &self.state else {
            return None;
        };
        let verdict = verdicts.get(point)?;
        let role = match verdict {
            Verdict::Met(_) => Role::Good,
            Verdict::NotMet => Role::Dim,
            Verdict::YouDecide => Role::Warning,
        };
        Some((sheet::plain(&judge::in_words(verdict)), role))
    }

    /// How it stands, as markdown; nothing where no judge was asked.
    pub fn in_words(&self) -> Option<(String, Role)> {
        match &self.state {
            State::Idle => None,
            State::Asked(_) => Some((judge::WAITS.to_owned(), Role::Dim)),
            State::Said(_) => {
                let model = self.set.as_ref().map_or("your judge", |set| &set.model);
                let model = sheet::plain(model);
                let text = format!("A second opinion by {model}; your own ticks are what counts.");
                Some((text, Role::Dim))
            }
            State::Failed(reason) => {
                let text = format!("The judge said nothing: {}", sheet::plain(reason));
                Some((text, Role::Warning))
            }
        }
    }
}
