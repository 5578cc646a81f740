//! Runs that are put aside while another one is looked at, and given back where they were: for a guide, for
//! other settings, and when the lab is left.

use super::guide::Guide;
use super::{Cx, LabScreen, LiveRun, Message, Modal, Speed};
use crate::designs;
use crate::tui::effect::{Effect, Place};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::run::Command;
use ddlab_text::clock;

/// Each holds a thread and its keyframes.
const MOST: usize = 3;

/// The runs of a lab that wait, paused.
#[derive(Default)]
pub(super) struct Aside {
    /// The newest last.
    runs: Vec<LiveRun>,
    /// The run that the guide took the place of.
    beneath_guide: Option<LiveRun>,
    /// The run on the screen is the guide's.
    guided: bool,
}

impl Aside {
    /// Frames that they still had under way.
    pub fn update(&mut self, message: &Message) {
        if matches!(message, Message::Frame(..)) {
            for run in self.runs.iter_mut().chain(&mut self.beneath_guide) {
                run.update(message);
            }
        }
    }

    fn push(&mut self, run: LiveRun) -> Vec<Effect> {
        self.runs.push(run);
        if self.runs.len() <= MOST {
            return Vec::new();
        }
        let mut effects = self.runs.remove(0).stop();
        effects.push(Effect::info("the oldest run that was put aside is let go"));
        effects
    }
}

/// A run that time has passed in.
fn has_begun(run: &LiveRun) -> bool {
    run.id().is_some() && run.fault().is_none() && run.horizon() > SimTime(0)
}

impl LabScreen {
    /// Another run comes to the screen; this one waits.
    fn set_aside(&mut self, next: LiveRun) -> Vec<Effect> {
        let mut run = std::mem::replace(&mut self.live, next);
        self.modal = Modal::Nothing;
        self.preview = None;
        self.selected = None;
        if !has_begun(&run) {
            return run.stop();
        }
        let at = clock(run.moment().unwrap_or_default());
        let mut effects = run.play(false);
        effects.extend(self.aside.push(run));
        let text = format!("your run waits at {at}; p goes back to it");
        effects.push(Effect::info(text));
        effects
    }

    /// To the run that was put aside first; the one on the screen waits in its place.
    pub(super) fn other_run(&mut self) -> Vec<Effect> {
        if self.guide.is_some() {
            return vec![Effect::info("leave the guide first: esc")];
        }
        if self.aside.runs.is_empty() {
            return vec![Effect::info("no other run of this lab is put aside")];
        }
        let next = self.aside.runs.remove(0);
        self.set_aside(next)
    }

    /// A guide begins one of its runs: the learner's own waits beneath it.
    pub(super) fn begin_guide_run(&mut self) -> Vec<Effect> {
        if std::mem::replace(&mut self.aside.guided, true) || !has_begun(&self.live) {
            return Vec::new();
        }
        let knobs = KnobSettings::defaults(&self.spec.knobs);
        let next = LiveRun::new(self.spec, knobs, self.live.seed(), Speed::INITIAL);
        let mut run = std::mem::replace(&mut self.live, next);
        let effects = run.play(false);
        self.aside.beneath_guide = Some(run);
        effects
    }

    /// The guide is closed: the learner's own run comes back, paused where it was.
    pub(super) fn end_guide_run(&mut self) -> Vec<Effect> {
        self.aside.guided = false;
        let Some(run) = self.aside.beneath_guide.take() else {
            return Vec::new();
        };
        let at = clock(run.moment().unwrap_or_default());
        let mut effects = std::mem::replace(&mut self.live, run).stop();
        self.preview = None;
        self.selected = None;
        effects.push(Effect::info(format!("your run again, paused at {at}")));
        effects
    }

    /// What to do to have the screen wait for whoever comes back; none when there is nothing to come back to.
    pub(super) fn wait(&mut self) -> Option<Vec<Effect>> {
        let begun = has_begun(&self.live) || self.aside.beneath_guide.is_some();
        if !begun && self.aside.runs.is_empty() {
            return None;
        }
        let mut effects = self.live.rest();
        if self.live.serving().is_on() {
            effects.extend(self.live.toggle_serving());
            effects.push(Effect::info("no longer served: the lab was left"));
        }
        self.modal = Modal::Nothing;
        self.dragging = false;
        Some(effects)
    }

    /// Somebody comes back to this lab, by this place.
    pub(super) fn come_back(&mut self, place: &Place, cx: &Cx<'_>) -> Vec<Effect> {
        match place {
            Place::Lab { set, seed, .. } => {
                let same = set.is_empty() || self.live.place() == *place;
                match (same, Self::of(self.spec, set, *seed)) {
                    (false, Ok(fresh)) => {
                        let mut effects = self.close_guide(cx);
                        effects.extend(self.set_aside(fresh.live));
                        effects
                    }
                    _ => Vec::new(),
                }
            }
            Place::SavedRun { file, .. } if self.live.saved_file() != Some(file) => {
                let mut effects = self.close_guide(cx);
                effects.extend(self.set_aside(LiveRun::of_saved(self.spec, file)));
                effects
            }
            Place::Guide { id, .. } if self.guide_id() != Some(id) => {
                let mut effects = self.close_guide(cx);
                if let Ok(guide) = Guide::of(self.spec, id) {
                    self.guide = Some(guide);
                    effects.extend(self.start_guide().unwrap_or_default());
                }
                effects
            }
            _ => Vec::new(),
        }
    }

    /// Where the run stands, precise enough to be replayed up to there.
    pub(super) fn run_place(&self) -> Option<Place> {
        let frame = self.frame()?;
        if self.guide_id().is_some() || self.live.saved_file().is_some() || !has_begun(&self.live) {
            return None;
        }
        let knobs = self.spec.knobs.iter().zip(&frame.initial_knobs);
        let turned = knobs.filter(|(knob, value)| knob.default != **value);
        let script = frame.interventions.iter();
        Some(Place::Run {
            lab: self.spec.id.to_owned(),
            seed: self.live.seed(),
            set: turned
                .map(|(knob, value)| format!("{}={value}", knob.name))
                .collect(),
            script: script
                .map(|timed| format!("{}ns:{}", timed.at.0, timed.what))
                .collect(),
            at_ns: self.live.moment()?.0,
        })
    }

    /// Opens a lab at a moment of a run, paused there. What of it no longer fits the lab is left out.
    pub fn open_run(
        id: &str,
        set: &[String],
        script: &[String],
        seed: u64,
        at_ns: u64,
    ) -> Result<Self, String> {
        let lab = designs::find(id)?;
        let mut plan = RunPlan::new(lab, seed);
        for setting in set {
            let _ = plan.knobs.set_text(setting);
        }
        for done in script {
            let _ = plan.script_text(done);
        }
        let knobs = plan.knobs.clone();
        let live = LiveRun::new(lab.spec(), knobs, seed, Speed::INITIAL);
        let mut screen = Self::with(lab.spec(), live);
        screen.reopens = Some((plan, SimTime(at_ns)));
        Ok(screen)
    }

    /// Replays the run that the program was left in.
    pub(super) fn reopen(&mut self) -> Option<Vec<Effect>> {
        let (plan, at) = self.reopens.take()?;
        let mut effects = self.live.start_plan(plan, Speed::INITIAL, false);
        effects.extend(self.live.send(Command::Seek(at)));
        Some(effects)
    }
}
