//! The lab: a running system to look at, to turn and to break.
//!
//! - here: its state, and what keys and frames do to it;
//! - [`mouse`]: what a click does;
//! - [`layout`]: where the panes lie; [`view`], [`bands`]: what is in them; [`panels`]: which charts there are;
//! - [`versus`]: two runs side by side; [`timeline`]: going through the run;
//! - [`over`]: what has the keys instead of the lab: [`typing`], [`menu`], [`slowest`]; [`speed`]: typing a value, choosing an action, looking at slow
//!   requests, choosing a speed;
//! - [`guide`]: the panel that leads through an experiment or a challenge.
//! - [`served`]: the run, open to real clients.
//!
//! What a learner asks for shows at once: speed, knobs and the pause are the screen's own and the run is
//! told; frames then show what came of it.

mod bands;
mod guide;
mod layout;
mod menu;
mod mouse;
mod over;
mod panels;
mod served;
mod slowest;
mod speed;
#[cfg(test)]
mod tests;
mod timeline;
mod typing;
mod versus;
mod view;

use super::{Cx, Message, Screen};
use crate::tui::effect::{DEFAULT_SEED, Effect, Notice, Place, RunId};
use crate::tui::keymap::{Action, Context};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::run::Command;
use guide::Guide;
use layout::Layout;
use over::Over;
use panels::Panel;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use served::Doorway;
use slowest::Slowest;
use speed::Speed;
use std::collections::VecDeque;
use std::sync::Arc;
use typing::Typing;

/// Turns of knobs that are waited for; a refused one never shows.
const TURNED_MAX: usize = 32;

pub struct LabScreen {
    spec: &'static LabSpec,
    seed: u64,
    /// The file of the saved run that is repeated here.
    saved: Option<String>,
    run: Option<RunId>,
    /// In the order of the lab's knobs.
    values: Vec<KnobValue>,
    /// None until the first one of this run has come.
    frame: Option<Arc<Frame>>,
    /// Why the lab could not start.
    trouble: Option<String>,
    speed: Speed,
    playing: bool,
    /// Something else is on top; the run waits.
    hidden: bool,
    /// The knob that the arrows turn.
    focus: usize,
    panels: Vec<Panel>,
    /// Counts the views that `v` goes through.
    view: usize,
    /// The number of the node that actions are aimed at.
    selected: Option<u32>,
    over: Over,
    /// Knobs turned here that no frame has shown yet.
    turned: VecDeque<(usize, KnobValue)>,
    /// The moment that was last asked for on the line of time, until a frame answers.
    sought: Option<SimTime>,
    /// The line of time is being dragged along.
    dragging: bool,
    doorway: Doorway,
    guide: Option<Guide>,
}

impl LabScreen {
    /// Opens a lab with some knobs set (`knob=value`).
    pub fn open(id: &str, set: &[String], seed: u64, _cx: &Cx<'_>) -> Result<Self, String> {
        let lab = ddlab_labs::find_or_nearest(id)?;
        Self::of(lab.spec(), set, seed)
    }

    fn of(spec: &'static LabSpec, set: &[String], seed: u64) -> Result<Self, String> {
        let mut knobs = KnobSettings::defaults(&spec.knobs);
        for setting in set {
            knobs
                .set_text(setting)
                .map_err(|error| format!("lab `{}`: {error}", spec.id))?;
        }
        Ok(Self {
            spec,
            seed,
            saved: None,
            run: None,
            values: knobs.values().to_vec(),
            frame: None,
            trouble: None,
            speed: Speed::INITIAL,
            playing: true,
            hidden: false,
            focus: 0,
            panels: panels::panels(spec),
            view: 0,
            selected: None,
            over: Over::Nothing,
            turned: VecDeque::new(),
            sought: None,
            dragging: false,
            doorway: Doorway::Shut,
            guide: None,
        })
    }

    /// Opens a lab with a saved run in it; its knobs and its seed come with its first frame.
    pub fn open_saved(id: &str, file: &str) -> Result<Self, String> {
        let lab = ddlab_labs::find_or_nearest(id)?;
        Ok(Self {
            saved: Some(file.to_owned()),
            ..Self::of(lab.spec(), &[], DEFAULT_SEED)?
        })
    }

    /// Starts a run from the beginning: the saved one, or one with the knobs as they are.
    fn start(&mut self) -> Vec<Effect> {
        let before = self.run.take().map(Effect::StopLab);
        let run = RunId::fresh();
        self.run = Some(run);
        // Clients go with the run that they came to.
        self.doorway = Doorway::Shut;
        self.frame = None;
        self.turned.clear();
        self.sought = None;
        self.trouble = None;
        self.playing = true;
        if let Some(file) = self.saved.clone() {
            self.playing = false;
            let speed = self.speed.value();
            let start = Effect::StartSaved { run, file, speed };
            return before.into_iter().chain([start]).collect();
        }
        let named = self.spec.knobs.iter().zip(&self.values);
        let start = Effect::StartLab {
            run,
            lab: self.spec.id,
            seed: self.seed,
            knobs: named
                .map(|(knob, value)| (knob.name.to_owned(), value.clone()))
                .collect(),
            speed: self.speed.value(),
        };
        before.into_iter().chain([start]).collect()
    }

