//! The guide of a lab: a panel beside it that lists its experiments and challenges, and leads through one.
//!
//! - here: what keys and news do to it, and what it asks of the lab;
//! - [`list`]: what there is, and what was done of it;
//! - [`tour`]: an experiment, step by step; [`leading`]: what its steps do to the lab;
//! - [`trial`]: a challenge, with its board; [`trying`]: what the lab allows meanwhile;
//! - [`panel`]: where it lies and how its text is set.
//!
//! The lab beside it is the learner's own: it can be turned and broken at any time. What is measured is
//! measured on a run of its own, so nothing that is played with here changes a figure of the guide.

mod leading;
mod list;
pub(super) mod panel;
#[cfg(test)]
mod tests;
mod tour;
mod trial;
mod trying;

use super::{LabScreen, Modal};
use crate::progress;
use crate::tui::effect::{Effect, JobId, Place};
use crate::tui::event::MeasureNews;
use crate::tui::keymap::{Action, Context};
use crate::tui::live_run::speed::Speed;
use crate::tui::screen::Cx;
use crate::tui::widget::picker::Picked;
use crossterm::event::{KeyEvent, MouseEvent};
use ddlab_labs::workbench::guide::Guides;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::plan::RunPlan;
use list::List;
use ratatui::layout::Position;
use tour::Tour;
use trial::Trial;
use trying::given;

/// What the panel holds.
pub enum Guide {
    List(List),
    Tour(Tour),
    Trial(Trial),
}

impl Guide {
    /// An experiment or a challenge of a lab, at its beginning.
    pub fn of(lab: &LabSpec, id: &str) -> Result<Self, String> {
        let guides = ddlab_labs::guides(lab.id);
        Ok(match guides.challenges.iter().find(|one| one.id == id) {
            Some(challenge) => Self::Trial(Trial::new(challenge)),
            None => Self::Tour(Tour::new(guides.experiment(id)?)),
        })
    }
}

impl LabScreen {
    /// Opens a lab with one of its experiments or challenges.
    pub fn guided(lab: &str, id: &str) -> Result<Self, String> {
        let spec = ddlab_labs::find_or_nearest(lab)?.spec();
        let mut screen = Self::of(spec, &[], crate::tui::effect::DEFAULT_SEED)?;
        screen.guide = Some(Guide::of(spec, id)?);
        Ok(screen)
    }

