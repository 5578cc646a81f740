//! The lab of a sidecar: a pod with an application and its helpers, which share a processor, a volume and a fate.
//!
//! - [`pattern`]: the log shipper, the code that learners read; it knows nothing of this lab; with [`logger`], the log
//!   that it reads, and [`reload`], the reloader of a configuration;
//! - `table`: knobs, actions, metrics, requests, invariants; `settings`: the knobs as the pattern's types;
//! - `world`: what all rooms share; `cpu`: the processor; [`lines`]: the log and what the log
//!   store has of it; `store`: how this pod writes and stores them;
//! - `app`: the application and its clients; `pod`: how containers come and go; `config`: the configuration;
//! - `levels`: what goes by the clock; `outside`: requests of somebody with a real client;
//! - `checks`: the lab's books; `picture`, `waterfall`: what a screen draws.

pub mod lines;
pub mod logger;
pub mod pattern;
pub mod reload;

mod app;
mod checks;
mod config;
mod cpu;
mod levels;
mod outside;
mod picture;
mod pod;
mod settings;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod waterfall;
mod world;

use crate::workbench::prelude::*;
use app::App;
use pod::Pod;
use table::{Act, Asked, Knobs, Turned};
use world::{ALL, Tamper, Who, World};

/// The lab, for the registry.
pub static LAB: SidecarLab = SidecarLab {
    tamper: Tamper::Nothing,
};

pub struct SidecarLab {
    tamper: Tamper,
}

impl Lab for SidecarLab {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.tamper);
        let app = App::open(&Pod::open(&world));
        sim.spawn(levels::keep(Rc::clone(&app.pod)));
        levels::measure(&app.pod);
        Box::new(Running { app })
    }
}

struct Running {
    app: Rc<App>,
}

impl RunningLab for Running {
    fn turned(&mut self, _: &Sim, knob: KnobId) {
        match Turned::of(knob) {
            Some(Turned::Load) => self.app.rate.turned(),
            None => {}
        }
    }

    fn act(&mut self, _: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let (pod, world) = (&self.app.pod, &self.app.world);
        let not_up = |who: Who| format!("the {} is not up", who.name());
        let told = |done: bool, who: Who| (!done).then(|| not_up(who));
        let mut said = None;
        match Act::of(action) {
            Act::SinkDown => world.lines.store_up.set(false),
            Act::SinkUp => world.lines.store_up.set(true),
            Act::Crash(number) => {
                let who = Who::numbered(number);
                said = told(pod.crash(who), who);
            }
            Act::Restart(number) => {
                let who = Who::numbered(number);
                said = told(pod.restart(who), who);
            }
            Act::Upgrade(number) => {
                let who = Who::numbered(number);
                said = told(pod.upgrade(who), who);
            }
            Act::Heavy(number) => {
                let who = Who::numbered(number);
                let heavy = &world.container(who).heavy;
                heavy.set(!heavy.get());
                let how = if heavy.get() {
                    "much more"
                } else {
                    "as much as before"
                };
                said = Some(format!("the {} has {how} to compute", who.name()));
            }
            Act::ConfigChange => world.configs.change(true, world.now()),
            Act::BadConfig => world.configs.change(false, world.now()),
            Act::Terminate => {
                said = (!pod.terminate())
                    .then(|| "there is no pod that could be told to stop".to_owned());
            }
        }
        levels::measure(pod);
        Ok(said)
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        ALL.map(|who| who as u32 + 1).to_vec()
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        outside::request(&self.app, &Asked::of(outside), reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.app, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.app.world.instruments
    }
}
