//! A live run: a run on its own thread, as a screen shows and steers it.
//!
//! Whatever embeds one (the lab, the figures of a page) passes it the messages it is told and returns its
//! effects. What the learner asks for shows at once: knobs, speed and pause are kept here and the run is
//! told; frames then show what came of it.
//!
//! - here: start and stop, play and pause, knobs, what a frame brings;
//! - [`seek`]: going to another moment; [`serving`]: the run, open to HTTP clients; [`speed`]: the speeds.

mod seek;
pub mod serving;
pub mod speed;
#[cfg(test)]
mod tests;

use super::effect::{DEFAULT_SEED, Effect, Place, RunId, RunSource, RunStart};
use super::event::Message;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::figure::FigureSpec;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::intervention::{Intervention, TimedIntervention};
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::run::Command;
use serving::ServeState;
use speed::Speed;
use std::collections::VecDeque;
use std::sync::Arc;

/// Turns of knobs that are waited for at most; a refused one never shows in a frame.
const TURNED_MAX: usize = 32;

pub struct LiveRun {
    spec: &'static LabSpec,
    seed: u64,
    /// The file of the saved run that is repeated.
    saved: Option<String>,
    /// What happens by itself, whenever it starts anew.
    script: Vec<TimedIntervention>,
    id: Option<RunId>,
    /// As they were turned here last.
    knobs: KnobSettings,
    /// Knobs turned here that no frame has shown yet.
    turned: VecDeque<(&'static str, KnobValue)>,
    /// None until the first one of this run has come.
    frame: Option<Arc<Frame>>,
    /// Why it could not start.
    trouble: Option<String>,
    speed: Speed,
    playing: bool,
    /// Something else covers it; the run waits.
    hidden: bool,
    /// The moment that was last asked for, until a frame answers.
    sought: Option<SimTime>,
    serving: ServeState,
}

impl LiveRun {
    /// Of a lab with these knobs. Nothing runs before [`start`](Self::start).
    pub fn new(spec: &'static LabSpec, knobs: KnobSettings, seed: u64, speed: Speed) -> Self {
        Self {
            spec,
            seed,
            saved: None,
            script: Vec::new(),
            id: None,
            knobs,
            turned: VecDeque::new(),
            frame: None,
            trouble: None,
            speed,
            playing: true,
            hidden: false,
            sought: None,
            serving: ServeState::Off,
        }
    }

    /// With what happens in it by itself.
    #[must_use]
    pub fn with_script(mut self, script: Vec<TimedIntervention>) -> Self {
        self.script = script;
        self
    }

    /// Of a figure, with what happens in it by itself.
    pub fn of_figure(spec: &'static LabSpec, figure: &FigureSpec) -> Self {
        let speed = Speed::exactly(figure.speed);
        Self {
            script: figure.script.clone(),
            ..Self::new(spec, figure.knobs.clone(), figure.seed, speed)
        }
    }

    /// That repeats a saved run; its knobs and its seed come with its first frame.
    pub fn of_saved(spec: &'static LabSpec, file: &str) -> Self {
        let knobs = KnobSettings::defaults(&spec.knobs);
        Self {
            saved: Some(file.to_owned()),
            ..Self::new(spec, knobs, DEFAULT_SEED, Speed::INITIAL)
        }
    }

