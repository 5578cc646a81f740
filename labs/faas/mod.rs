//! The lab of functions as a service: a function and its neighbour in one account, their callers, the bill,
//! and the containers that would do the same.
//!
//! - [`pattern`]: the platform, the code that learners read; it knows nothing of this lab; with
//!   [`pool`]: its instances; [`account`]: the limits that functions share; [`keep_alive`]: how long an instance is kept;
//! - `theory`: what closed forms say of its figures;
//! - `table`: knobs, actions, metrics, requests, invariants; `settings`: the knobs as the pattern's types;
//! - `world`: what all rooms share; `bill`: prices and what they come to;
//! - `front`: the callers; `sandbox`: the instances; `containers`: the alternative;
//! - `levels`: what goes by the clock; `outside`: calls of somebody with a real client;
//! - `checks`: the lab's books; `picture`, `waterfall`: what a screen draws.

pub mod account;
pub mod keep_alive;
pub mod pattern;
pub mod pool;

mod bill;
mod checks;
mod containers;
mod front;
mod levels;
mod outside;
mod picture;
mod sandbox;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod theory;
mod waterfall;
mod world;

use crate::workbench::prelude::*;
use crate::workbench::theory::Theory;
use account::{ScaleRate, Share};
use front::Front;
use pattern::Function;
use sandbox::{Owner, Sandboxes};
pub use settings::{Invocation, KeepAlivePolicy, WhenFull};
use table::{Act, Asked, Knobs, Turned};
use world::{Tamper, World};

/// The lab, for the registry.
pub static LAB: FaasLab = FaasLab {
    tamper: Tamper::Nothing,
};

pub struct FaasLab {
    tamper: Tamper,
}

impl Lab for FaasLab {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.tamper);
        let knobs = &world.knobs;
        let function = |owner, settings| {
            let function = Function::new(
                Sandboxes::new(&world, owner),
                Share::of(&world.account),
                ScaleRate::new(knobs.scale_rate.get()),
                knobs.keep_alive(),
                settings,
            );
            sim.spawn(Rc::clone(&function).retire_idle());
            function
        };
        let ours = function(Owner::Us, knobs.settings());
        let neighbour = function(Owner::Neighbour, knobs.neighbour_settings());
        let front = Front::open(&world, ours, neighbour);
        sim.spawn(levels::keep(Rc::clone(&front)));
        let running = Running { front };
        sim.enter(|| running.apply());
        running.apply_containers();
        levels::measure_containers(&running.front);
        Box::new(running)
    }

    fn theory(&self, settings: &Rc<Settings>) -> Vec<Theory> {
        theory::theory(&Knobs::of(settings))
    }
}

struct Running {
    front: Rc<Front>,
}

impl RunningLab for Running {
    fn turned(&mut self, sim: &Sim, knob: KnobId) {
        match Turned::of(knob) {
            Some(Turned::Load) => self.front.load_was_turned(),
            Some(Turned::Limit) => self.front.world.apply_limit(),
            Some(Turned::Functions) => sim.enter(|| self.apply()),
            Some(Turned::Containers) => self.apply_containers(),
            None => {}
        }
        levels::measure_containers(&self.front);
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let done = match Act::of(action) {
            Act::Burst(count) => {
                let count = count.round() as u64;
                self.front.burst(count);
                Some(format!("burst: {count} calls over the next ten seconds"))
            }
            Act::Deploy => {
                let before = self.front.function.count().instances();
                sim.enter(|| self.front.function.deploy());
                Some(format!("deploy: {before} instances are of the old version"))
            }
            Act::Limit(limit) => {
                let limit = limit.round().max(1.0) as usize;
                let turned = self.front.world.knobs.concurrency_limit.turn(&limit);
                debug_assert!(turned.is_ok(), "the action's range is the knob's");
                self.front.world.apply_limit();
                None
            }
            Act::Calm => {
                self.front.calm();
                None
            }
        };
        Ok(done)
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        outside::request(&self.front, &Asked::of(outside), reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.front, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.front.world.instruments
    }
}

impl Running {
    /// Brings the knobs to the functions.
    fn apply(&self) {
        let (front, knobs) = (&self.front, &self.front.world.knobs);
        let (ours, neighbour) = (&front.function, &front.neighbour);
        ours.share.reserve(knobs.reserved.get());
        neighbour.share.reserve(knobs.neighbour_reserved.get());
        let rate = knobs.scale_rate.get();
        ours.configure(knobs.settings(), knobs.keep_alive(), rate);
        neighbour.configure(knobs.neighbour_settings(), knobs.keep_alive(), rate);
        front.measure();
    }

    fn apply_containers(&self) {
        let world = &self.front.world;
        let places = world.knobs.containers.get() * world.knobs.container_slots.get();
        self.front.containers.resize(places, world.now());
    }
}