    fn guides(&self) -> &'static Guides {
        ddlab_labs::guides(self.spec.id)
    }

    /// Where the learner is, when it is more than the lab.
    pub(super) fn guide_place(&self) -> Option<Place> {
        let id = self.guide_id()?;
        Some(Place::guide(self.spec.id, id))
    }

    /// The experiment or the challenge that the learner is in.
    pub(super) fn guide_id(&self) -> Option<&'static String> {
        match self.guide.as_ref()? {
            Guide::List(_) => None,
            Guide::Tour(tour) => Some(&tour.experiment().id),
            Guide::Trial(trial) => Some(&trial.challenge.id),
        }
    }

    /// The keys of the panel, before those of the lab.
    pub(super) fn guide_contexts(&self) -> Vec<Context> {
        match &self.guide {
            None => Vec::new(),
            Some(Guide::List(_)) => vec![Context::GuideList, Context::Movement],
            Some(Guide::Tour(tour)) if tour.types() => vec![Context::GuideTyping],
            Some(Guide::Tour(tour)) if tour.chooses() => {
                vec![Context::Numbers, Context::GuideStep]
            }
            Some(Guide::Tour(_)) => vec![Context::GuideStep],
            Some(Guide::Trial(trial)) => trial.contexts(),
        }
    }

    /// What is said at the first look at a lab: what is in it, or that it has something to be led through.
    pub(super) fn offer(&self, cx: &Cx<'_>) -> Option<Effect> {
        if self.live.saved_file().is_some() {
            return Some(Effect::info("a saved run: space plays it up to its end"));
        }
        let lab = self.spec.id;
        let mut open = self.guides().experiments.iter();
        let first = open.find(|one| !cx.marks.has_done(lab, &one.id))?;
        let text = format!(
            "g leads you through: {}, {} min",
            first.title, first.minutes
        );
        Some(Effect::info(text))
    }

    /// Starts what the guide begins with; nothing when the lab goes on as it is.
    pub(super) fn start_guide(&mut self) -> Option<Vec<Effect>> {
        let (plan, speed) = match self.guide.as_ref()? {
            Guide::List(_) => return None,
            Guide::Tour(tour) => (tour.first_plan(), tour.speed()),
            Guide::Trial(trial) => (trial.plan(), trial.challenge.run.speed),
        };
        let mut effects = self.begin_guide_run();
        effects.extend(self.start_plan(plan, Speed::nearest(speed), false));
        self.focus_turnable(0);
        Some(effects)
    }

    /// Starts a run with a plan of the guide.
    fn start_plan(&mut self, plan: RunPlan, speed: Speed, playing: bool) -> Vec<Effect> {
        self.selected = None;
        self.live.start_plan(plan, speed, playing)
    }

    pub(super) fn toggle_guide(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        match self.guide {
            Some(_) => self.leave_guide(cx),
            None if self.guides().experiments.is_empty() && self.guides().challenges.is_empty() => {
                vec![Effect::info("this lab has no guide yet")]
            }
            None => {
                self.guide = Some(Guide::List(List::at_first_open(self.spec.id, cx.marks)));
                Vec::new()
            }
        }
    }

    /// One step out: from an experiment to the list, from the list to the lab alone.
    fn leave_guide(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self.job().map(Effect::StopMeasuring).into_iter().collect();
        self.guide = match self.guide.take() {
            None | Some(Guide::List(_)) => {
                effects.extend(self.end_guide_run());
                None
            }
            Some(Guide::Tour(tour)) => {
                if !tour.is_over() {
                    let text = "left before its end: it will begin anew";
                    effects.push(Effect::info(text));
                }
                let id = &tour.experiment().id;
                Some(Guide::List(List::at(self.spec.id, id, cx.marks)))
            }
            Some(Guide::Trial(trial)) => {
                let id = &trial.challenge.id;
                Some(Guide::List(List::at(self.spec.id, id, cx.marks)))
            }
        };
        effects
    }

    /// All steps out.
    pub(super) fn close_guide(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        while self.guide.is_some() {
            effects.extend(self.leave_guide(cx));
        }
        effects
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
        let on_timeline = self.on_timeline();
        match (action, self.guide.as_mut()?) {
            (Action::Guide | Action::Back, _) => Some(self.leave_guide(cx)),
            (Action::Open, Guide::List(list)) => {
                let at = list.picker.chosen();
                Some(self.open_guide(at))
            }
            (Action::Open, Guide::Tour(_)) => Some(self.next_step(cx)),
            (Action::Choose(number), Guide::Tour(tour)) => {
                tour.choose(usize::from(number));
                Some(Vec::new())
            }
            (Action::Reset, Guide::Tour(tour)) => {
                let plan = tour.present_plan();
                Some(self.start_plan(plan, self.live.speed(), true))
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
                let plan = trial.plan_with(self.live.knobs());
                Some(self.start_plan(plan, self.live.speed(), true))
            }
            (Action::ActionMenu, Guide::Trial(_)) => Some(vec![given()]),
            (Action::Defaults, Guide::Trial(trial)) => {
                let plan = trial.plan();
                Some(self.start_plan(plan, self.live.speed(), true))
            }
            (Action::NextFocus, Guide::Trial(_)) => Some(self.focus_turnable(1)),
            (Action::PreviousFocus, Guide::Trial(_)) => Some(self.focus_turnable(-1)),
            // Those are the ends of the run there.
            (Action::Top | Action::Bottom, _) if on_timeline => None,
            (action, _) => self.move_in_guide(action, cx).then(Vec::new),
        }
    }

    /// Moves through the list or the text of the panel; false when the key asks for something else.
    fn move_in_guide(&mut self, action: Action, cx: &Cx<'_>) -> bool {
        let panel = panel::inner(self.split(cx.area).1);
        let height = usize::from(panel.height);
        let total = self.guide_lines(panel.width, cx).len();
        match &mut self.guide {
            Some(Guide::Tour(tour)) => tour.scroll.act(action, total, height),
            Some(Guide::Trial(trial)) => trial.scroll.act(action, total, height),
            Some(Guide::List(list)) => {
                let (_, items) = list.lines(self.spec.id, cx.marks, panel.width, cx.theme);
                list.picker.act(action, &items, height)
            }
            None => false,
        }
    }

    /// The mouse over the panel; none when it is elsewhere.
    pub(super) fn mouse_in_guide(&mut self, mouse: MouseEvent, cx: &Cx<'_>) -> Option<Vec<Effect>> {
        let panel = panel::inner(self.split(cx.area).1);
        if !panel.contains(Position::new(mouse.column, mouse.row)) {
            return None;
        }
        let height = usize::from(panel.height);
        let total = self.guide_lines(panel.width, cx).len();
        match self.guide.as_mut()? {
            Guide::Tour(tour) => {
                tour.scroll.wheel(mouse.kind, total, height);
            }
            Guide::Trial(trial) => {
                trial.scroll.wheel(mouse.kind, total, height);
            }
            Guide::List(list) => {
                let (_, items) = list.lines(self.spec.id, cx.marks, panel.width, cx.theme);
                if list.picker.mouse(mouse, &items, panel) == Picked::Opened {
                    let at = list.picker.chosen();
                    return Some(self.open_guide(at));
                }
            }
        }
        Some(Vec::new())
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
        self.modal = Modal::Nothing;
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

    pub(super) fn recorded(&mut self, answer: &progress::Recorded) {
        if let Some(Guide::Trial(trial)) = &mut self.guide {
            trial.recorded(answer);
        }
    }
}