    /// None while nothing runs.
    pub fn id(&self) -> Option<RunId> {
        self.id
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The file of the saved run that is repeated.
    pub fn saved_file(&self) -> Option<&str> {
        self.saved.as_deref()
    }

    pub fn knobs(&self) -> &KnobSettings {
        &self.knobs
    }

    /// The newest frame of this run.
    pub fn frame(&self) -> Option<&Arc<Frame>> {
        self.frame.as_ref()
    }

    pub fn speed(&self) -> Speed {
        self.speed
    }

    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Why it could not start.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The same, or what the lab failed on.
    pub fn fault(&self) -> Option<&str> {
        let of_lab = || self.frame.as_ref()?.fault.as_deref();
        self.trouble().or_else(of_lab)
    }

    /// The whole lab, set as this run is.
    pub fn place(&self) -> Place {
        let turned = self.knobs.turned();
        Place::Lab {
            lab: self.spec.id.to_owned(),
            set: turned
                .map(|(knob, value)| format!("{}={value}", knob.name))
                .collect(),
            seed: self.seed,
        }
    }

    /// Starts from the beginning: the saved run, or the lab with the knobs as they are.
    pub fn start(&mut self) -> Vec<Effect> {
        let source = match &self.saved {
            Some(file) => RunSource::Saved(file.clone()),
            None => RunSource::Lab {
                lab: self.spec.id,
                seed: self.seed,
                knobs: self.knobs.clone(),
                script: self.script.clone(),
            },
        };
        // A saved run stands ready at its start.
        let playing = self.saved.is_none();
        self.begin(source, playing)
    }

    /// Starts a plan in place of what runs.
    pub fn start_plan(&mut self, plan: RunPlan, speed: Speed, playing: bool) -> Vec<Effect> {
        self.seed = plan.seed;
        self.saved = None;
        self.knobs = plan.knobs.clone();
        self.speed = speed;
        self.begin(RunSource::Plan(plan), playing && !self.hidden)
    }

    fn begin(&mut self, source: RunSource, playing: bool) -> Vec<Effect> {
        let mut effects = self.stop();
        let id = RunId::fresh();
        self.id = Some(id);
        self.playing = playing;
        self.frame = None;
        self.trouble = None;
        self.turned.clear();
        self.sought = None;
        // Clients go with the run that they came to.
        self.serving = ServeState::Off;
        let speed = self.speed.value();
        let start = RunStart {
            source,
            speed,
            playing,
        };
        effects.push(Effect::Start(id, start));
        effects
    }

    /// Stops; the knobs stay as they were turned.
    pub fn stop(&mut self) -> Vec<Effect> {
        self.id.take().map(Effect::StopRun).into_iter().collect()
    }

    /// Starts again with the same seed and knobs. After a failure that needs a new run: the thread may be
    /// gone.
    pub fn reset(&mut self) -> Vec<Effect> {
        self.saved = None;
        if self.fault().is_some() || self.id.is_none() {
            return self.start();
        }
        let mut effects = self.send(Command::Reset);
        effects.extend(self.play(true));
        effects
    }

    pub fn send(&self, command: Command) -> Vec<Effect> {
        let effect = self.id.map(|id| Effect::Steer(id, command));
        effect.into_iter().collect()
    }

    pub fn play(&mut self, playing: bool) -> Vec<Effect> {
        self.playing = playing;
        self.send(if playing {
            Command::Play
        } else {
            Command::Pause
        })
    }

    /// Nobody looks at it any more: it stands until it is played again.
    pub fn rest(&mut self) -> Vec<Effect> {
        self.hidden = true;
        self.play(false)
    }

    /// To the next event; the run stands there.
    pub fn step(&mut self) -> Vec<Effect> {
        self.playing = false;
        self.send(Command::Step)
    }

    pub fn set_speed(&mut self, speed: Speed) -> Vec<Effect> {
        self.speed = speed;
        self.send(Command::Speed(speed.value()))
    }

    pub fn intervene(&self, what: Intervention) -> Vec<Effect> {
        self.send(Command::Intervene(what))
    }

    /// Turns a knob of the lab; a value that it has, or that is out of its range, changes nothing.
    pub fn turn(&mut self, knob: &'static KnobSpec, value: KnobValue) -> Vec<Effect> {
        let same = *self.knobs.value(knob.name) == value;
        if same || self.knobs.set(knob.name, value.clone()).is_err() {
            return Vec::new();
        }
        let knob = knob.name;
        if self.turned.len() == TURNED_MAX {
            self.turned.pop_front();
        }
        self.turned.push_back((knob, value.clone()));
        self.intervene(Intervention::Set { knob, value })
    }

    /// Takes back what was done last.
    pub fn undo(&mut self) -> Vec<Effect> {
        self.turned.clear();
        self.send(Command::Undo)
    }

    /// Every knob back to its default.
    pub fn set_defaults(&mut self) -> Vec<Effect> {
        self.turned.clear();
        self.send(Command::Defaults)
    }

    /// Follows what happens to the run and to the screen around it.
    pub fn update(&mut self, message: &Message) -> Vec<Effect> {
        match message {
            Message::Shown => {
                self.hidden = false;
                if self.playing {
                    return self.send(Command::Play);
                }
            }
            Message::Hidden => {
                self.hidden = true;
                // Time must not pass for a system that nobody watches; clients do.
                if !self.serving.is_on() {
                    return self.send(Command::Pause);
                }
            }
            // Before a run's first frame its handle holds an empty one.
            Message::Frame(id, frame) if Some(*id) == self.id && !frame.lab.is_empty() => {
                self.follow(frame);
                self.frame = Some(Arc::clone(frame));
            }
            Message::RunFailed(id, reason) if Some(*id) == self.id => {
                self.trouble = Some(reason.clone());
            }
            Message::Served(id, served) if Some(*id) == self.id => return self.on_served(served),
            _ => {}
        }
        Vec::new()
    }

    /// Takes over what a frame tells of the run: that the moment which was asked for is there, that a
    /// saved run has come to its end, and the knobs that its script or the other side of a comparison has
    /// at another value.
    fn follow(&mut self, frame: &Frame) {
        self.arrive(frame);
        let before = self.frame.take();
        let before = before.as_deref();
        if before.is_none() && self.saved.is_some() {
            self.seed = frame.seed;
        }
        if is_settled(frame) && !before.is_some_and(is_settled) {
            self.playing = false;
        }
        if frame.saved.is_none() {
            // Something else was done than the saved run had.
            self.saved = None;
        }
        let known = before.map_or(&[][..], |before| &before.knobs);
        let knobs = self.spec.knobs.iter().zip(&frame.knobs);
        for (n, (knob, value)) in knobs.enumerate() {
            if known.get(n) == Some(value) {
                continue;
            }
            // What was turned here comes back as it was turned; the screen may be further already.
            let mut turned = self.turned.iter();
            match turned.position(|(name, to)| *name == knob.name && to == value) {
                Some(at) => drop(self.turned.remove(at)),
                None => self.show_turned(knob.name, value),
            }
        }
    }

    /// A knob was turned by somebody else: a script, a client, the other side of a comparison.
    fn show_turned(&mut self, knob: &str, value: &KnobValue) {
        let set = self.knobs.set(knob, value.clone());
        debug_assert!(set.is_ok(), "the run checked it: {set:?}");
    }
}

/// Whether it is known that a saved run was the same or not.
fn is_settled(frame: &Frame) -> bool {
    let saved = frame.saved.as_ref();
    saved.is_some_and(|saved| saved.found.is_some())
}
