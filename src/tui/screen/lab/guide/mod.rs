//! The guide of a lab: a panel beside it that lists its experiments and challenges, and leads through one.
//!
//! - here: what keys and news do to it, and what it asks of the lab;
//! - [`list`]: what there is, and what was done of it;
//! - [`tour`]: an experiment, step by step; [`trial`]: a challenge, with its board;
//! - [`panel`]: where it lies and how its text is set.
//!
//! The lab beside it is the learner's own: it can be turned and broken at any time. What is measured is
//! measured on a run of its own, so nothing that is played with here changes a figure of the guide.

mod list;
pub(super) mod panel;
mod tour;
mod trial;

use super::{LabScreen, Over};
use crate::progress::{self, Event};
use crate::tui::effect::{Effect, JobId, Notice, Place, RunId};
use crate::tui::event::MeasureNews;
use crate::tui::keymap::{Action, Context};
use crate::tui::screen::Cx;
use crossterm::event::KeyEvent;
use ddlab_labs::workbench::guide::Guides;
use ddlab_labs::workbench::knob::{KnobSpec, KnobValue};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::run::Command;
use list::List;
use tour::Tour;
use trial::Trial;

/// What the panel holds.
pub enum Guide {
    List(List),
    Tour(Tour),
    Trial(Trial),
}

impl LabScreen {
    /// Opens a lab with one of its experiments or challenges.
    pub fn guided(lab: &str, id: &str) -> Result<Self, String> {
        let spec = ddlab_labs::find_or_nearest(lab)?.spec();
        let mut screen = Self::of(spec, &[], crate::tui::effect::DEFAULT_SEED)?;
        let guides = ddlab_labs::guides(spec.id);
        screen.guide = Some(match guides.challenges.iter().find(|one| one.id == id) {
            Some(challenge) => Guide::Trial(Trial::new(challenge)),
            None => Guide::Tour(Tour::new(guides.experiment(id)?)),
        });
        Ok(screen)
    }

