//! The lab of a coordinated batch: each night sales are mapped, joined with payments, added up by seller, and paid.
//!
//! - [`pattern`]: the coordinator of a stage, the code that learners read; with
//!   [`join`]: three joins and the shuffle; [`commit`]: how results become visible and money is paid;
//! - `table`: knobs, actions, metrics, requests, invariants; `settings`: the knobs as the pattern's types;
//! - `world`: what all rooms share; `night`: what was sold and paid; `store`, `bank`: what is kept, and who was paid;
//! - `nights`: one after the other; `job`: a night from map to pay; `stages`: what each task does;
//! - `levels`: what goes by the clock; `outside`: requests of somebody with a real client;
//! - `theory`: what closed forms say; `picture`, `timeline`, `waterfall`: what a screen draws.

pub mod commit;
pub mod join;
pub mod pattern;

mod bank;
mod job;
mod levels;
mod night;
mod nights;
mod outside;
mod picture;
mod settings;
mod stages;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod theory;
mod timeline;
mod waterfall;
mod world;

use crate::workbench::prelude::*;
use crate::workbench::theory::Theory;
use nights::Nights;
use table::{Act, Asked, Knobs, Turned};
use world::{Tamper, World};

/// The lab, for the registry.
pub static LAB: CoordinatedBatch = CoordinatedBatch {
    tamper: Tamper::Nothing,
};

pub struct CoordinatedBatch {
    tamper: Tamper,
}

impl Lab for CoordinatedBatch {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.tamper);
        let nights = Nights::begin(&world);
        sim.spawn(levels::keep(Rc::clone(&nights)));
        levels::measure(&nights);
        Box::new(Running { nights })
    }

    fn theory(&self, settings: &Rc<Settings>) -> Vec<Theory> {
        theory::theory(&Knobs::of(settings))
    }
}

struct Running {
    nights: Rc<Nights>,
}

impl RunningLab for Running {
    fn turned(&mut self, _: &Sim, knob: KnobId) {
        match Turned::of(knob) {
            Some(Turned::Nights) => self.nights.turned(),
            None => {}
        }
    }

    fn act(&mut self, _: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let (nights, world) = (&self.nights, &self.nights.world);
        let place = |number: u32| number as usize - 1;
        let said =
            match Act::of(action) {
                Act::Crash(number) => (!world.crash(place(number)))
                    .then(|| format!("worker {number} is down already")),
                Act::Restart(number) => {
                    (!world.restart(place(number))).then(|| format!("worker {number} is up"))
                }
                Act::Slow(number) => {
                    let slow = &world.workers[place(number)].slow;
                    slow.set(!slow.get());
                    let how = if slow.get() {
                        "is slow from its next task on"
                    } else {
                        "is as fast as before"
                    };
                    Some(format!("worker {number} {how}"))
                }
                Act::CrashCoordinator => (!nights.crash_coordinator())
                    .then(|| "the coordinator is down already".to_owned()),
                Act::RestartCoordinator => {
                    (!nights.restart_coordinator()).then(|| "the coordinator is up".to_owned())
                }
                Act::Rerun => nights.rerun(),
            };
        levels::measure(nights);
        Ok(said)
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        (1..=self.nights.world.workers.len() as u32).collect()
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        outside::request(&self.nights, &Asked::of(outside), reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.nights, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.nights.world.instruments
    }
}
