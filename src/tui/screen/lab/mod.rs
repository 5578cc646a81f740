//! The lab: a running system to look at, to turn and to break.
//!
//! - here: its state, and what keys do to it; the run itself is a [`LiveRun`];
//! - [`turning`]: knobs turned, looked at before they are applied, and taken back; [`finder`]: all of them;
//! - [`mouse`]: what a click does;
//! - [`layout`]: where the panes lie; [`view`], [`bands`]: what is in them; [`panels`]: which charts there are;
//! - [`aside`]: runs that wait while another is looked at;
//! - [`versus`]: two runs side by side; [`timeline`]: going through the run;
//! - [`modal`]: what has the keys instead of the lab: [`typing`] a value, the [`menu`] of actions, the
//!   [`slowest`] requests;
//! - [`why`]: the story of the last minute; [`limit`]: how much load the lab takes;
//! - [`guide`]: the panel that leads through an experiment or a challenge;
//! - [`design`]: what the lab of a design has beside: its requirements, its file; [`brief`]: what it answers, and its
//!   grade;
//! - [`served`]: the line about the clients of the run.

mod aside;
mod bands;
mod brief;
mod design;
mod finder;
mod guide;
mod layout;
mod limit;
mod menu;
mod modal;
mod mouse;
mod panels;
mod served;
mod slowest;
#[cfg(test)]
mod tests;
mod theory;
mod timeline;
mod turning;
mod typing;
mod versus;
mod view;
mod why;

use super::{Cx, Message, Screen, go};
use crate::designs;
use crate::tui::effect::{Effect, Place};
use crate::tui::keymap::{Action, Context};
use crate::tui::live_run::LiveRun;
use crate::tui::live_run::speed::Speed;
use aside::Aside;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::knob::{KnobSettings, KnobValue};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::run::Command;
use design::OpenDesign;
use guide::Guide;
use layout::Layout;
use modal::Modal;
use panels::Panel;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use slowest::Slowest;
use std::sync::Arc;
use turning::{Preview, essential_knobs};
use typing::Typing;

pub struct LabScreen {
    spec: &'static LabSpec,
    live: LiveRun,
    /// The knob that the arrows turn.
    focus: usize,
    /// What it was turned to, before the run has it.
    preview: Option<Preview>,
    panels: Vec<Panel>,
    /// Counts the views that `v` goes through.
    view: usize,
    /// The number of the node that actions are aimed at.
    selected: Option<u32>,
    modal: Modal,
    /// The line of time is being dragged along.
    dragging: bool,
    guide: Option<Guide>,
    aside: Aside,
    /// None for a lab of the book.
    design: Option<OpenDesign>,
    /// The run to replay, and up to when, once the lab is shown.
    reopens: Option<(RunPlan, SimTime)>,
}

impl LabScreen {
    /// Opens a lab with some knobs set (`knob=value`).
    pub fn open(id: &str, set: &[String], seed: u64, _cx: &Cx<'_>) -> Result<Self, String> {
        let lab = designs::find(id)?;
        Self::of(lab.spec(), set, seed)
    }

    fn of(spec: &'static LabSpec, set: &[String], seed: u64) -> Result<Self, String> {
        let mut knobs = KnobSettings::defaults(&spec.knobs);
        for setting in set {
            knobs
                .set_text(setting)
                .map_err(|error| format!("lab `{}`: {error}", spec.id))?;
        }
        let live = LiveRun::new(spec, knobs, seed, Speed::INITIAL);
        Ok(Self::with(spec, live.with_script(design::script(spec))))
    }

    /// Opens a lab with a saved run in it.
    pub fn open_saved(id: &str, file: &str) -> Result<Self, String> {
        let spec = designs::find(id)?.spec();
        Ok(Self::with(spec, LiveRun::of_saved(spec, file)))
    }

    fn with(spec: &'static LabSpec, live: LiveRun) -> Self {
        Self {
            spec,
            live,
            focus: essential_knobs(spec).first().copied().unwrap_or(0),
            preview: None,
            panels: panels::panels(spec),
            view: 0,
            selected: None,
            modal: Modal::Nothing,
            dragging: false,
            guide: None,
            aside: Aside::default(),
            design: OpenDesign::of(spec),
            reopens: None,
        }
    }