    fn tell(&self, command: Command) -> Vec<Effect> {
        self.run
            .map(|run| Effect::Lab(run, command))
            .into_iter()
            .collect()
    }

    fn play(&mut self, playing: bool) -> Vec<Effect> {
        self.playing = playing;
        self.tell(if playing {
            Command::Play
        } else {
            Command::Pause
        })
    }

    fn set_speed(&mut self, speed: Speed) -> Vec<Effect> {
        self.speed = speed;
        self.tell(Command::Speed(speed.value()))
    }

    fn knob(&self) -> Option<(&'static KnobSpec, &KnobValue)> {
        self.spec
            .knobs
            .get(self.focus)
            .zip(self.values.get(self.focus))
    }

    fn move_focus(&mut self, by: isize) {
        // After the last knob comes the line of time.
        let count = self.spec.knobs.len().cast_signed() + 1;
        let wanted = self.focus.cast_signed() + by;
        self.focus = wanted.rem_euclid(count).cast_unsigned();
    }

    fn turn(&mut self, turns: i32) -> Vec<Effect> {
        match self.knob() {
            Some((spec, value)) => self.set(spec.turned(value, turns)),
            None => Vec::new(),
        }
    }

    /// Sets the knob in focus; a value of its own kind, checked.
    fn set(&mut self, value: KnobValue) -> Vec<Effect> {
        let Some((spec, before)) = self.knob() else {
            return Vec::new();
        };
        if *before == value {
            return Vec::new();
        }
        if let Some(refusal) = self.guide_refuses(spec, &value) {
            return vec![refusal];
        }
        self.values[self.focus] = value.clone();
        if self.turned.len() == TURNED_MAX {
            self.turned.pop_front();
        }
        self.turned.push_back((self.focus, value.clone()));
        if let Some(effects) = self.turned_in_guide(spec) {
            return effects;
        }
        let knob = spec.name;
        self.tell(Command::Intervene(Intervention::Set { knob, value }))
    }

    /// Starts again. A lab that has failed needs a new run: its thread may be gone.
    fn reset(&mut self) -> Vec<Effect> {
        self.saved = None;
        let failed = self.trouble.is_some()
            || self
                .frame
                .as_ref()
                .is_some_and(|frame| frame.fault.is_some());
        if failed || self.run.is_none() {
            self.start()
        } else {
            self.playing = true;
            let mut effects = self.tell(Command::Reset);
            effects.extend(self.tell(Command::Play));
            effects
        }
    }

    /// How many views `v` goes through at this size: charts, and one pane at a time when it is narrow.
    fn views(&self, cx: &Cx<'_>) -> usize {
        let layout = self.layout(cx.area);
        let charts = self.panels.len() + 1;
        if layout.side_by_side {
            charts
        } else {
            charts + 2
        }
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Effect> {
        match action {
            Action::PlayPause => self.play(!self.playing),
            Action::Step => {
                self.playing = false;
                self.tell(Command::Step)
            }
            Action::Faster => self.set_speed(self.speed.moved(1)),
            Action::Slower => self.set_speed(self.speed.moved(-1)),
            Action::NextPart => self.set_speed(self.speed.decade(true)),
            Action::PreviousPart => self.set_speed(self.speed.decade(false)),
            Action::SeekBack => self.seek_step(-1, cx.area),
            Action::SeekOn => self.seek_step(1, cx.area),
            Action::Top => self.seek_to(SimTime(0)),
            Action::Bottom => self.seek_to(self.horizon()),
            Action::Save => self.run.map(Effect::SaveRun).into_iter().collect(),
            Action::SavedRuns => vec![Effect::Open(Place::Runs)],
            Action::Compare => self.compare(),
            Action::OtherSide => self.tell(Command::Swap),
            Action::NextFocus => {
                self.move_focus(1);
                Vec::new()
            }
            Action::PreviousFocus => {
                self.move_focus(-1);
                Vec::new()
            }
            Action::Smaller => self.turn(-1),
            Action::Larger => self.turn(1),
            Action::Edit => {
                if let Some((_, value)) = self.knob() {
                    self.over = Over::Typing(Typing::of(value));
                }
                Vec::new()
            }
            Action::Menu => {
                self.open_menu(None);
                Vec::new()
            }
            Action::Slowest => {
                if let Some(frame) = &self.frame {
                    self.over = Over::Slowest(Slowest::of(frame));
                }
                Vec::new()
            }
            Action::ShowSource => vec![Effect::Open(Place::source(self.spec.id))],
            Action::Serve => self.serve(),
            Action::Reset => self.reset(),
            Action::Guide => self.toggle_guide(cx),
            Action::Toggle => {
                self.view = (self.view + 1) % self.views(cx).max(1);
                Vec::new()
            }
            Action::GoExercise => self.go_exercise(cx),
            Action::GoInterview => self.go_interview(cx),
            Action::Back => vec![Effect::Back],
            _ => Vec::new(),
        }
    }

    fn go_exercise(&self, cx: &Cx<'_>) -> Vec<Effect> {
        let mut chapters = cx.library.chapters();
        let chapter = chapters.find(|chapter| chapter.meta.number == self.spec.chapter);
        match chapter.and_then(|chapter| chapter.meta.exercises.first()) {
            Some(slug) => vec![Effect::Open(Place::Exercise { slug: slug.clone() })],
            None => vec![Effect::Notice(Notice::info(format!(
                "chapter {} has no exercise yet",
                self.spec.chapter
            )))],
        }
    }

    fn go_interview(&self, cx: &Cx<'_>) -> Vec<Effect> {
        let mut chapters = cx.library.chapters();
        match chapters.find(|chapter| chapter.meta.number == self.spec.chapter) {
            Some(chapter) => vec![Effect::Open(Place::Question {
                chapter: chapter.meta.id.clone(),
                question: None,
            })],
            None => Vec::new(),
        }
    }

    fn take_frame(&mut self, run: RunId, frame: Arc<Frame>) {
        // Before a run's first frame its handle holds an empty one.
        if Some(run) == self.run && !frame.lab.is_empty() {
            self.follow(&frame);
            self.frame = Some(frame);
        }
    }
}

impl Screen for LabScreen {
    fn place(&self) -> Place {
        if let Some(file) = &self.saved {
            let (lab, file) = (self.spec.id.to_owned(), file.clone());
            return Place::SavedRun { lab, file };
        }
        if let Some(place) = self.guide_place() {
            return place;
        }
        let turned = self.spec.knobs.iter().zip(&self.values);
        Place::Lab {
            lab: self.spec.id.to_owned(),
            set: turned
                .filter(|(knob, value)| knob.default != **value)
                .map(|(knob, value)| format!("{}={value}", knob.name))
                .collect(),
            seed: self.seed,
        }
    }

