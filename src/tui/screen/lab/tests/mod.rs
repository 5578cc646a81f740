//! The lab screen, fed with messages and read from its buffer: a file for each thing that one does with it.

mod actions;
mod aside;
mod compare;
mod design;
mod knobs;
mod pictures;
mod requests;
mod run;
mod saved;
mod serving;
mod sizes;
mod timeline;
mod why;

use super::*;
use crate::tui::effect::RunId;
use crate::tui::screen::stage::{Stage, golden};
use crate::tui::theme::{Depth, Ground, Theme};
use crate::tui::widget::fixture;
use crossterm::event::KeyCode;

/// The screen on its stage.
struct Bench {
    screen: LabScreen,
    stage: Stage,
}

impl Bench {
    fn new(width: u16, height: u16) -> Self {
        Self::of(fixture::spec(), width, height)
    }

    fn of(spec: &'static LabSpec, width: u16, height: u16) -> Self {
        let mut bench = Self {
            screen: LabScreen::of(spec, &[], 7).expect("no knob is set"),
            stage: Stage::new().sized(width, height - 1),
        };
        bench.send(Message::Shown);
        bench
    }

    fn running(width: u16, height: u16) -> Self {
        let mut bench = Self::new(width, height);
        bench.frame(fixture::frame(20, 2));
        bench
    }

    fn ascii(mut self) -> Self {
        self.stage.theme = Theme::new(Ground::Light, Depth::None, true);
        self
    }

    fn send(&mut self, message: Message) -> Vec<Effect> {
        self.stage.send(&mut self.screen, message)
    }

    fn run(&self) -> RunId {
        self.screen.live.id().expect("a run was started")
    }

    fn frame(&mut self, frame: Frame) {
        self.send(Message::Frame(self.run(), Arc::new(frame)));
    }

    fn press(&mut self, code: KeyCode) -> Vec<Effect> {
        self.stage.press(&mut self.screen, &[code])
    }

    fn keys(&mut self, keys: &str) -> Vec<Effect> {
        self.stage.keys(&mut self.screen, keys)
    }

    /// Lets a value that was turned to be applied.
    fn pause(&mut self) -> Vec<Effect> {
        self.stage.uptime += std::time::Duration::from_secs(1);
        self.send(Message::Tick)
    }

    fn click(&mut self, text: &str) -> Vec<Effect> {
        self.stage.click(&mut self.screen, text)
    }

    fn text(&self) -> String {
        self.stage.text(&self.screen)
    }

    #[track_caller]
    fn shows<'a>(&self, parts: impl IntoIterator<Item = &'a str>) {
        self.stage.shows(&self.screen, parts);
    }

    #[track_caller]
    fn hides<'a>(&self, parts: impl IntoIterator<Item = &'a str>) {
        self.stage.hides(&self.screen, parts);
    }
}

/// The lab of the registry with this knob set.
fn scatter(set: &str) -> Option<LabScreen> {
    let spec = ddlab_labs::find("scatter-gather")?.spec();
    LabScreen::of(spec, &[set.to_owned()], 7).ok()
}

/// What is asked for: interventions as they are written, other commands and effects by their names.
fn asked(effects: &[Effect]) -> Vec<String> {
    let name = |effect: &Effect| match effect {
        Effect::Steer(_, Command::Intervene(what)) => what.to_string(),
        Effect::Steer(_, command) => format!("{command:?}"),
        other => {
            let shown = format!("{other:?}");
            shown.split('(').next().unwrap_or_default().to_owned()
        }
    };
    effects.iter().map(name).collect()
}

/// The moment that a run is sent to, in seconds.
fn sought(effects: &[Effect]) -> f64 {
    match effects.last() {
        Some(Effect::Steer(_, Command::Seek(at))) => at.as_secs_f64(),
        _ => panic!("{effects:?}"),
    }
}
