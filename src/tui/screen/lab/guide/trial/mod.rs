//! A challenge: what is asked beside what the lab does now, and the score of settings that are handed in.
//! Here is how it stands; [`view`] is what the panel says of it.

mod view;

use crate::progress::{self, Event};
use crate::tui::effect::{JobId, Measuring};
use crate::tui::event::MeasureNews;
use crate::tui::keymap::Context;
use crate::tui::widget::kept::Kept;
use crate::tui::widget::scroll::Scroll;
use ddlab_labs::workbench::challenge::{Challenge, Score};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::plan::RunPlan;
use std::sync::Arc;

pub struct Trial {
    pub challenge: &'static Challenge,
    begun: bool,
    hints: usize,
    scoring: Option<Scoring>,
    /// What was handed in last, and what it came to; gone when a knob is turned.
    score: Option<(KnobSettings, Arc<Score>)>,
    trouble: Option<String>,
    kept: Kept,
    pub scroll: Scroll,
}

struct Scoring {
    job: JobId,
    share: f64,
    knobs: KnobSettings,
}

impl Trial {
    pub fn new(challenge: &'static Challenge) -> Self {
        Self {
            challenge,
            begun: false,
            hints: 0,
            scoring: None,
            score: None,
            trouble: None,
            kept: Kept::Nothing,
            scroll: Scroll::default(),
        }
    }

    /// The lab as the learner meets it.
    pub fn plan(&self) -> RunPlan {
        self.challenge.run.plan.clone()
    }

    /// The same with the knobs as they are.
    pub fn plan_with(&self, knobs: &KnobSettings) -> RunPlan {
        let mut plan = self.plan();
        plan.knobs = knobs.clone();
        plan
    }

    /// Whether the learner may turn the knob of this name.
    pub fn lets_turn(&self, knob: &str) -> bool {
        let mut turn = self.challenge.turn.iter();
        turn.any(|turn| turn.knob.name == knob)
    }

    /// What enter does here has a word of its own.
    pub fn contexts(&self) -> Vec<Context> {
        let here = if !self.begun {
            Some(Context::ChallengeBrief)
        } else if self.scoring.is_none() && self.score.is_some() {
            Some(Context::ChallengeScored)
        } else {
            None
        };
        here.into_iter().chain([Context::Challenge]).collect()
    }

    pub fn job(&self) -> Option<JobId> {
        self.scoring.as_ref().map(|scoring| scoring.job)
    }

    /// Lets time pass; false when it does already.
    pub fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    pub fn hint(&mut self) {
        self.begun = true;
        self.hints = (self.hints + 1).min(self.challenge.hints.len());
    }

    /// A knob was turned: what was handed in is not what stands here any more.
    pub fn turned(&mut self) {
        self.score = None;
        self.trouble = None;
        self.scroll = Scroll::default();
    }

    /// Hands the knobs in; none while something is scored already.
    pub fn hand_in(&mut self, knobs: &KnobSettings) -> Option<(JobId, Measuring)> {
        if self.scoring.is_some() {
            return None;
        }
        let (job, knobs) = (JobId::fresh(), knobs.clone());
        self.turned();
        self.kept = Kept::Nothing;
        self.scoring = Some(Scoring {
            job,
            share: 0.0,
            knobs: knobs.clone(),
        });
        let challenge = self.challenge;
        Some((job, Measuring::Score { challenge, knobs }))
    }

    /// Gives the scoring up.
    pub fn stop(&mut self) -> Option<JobId> {
        self.scoring.take().map(|scoring| scoring.job)
    }

    /// Takes up how the scoring stands; what is to be kept of it.
    pub fn news(&mut self, lab: &str, news: &MeasureNews) -> Option<Event> {
        match news {
            MeasureNews::Share(share) => {
                if let Some(scoring) = &mut self.scoring {
                    scoring.share = *share;
                }
                None
            }
            MeasureNews::Scored(score) => {
                let knobs = self.scoring.take()?.knobs;
                let event = Event::ChallengeScored {
                    lab: lab.to_owned(),
                    challenge: self.challenge.id.clone(),
                    medal: score.medal,
                    set: self.challenge.turned(&knobs),
                };
                self.score = Some((knobs, Arc::clone(score)));
                self.kept = Kept::Waiting;
                Some(event)
            }
            MeasureNews::Failed(reason) => {
                self.scoring = None;
                self.trouble = Some(reason.clone());
                None
            }
            MeasureNews::Measured(_)
            | MeasureNews::Ran(_)
            | MeasureNews::Judged(_)
            | MeasureNews::Runs(_)
            | MeasureNews::Written(_)
            | MeasureNews::Graded(_)
            | MeasureNews::Limit(_) => None,
        }
    }

    pub fn recorded(&mut self, answer: &progress::Recorded) {
        if let Event::ChallengeScored { challenge, .. } = &answer.stored.event
            && *challenge == self.challenge.id
            && self.kept == Kept::Waiting
        {
            self.kept = Kept::of(answer.durable);
        }
    }
}
