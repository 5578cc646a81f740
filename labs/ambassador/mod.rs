//! The lab of an ambassador: an application, the ambassador beside it, and the instances of the service that it calls.
//!
//! - [`pattern`]: the ambassador, the code that learners read; it knows nothing of this lab; with [`retry`], [`breaker`]
//!   and [`pace`], of which it is made, and [`split`], which chooses a version of the service;
//! - `theory`: what closed forms say of its figures;
//! - `table`: knobs, actions, metrics, requests, invariants; `settings`: the knobs as the pattern's types;
//! - `world`: what all rooms share; `vault`: the credentials;
//! - `front`: the application and its layers; `far`: the way to the service; `instance`: one of the service;
//! - `levels`: what goes by the clock; `outside`: requests of somebody with a real client;
//! - `checks`: the lab's books; `picture`, `waterfall`: what a screen draws.

pub mod breaker;
pub mod pace;
pub mod pattern;
pub mod retry;
pub mod split;

mod checks;
mod far;
mod front;
mod instance;
mod levels;
mod outside;
mod picture;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod theory;
mod vault;
mod waterfall;
mod world;

use crate::workbench::prelude::*;
use crate::workbench::theory::Theory;
use front::Front;
use instance::Instance;
use table::{Act, Asked, Knobs, Turned};
use world::{Tamper, World};

/// The lab, for the registry.
pub static LAB: AmbassadorLab = AmbassadorLab {
    tamper: Tamper::Nothing,
};

pub struct AmbassadorLab {
    tamper: Tamper,
}

impl Lab for AmbassadorLab {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.tamper);
        let front = Front::open(&world);
        sim.spawn(levels::keep(Rc::clone(&world)));
        levels::measure(&world);
        Box::new(Running { world, front })
    }

    fn theory(&self, settings: &Rc<Settings>) -> Vec<Theory> {
        theory::theory(&Knobs::of(settings))
    }
}

struct Running {
    world: Rc<World>,
    front: Rc<Front>,
}

impl RunningLab for Running {
    fn turned(&mut self, sim: &Sim, knob: KnobId) {
        let world = &self.world;
        match Turned::of(knob) {
            Some(Turned::Load) => self.front.rate.turned(),
            Some(Turned::Network) => world.apply_network(),
            Some(Turned::Rules) => self.front.configure(),
            Some(Turned::Slots) => {
                let slots = world.knobs.slots.get();
                sim.enter(|| world.instances.iter().for_each(|one| one.set_slots(slots)));
            }
            None => {}
        }
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let (world, front) = (&self.world, &self.front);
        let mut said = None;
        match Act::of(action) {
            Act::Fail((number, ratio)) => self.instance(number).fail_ratio.set(ratio.min(1.0)),
            Act::Slow(number) => {
                let instance = self.instance(number);
                instance.turn_slow();
                let how = if instance.slow.get() {
                    "ten times as slow"
                } else {
                    "as fast as before"
                };
                said = Some(format!("instance {number} is {how}"));
            }
            Act::Crash(number) => self.instance(number).crash(world),
            Act::Restart(number) => self.instance(number).restart(world),
            Act::Stall(seconds) => {
                let span = Duration::from_secs_f64(seconds);
                for instance in &world.instances {
                    sim.pause(instance.node, span);
                }
                said = Some(format!("all instances stand still for {seconds} s"));
            }
            Act::CrashAmbassador => {
                said = Some(if front.crash_ambassador() {
                    "the ambassador's process dies, and is started again in a second".to_owned()
                } else {
                    "there is no process of the ambassador that could die now".to_owned()
                });
            }
            Act::RevokeCredentials => world.vault.revoke(),
            Act::RotateCredentials => world.vault.rotate(),
            Act::Rollback => {
                let turned = world.knobs.split.turn(&0.0);
                debug_assert!(turned.is_ok(), "0 is in the range of the knob");
            }
            Act::Mock => {
                world.mocked.set(!world.mocked.get());
                let who = if world.mocked.get() {
                    "a mock"
                } else {
                    "the service"
                };
                said = Some(format!("{who} answers from now on"));
            }
            Act::Burst(count) => {
                let count = count.round() as u64;
                for _ in 0..count {
                    front.come();
                }
                said = Some(format!("burst: {count} requests at once"));
            }
        }
        levels::measure(world);
        Ok(said)
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        self.world.instances.iter().map(|one| one.number).collect()
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        outside::request(&self.front, &Asked::of(outside), reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.world, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.world.instruments
    }
}

impl Running {
    fn instance(&self, number: u32) -> &Rc<Instance> {
        &self.world.instances[number as usize - 1]
    }
}