    fn guides(&self) -> &'static Guides {
        ddlab_labs::guides(self.spec.id)
    }

    /// Where the learner is, when it is more than the lab.
    pub(super) fn guide_place(&self) -> Option<Place> {
        let id = match self.guide.as_ref()? {
            Guide::List(_) => return None,
            Guide::Tour(tour) => &tour.experiment().id,
            Guide::Trial(trial) => &trial.challenge.id,
        };
        Some(Place::Guide {
            lab: self.spec.id.to_owned(),
            id: id.clone(),
        })
    }

    /// The keys of the panel, before those of the lab.
    pub(super) fn guide_contexts(&self) -> Vec<Context> {
        match &self.guide {
            None => Vec::new(),
            Some(Guide::List(_)) => vec![Context::GuideList],
            Some(Guide::Tour(tour)) if tour.types() => vec![Context::GuideTyping],
            Some(Guide::Tour(tour)) if tour.chooses() => {
                vec![Context::GuideChoice, Context::GuideStep]
            }
            Some(Guide::Tour(_)) => vec![Context::GuideStep],
            Some(Guide::Trial(_)) => vec![Context::Challenge],
        }
    }

    /// What is said at the first look at a lab that has something to be led through.
    pub(super) fn offer(&self, cx: &Cx<'_>) -> Option<Effect> {
        let lab = self.spec.id;
        let mut open = self.guides().experiments.iter();
        let first = open.find(|one| !cx.marks.has_done(lab, &one.id))?;
        let text = format!(
            "g leads you through: {}, {} min",
            first.title, first.minutes
        );
        Some(Effect::Notice(Notice::info(text)))
    }

    /// Starts what the guide begins with; nothing when the lab goes on as it is.
    pub(super) fn start_guide(&mut self) -> Option<Vec<Effect>> {
        let (plan, speed) = match self.guide.as_ref()? {
            Guide::List(_) => return None,
            Guide::Tour(tour) => (tour.first_plan(), tour.speed()),
            Guide::Trial(trial) => (trial.plan(), trial.challenge.take.speed),
        };
        Some(self.start_plan(plan, speed, false))
    }

    /// Starts a run with a plan of the guide.
    fn start_plan(&mut self, plan: RunPlan, speed: f64, playing: bool) -> Vec<Effect> {
        let before = self.run.take().map(Effect::StopLab);
        let run = RunId::fresh();
        self.run = Some(run);
        self.frame = None;
        self.trouble = None;
        self.playing = playing && !self.hidden;
        self.seed = plan.seed;
        self.values = plan.knobs.values().to_vec();
        self.speed = super::speed::Speed::nearest(speed);
        self.selected = None;
        let start = Effect::StartPlan {
            run,
            plan,
            speed: self.speed.value(),
            playing: self.playing,
        };
        before.into_iter().chain([start]).collect()
    }

    pub(super) fn toggle_guide(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        match self.guide {
            Some(_) => self.leave_guide(cx),
            None if self.guides().experiments.is_empty() && self.guides().challenges.is_empty() => {
                vec![Effect::Notice(Notice::info("this lab has no guide yet"))]
            }
            None => {
                self.guide = Some(Guide::List(List::at_first_open(self.spec.id, cx.marks)));
                Vec::new()
            }
        }
    }

    /// One step out: from an experiment to the list, from the list to the lab alone.
    fn leave_guide(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let stop = self.job().map(Effect::StopMeasuring);
        self.guide = match self.guide.take() {
            None | Some(Guide::List(_)) => None,
            Some(Guide::Tour(tour)) => {
                let id = &tour.experiment().id;
                Some(Guide::List(List::at(self.spec.id, id, cx.marks)))
            }
            Some(Guide::Trial(trial)) => {
                let id = &trial.challenge.id;
                Some(Guide::List(List::at(self.spec.id, id, cx.marks)))
            }
        };
        stop.into_iter().collect()
    }

    /// What is measured now.
    fn job(&self) -> Option<JobId> {
        match &self.guide {
            Some(Guide::Tour(tour)) => tour.job(),
            Some(Guide::Trial(trial)) => trial.job(),
            _ => None,
        }
    }

    /// Does what a key of the panel asks for; none when the lab is to do it.
    pub(super) fn act_in_guide(&mut self, action: Action, cx: &Cx<'_>) -> Option<Vec<Effect>> {
        match (action, self.guide.as_mut()?) {
            (Action::Guide | Action::Back, _) => Some(self.leave_guide(cx)),
            (Action::Down, Guide::List(list)) => {
                list.move_by(1, self.spec.id);
                Some(Vec::new())
            }
            (Action::Up, Guide::List(list)) => {
                list.move_by(-1, self.spec.id);
                Some(Vec::new())
            }
            (Action::Open, Guide::List(list)) => {
                let at = list.at;
                Some(self.open_guide(at))
            }
            (Action::Open, Guide::Tour(_)) => Some(self.next_step(cx)),
            (Action::Choose(number), Guide::Tour(tour)) => {
                tour.choose(usize::from(number));
                Some(Vec::new())
            }
            (Action::Reset, Guide::Tour(tour)) => {
                let plan = tour.present_plan();
                Some(self.start_plan(plan, self.speed.value(), true))
            }
            (Action::Open, Guide::Trial(_)) => Some(self.hand_in()),
            (Action::Hint, Guide::Trial(trial)) => {
                trial.hint();
                Some(Vec::new())
            }
            (Action::Stop, Guide::Trial(trial)) => Some(
                trial
                    .stop()
                    .map(Effect::StopMeasuring)
                    .into_iter()
                    .collect(),
            ),
            (Action::Reset, Guide::Trial(trial)) => {
                let plan = trial.plan_with(&self.values);
                Some(self.start_plan(plan, self.speed.value(), true))
            }
            (Action::Menu, Guide::Trial(_)) => Some(vec![given()]),
            (Action::PageDown, _) => Some(self.scroll_guide(1, cx)),
            (Action::PageUp, _) => Some(self.scroll_guide(-1, cx)),
            (Action::NextFocus, Guide::Trial(_)) => Some(self.focus_turnable(1)),
            (Action::PreviousFocus, Guide::Trial(_)) => Some(self.focus_turnable(-1)),
            _ => None,
        }
    }

    fn scroll_guide(&mut self, pages: isize, cx: &Cx<'_>) -> Vec<Effect> {
        let (_, panel) = self.split(cx.area);
        let height = usize::from(panel::inner(panel).height);
        let total = self.guide_lines(panel::inner(panel).width, cx).len();
        let lines = pages * (height.cast_signed() - 1).max(1);
        match &mut self.guide {
            Some(Guide::Tour(tour)) => tour.scroll.by(lines, total, height),
            Some(Guide::Trial(trial)) => trial.scroll.by(lines, total, height),
            Some(Guide::List(list)) => list.scroll.by(lines, total, height),
            None => {}
        }
        Vec::new()
    }

    /// Opens an entry of the list.
    fn open_guide(&mut self, at: usize) -> Vec<Effect> {
        let guides = self.guides();
        let challenge = at.checked_sub(guides.experiments.len());
        self.guide = match challenge {
            Some(at) => guides
                .challenges
                .get(at)
                .map(|one| Guide::Trial(Trial::new(one))),
            None => guides
                .experiments
                .get(at)
                .map(|one| Guide::Tour(Tour::new(one))),
        };
        self.over = Over::Nothing;
        if let Some(Guide::Trial(_)) = self.guide {
            self.focus_turnable(0);
        }
        self.start_guide().unwrap_or_default()
    }

    /// Keys that are typed into the panel.
    pub(super) fn type_in_guide(&mut self, key: KeyEvent) -> bool {
        match &mut self.guide {
            Some(Guide::Tour(tour)) if tour.types() => {
                tour.key(key);
                true
            }
            Some(Guide::List(_)) => true,
            _ => false,
        }
    }

    pub(super) fn paste_in_guide(&mut self, text: &str) {
        if let Some(Guide::Tour(tour)) = &mut self.guide {
            tour.paste(text);
        }
    }

    /// A lab in a challenge is broken by its script alone.
    pub(super) fn actions_are_given(&self) -> bool {
        matches!(self.guide, Some(Guide::Trial(_)))
    }

    pub(super) fn measured(&mut self, job: JobId, news: &MeasureNews, cx: &Cx<'_>) -> Vec<Effect> {
        match &mut self.guide {
            Some(Guide::Tour(tour)) if tour.job() == Some(job) => {
                tour.news(news);
                self.step_when_done(cx)
            }
            Some(Guide::Trial(trial)) if trial.job() == Some(job) => {
                let lab = self.spec.id;
                trial
                    .news(lab, news)
                    .map(Effect::Record)
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn recorded(&mut self, answer: &progress::Answer) {
        if let Some(Guide::Trial(trial)) = &mut self.guide {
            trial.recorded(answer);
        }
    }

    /// What a new frame means to the guide: a run that has come to its end waits there.
    pub(super) fn frame_in_guide(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let (Some(Guide::Tour(tour)), Some(frame)) = (&mut self.guide, &self.frame) else {
            return Vec::new();
        };
        if frame.seeking.is_some() || !tour.reached(frame.now) {
            return Vec::new();
        }
        let mut effects = self.play(false);
        effects.extend(self.step_when_done(cx));
        effects
    }

    /// The step after the present one, if the learner may take it.
    fn next_step(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let Some(Guide::Tour(tour)) = &mut self.guide else {
            return Vec::new();
        };
        if tour.is_running() {
            tour.hurry();
            let mut effects = self.tell(Command::Speed(*ddlab_labs::workbench::run::SPEEDS.end()));
            effects.extend(self.step_when_done(cx));
            return effects;
        }
        if tour.is_over() {
            return self.leave_guide(cx);
        }
        if !tour.advance() {
            return Vec::new();
        }
        self.arrive(cx)
    }

    /// A run that is measured and was shown to its end is left by itself.
    fn step_when_done(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        match &mut self.guide {
            Some(Guide::Tour(tour)) if tour.run_is_done() => {
                tour.advance();
                let mut effects = self.tell(Command::Speed(self.speed.value()));
                effects.extend(self.play(false));
                effects.extend(self.arrive(cx));
                effects
            }
            _ => Vec::new(),
        }
    }

    /// What the step asks of the lab and of the record.
    fn arrive(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let side_by_side = self.layout(cx.area).side_by_side;
        let Some(Guide::Tour(tour)) = &mut self.guide else {
            return Vec::new();
        };
        let lab = self.spec.id;
        // The chart that the text speaks of comes first.
        let looked_at = tour.looks_at();
        let panel = |panel: &super::panels::Panel| Some(panel.metric()) == looked_at;
        if let Some(view) = self.panels.iter().position(panel) {
            // A narrow screen has the picture as its first view.
            self.view = if side_by_side { view } else { view + 1 };
        }
        let mut effects: Vec<Effect> = Vec::new();
        if let Some((take, job, measuring)) = tour.start_run() {
            let speed = take.speed;
            effects.push(Effect::Measure(job, measuring));
            effects.extend(self.start_plan(take.plan.clone(), speed, true));
            if take.begins.0 > 0 {
                // The same run again up to where it stood: what was played with meanwhile is gone.
                effects.extend(self.tell(Command::Seek(take.begins)));
            }
            return effects;
        }
        if let Some(event) = tour.revealed(lab) {
            effects.push(Effect::Record(event));
        }
        if tour.is_over() {
            effects.push(Effect::Record(Event::ExperimentDone {
                lab: lab.to_owned(),
                experiment: tour.experiment().id.clone(),
            }));
        }
        effects
    }

    /// Begins the challenge, or hands the settings in.
    fn hand_in(&mut self) -> Vec<Effect> {
        let Some(Guide::Trial(trial)) = &mut self.guide else {
            return Vec::new();
        };
        if trial.begin() {
            return self.play(true);
        }
        match trial.hand_in(&self.values) {
            Some((job, measuring)) => vec![Effect::Measure(job, measuring)],
            None => Vec::new(),
        }
    }

    /// To the next knob that may be turned here.
    fn focus_turnable(&mut self, by: isize) -> Vec<Effect> {
        let Some(Guide::Trial(trial)) = &self.guide else {
            return Vec::new();
        };
        let turn = &trial.challenge.turn;
        let may = |knob: &KnobSpec| turn.iter().any(|turn| turn.knob.name == knob.name);
        let free: Vec<usize> = (0..self.spec.knobs.len())
            .filter(|at| may(&self.spec.knobs[*at]))
            .collect();
        let count = free.len().cast_signed();
        if count > 0 {
            let here = free.iter().position(|at| *at == self.focus);
            let wanted = here.map_or(0, |here| here.cast_signed() + by);
            self.focus = free[wanted.rem_euclid(count).cast_unsigned()];
        }
        Vec::new()
    }

    /// Why the knob may not be turned so; none when it may.
    pub(super) fn guide_refuses(
        &self,
        knob: &'static KnobSpec,
        value: &KnobValue,
    ) -> Option<Effect> {
        let Some(Guide::Trial(trial)) = &self.guide else {
            return None;
        };
        let refusal = trial.challenge.allows(knob, value).err()?;
        Some(Effect::Notice(Notice::warning(refusal.to_string())))
    }

    /// A knob that shapes the run starts the challenge's own again; none when the lab knows what to do.
    pub(super) fn turned_in_guide(&mut self, knob: &'static KnobSpec) -> Option<Vec<Effect>> {
        let Some(Guide::Trial(trial)) = &mut self.guide else {
            return None;
        };
        trial.turned();
        if !knob.needs_restart {
            return None;
        }
        let plan = trial.plan_with(&self.values);
        Some(self.start_plan(plan, self.speed.value(), true))
    }

    /// The charts would tell what is being asked.
    pub(super) fn charts_are_covered(&self) -> bool {
        matches!(&self.guide, Some(Guide::Tour(tour)) if tour.asks())
    }
}

fn given() -> Effect {
    let text = "what goes wrong here is given: turn the knobs that you may turn";
    Effect::Notice(Notice::info(text))
}