    fn frame(&self) -> Option<&Frame> {
        self.live.frame().map(Arc::as_ref)
    }

    /// As they are on the screen, in the order of the lab's knobs.
    fn values(&self) -> &[KnobValue] {
        self.live.knobs().values()
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
            Action::PlayPause => self.live.play(!self.live.is_playing()),
            Action::Step => self.live.step(),
            Action::Faster => self.live.set_speed(self.live.speed().moved(1)),
            Action::Slower => self.live.set_speed(self.live.speed().moved(-1)),
            Action::NextPart => self.live.set_speed(self.live.speed().decade(true)),
            Action::PreviousPart => self.live.set_speed(self.live.speed().decade(false)),
            Action::SeekBack => self.seek_step(-1, cx.area),
            Action::SeekOn => self.seek_step(1, cx.area),
            Action::Top => self.live.seek(SimTime(0)),
            Action::Bottom => self.live.seek(self.live.horizon()),
            Action::Save => self.live.id().map(Effect::SaveRun).into_iter().collect(),
            Action::SavedRuns => vec![Effect::Open(Place::Runs)],
            Action::Compare => self.compare(),
            Action::OtherSide => self.live.send(Command::Swap),
            Action::NextFocus => {
                self.move_focus(1, cx.area);
                Vec::new()
            }
            Action::PreviousFocus => {
                self.move_focus(-1, cx.area);
                Vec::new()
            }
            Action::Smaller => self.turn(-1, cx),
            Action::Larger => self.turn(1, cx),
            Action::Search => {
                self.open_finder();
                Vec::new()
            }
            Action::Why => self.open_why(),
            Action::FindLimit => self.open_limit(),
            Action::Theory => self.open_theory(),
            Action::Undo => self.undo(),
            Action::OtherRun => self.other_run(),
            Action::Defaults => self.set_defaults(),
            Action::Edit => {
                if let Some((_, value)) = self.knob() {
                    self.modal = Modal::Typing(Typing::of(value));
                }
                Vec::new()
            }
            Action::ActionMenu => {
                self.open_menu(None);
                Vec::new()
            }
            Action::Slowest => {
                if let Some(frame) = self.frame() {
                    self.modal = Modal::Slowest(Slowest::of(frame, self.spec));
                }
                Vec::new()
            }
            Action::ShowSource => vec![Effect::Open(Place::source(self.spec.id))],
            Action::Serve => self.live.toggle_serving(),
            Action::Copy => self.copied().map(Effect::Copy).into_iter().collect(),
            Action::Reset => self.live.reset(),
            Action::EditFile => self.edit_design(),
            Action::Statement => self.open_brief(),
            Action::Guide => self.toggle_guide(cx),
            Action::Toggle => {
                self.view = (self.view + 1) % self.views(cx).max(1);
                Vec::new()
            }
            Action::GoExercise | Action::GoInterview => {
                let mut chapters = cx.library.chapters();
                let chapter = chapters.find(|chapter| chapter.meta.number == self.spec.chapter);
                chapter.map(|c| go(action, c)).into_iter().collect()
            }
            Action::Back if self.preview.take().is_some() => Vec::new(),
            Action::Back => vec![Effect::Back],
            _ => Vec::new(),
        }
    }
}

impl Screen for LabScreen {
    fn place(&self) -> Place {
        if let Some(file) = self.live.saved_file() {
            let (lab, file) = (self.spec.id.to_owned(), file.to_owned());
            return Place::SavedRun { lab, file };
        }
        self.guide_place().unwrap_or_else(|| self.live.place())
    }

    fn place_to_reopen(&self) -> Place {
        self.run_place().unwrap_or_else(|| self.place())
    }

    fn wait(&mut self) -> Option<Vec<Effect>> {
        Self::wait(self)
    }

    fn is_at(&self, place: &Place) -> bool {
        place.lab_id() == Some(self.spec.id) && self.is_current()
    }

    fn come_back(&mut self, place: &Place, cx: &Cx<'_>) -> Vec<Effect> {
        Self::come_back(self, place, cx)
    }