    fn contexts(&self) -> Vec<Context> {
        match self.over {
            Over::Nothing => {
                let mut contexts = self.guide_contexts();
                // What is typed is text, whatever its letters would do to the lab.
                if !matches!(contexts[..], [Context::GuideTyping]) {
                    contexts.extend(self.on_timeline().then_some(Context::Timeline));
                    contexts.extend(self.is_comparing().then_some(Context::Comparing));
                    contexts.push(Context::Lab);
                    contexts.extend(self.guide.is_some().then_some(Context::Movement));
                    contexts.push(Context::Global);
                }
                contexts
            }
            Over::Typing(_) => vec![Context::Input],
            Over::Versus(ref versus) if versus.typing.is_some() => vec![Context::Input],
            Over::Versus(_) => vec![Context::CompareMenu, Context::Movement],
            Over::Menu(_) => vec![Context::LabMenu, Context::Movement],
            Over::Slowest(_) => vec![Context::Waterfall, Context::Movement, Context::Global],
        }
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        match message {
            Message::Shown => {
                self.hidden = false;
                match self.run {
                    None => {
                        let effects = self.start_guide();
                        let mut effects = effects.unwrap_or_else(|| self.start());
                        if self.guide.is_none() {
                            effects.extend(self.offer(cx));
                        }
                        return effects;
                    }
                    Some(_) if self.playing => return self.tell(Command::Play),
                    Some(_) => {}
                }
            }
            Message::Hidden => {
                self.hidden = true;
                // Time must not pass for a system that nobody watches; clients do.
                if !self.doorway.is_open() {
                    return self.tell(Command::Pause);
                }
            }
            Message::Frame(run, frame) => {
                self.take_frame(run, frame);
                return self.frame_in_guide(cx);
            }
            Message::Measured(job, news) => return self.measured(job, &news, cx),
            Message::Recorded(answer) => self.recorded(&answer),
            Message::LabFailed(run, reason) if Some(run) == self.run => self.trouble = Some(reason),
            Message::Served(run, told) if Some(run) == self.run => return self.heard(told),
            Message::Act(action) => {
                return match &self.over {
                    Over::Nothing => match self.act_in_guide(action, cx) {
                        Some(effects) => effects,
                        None => self.act(action, cx),
                    },
                    Over::Typing(_) => self.act_while_typing(action),
                    Over::Menu(_) => self.act_in_menu(action),
                    Over::Versus(_) => self.act_in_versus(action),
                    Over::Slowest(_) => {
                        self.act_on_slowest(action, cx);
                        Vec::new()
                    }
                };
            }
            Message::Type(key) => return self.type_key(key),
            Message::Paste(text) => match &mut self.over {
                Over::Typing(typing) => typing.paste(&text),
                Over::Versus(versus) => versus.paste(&text),
                _ => self.paste_in_guide(&text),
            },
            Message::Mouse(event) => return self.mouse(event, cx),
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        self.draw(cx, buf);
    }

    fn cursor(&self, cx: &Cx<'_>) -> Option<Position> {
        self.typing_cursor(cx.area)
    }
}