    fn contexts(&self) -> Vec<Context> {
        match self.modal {
            Modal::Nothing => {
                let mut contexts = self.guide_contexts();
                // What is typed is text, whatever its letters would do to the lab.
                if !matches!(contexts[..], [Context::GuideTyping]) {
                    contexts.extend(self.on_timeline().then_some(Context::Timeline));
                    contexts.extend(self.is_comparing().then_some(Context::Comparing));
                    contexts.extend(self.design.is_some().then_some(Context::Design));
                    contexts.extend((!self.live.is_playing()).then_some(Context::Paused));
                    contexts.push(Context::Lab);
                    contexts.extend(self.guide.is_some().then_some(Context::Movement));
                    contexts.push(Context::Global);
                }
                contexts
            }
            Modal::Typing(_) => vec![Context::Input],
            Modal::Finder(_) => vec![Context::Palette],
            Modal::Compare(ref menu) if menu.typing.is_some() => vec![Context::Input],
            Modal::Compare(_) => vec![Context::CompareMenu, Context::Movement],
            Modal::Menu(_) => vec![Context::LabMenu, Context::Movement],
            Modal::Slowest(_) => vec![Context::Waterfall, Context::Movement, Context::Global],
            Modal::Why(ref why) if why.leads() => vec![Context::Why, Context::Movement],
            Modal::Why(_) => vec![Context::NoStory],
            Modal::Limit(_) => vec![Context::Limit],
            Modal::Theory(_) => vec![Context::Theory, Context::Movement],
            Modal::Brief(ref panel) => vec![panel.context(), Context::Movement],
        }
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects = self.live.update(&message);
        self.aside.update(&message);
        if matches!(message, Message::Shown | Message::Tick) {
            effects.extend(self.look_at_file(cx.uptime));
        }
        match message {
            Message::Shown if self.live.id().is_none() => {
                let begun = self.start_guide().or_else(|| self.reopen());
                effects.extend(begun.unwrap_or_else(|| self.live.start()));
                if self.guide.is_none() {
                    effects.extend(self.offer(cx));
                }
            }
            Message::Frame(..) => effects.extend(self.frame_in_guide(cx)),
            Message::Tick => effects.extend(self.apply_when_due(cx)),
            Message::Design(path, read) => effects.extend(self.design_news(&path, read)),
            Message::Hidden => effects.extend(self.apply()),
            Message::Measured(job, news) if self.limit_news(job, &news) => {}
            Message::Measured(job, ref news) if matches!(self.modal, Modal::Brief(_)) => {
                if let Some(graded) = self.brief_news(job, news) {
                    return graded;
                }
                return self.measured(job, news, cx);
            }
            Message::Measured(job, news) => return self.measured(job, &news, cx),
            Message::Recorded(answer) => self.recorded(&answer),
            Message::Act(action) => {
                return match &self.modal {
                    Modal::Nothing => {
                        let accepted = action == Action::Edit && self.preview().is_some();
                        let mut effects = self.settle(action);
                        if !accepted {
                            let guided = self.act_in_guide(action, cx);
                            effects.extend(guided.unwrap_or_else(|| self.act(action, cx)));
                        }
                        effects
                    }
                    Modal::Finder(_) => self.act_in_finder(action, cx),
                    Modal::Typing(_) => self.act_while_typing(action),
                    Modal::Menu(_) => self.act_in_menu(action),
                    Modal::Compare(_) => self.act_in_compare_menu(action, cx),
                    Modal::Why(_) => self.act_in_why(action, cx),
                    Modal::Limit(_) => self.act_on_limit(action),
                    Modal::Theory(_) => self.act_on_theory(action, cx),
                    Modal::Brief(_) => self.act_on_brief(action, cx),
                    Modal::Slowest(_) => {
                        self.act_on_slowest(action, cx);
                        Vec::new()
                    }
                };
            }
            Message::Type(key) => return self.type_key(key),
            Message::Paste(text) => match &mut self.modal {
                Modal::Typing(typing) => typing.paste(&text),
                Modal::Compare(menu) => menu.paste(&text),
                Modal::Finder(finder) => finder.paste(&text),
                _ => self.paste_in_guide(&text),
            },
            Message::Mouse(event) => return self.mouse(event, cx),
            _ => {}
        }
        effects
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        self.draw(cx, buf);
    }

    fn cursor(&self, cx: &Cx<'_>) -> Option<Position> {
        self.typing_cursor(cx.area)
            .or_else(|| self.finder_cursor(cx.area))
    }
}
