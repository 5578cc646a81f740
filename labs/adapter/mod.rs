//! The lab of an adapter: services that speak six dialects, an adapter beside each, and a monitor that scrapes them.
//!
//! - [`pattern`]: the adapter, the code that learners read; it knows nothing of this lab; with [`dialect`], how each
//!   dialect is read, [`exposition`], the page that is served, and [`rate`], what a monitor makes of it;
//! - `table`: knobs, actions, metrics, requests, invariants;
//! - `world`: what all rooms share; `service`: the services and what is true of them; `monitor`: scrapes and the board;
//! - `outside`: requests of somebody with a real client; `picture`: what a screen draws.

pub mod dialect;
pub mod exposition;
pub mod pattern;
pub mod rate;

mod monitor;
mod outside;
mod picture;
mod service;
mod table;
#[cfg(test)]
mod tests;
mod world;

use crate::engine;
use crate::workbench::prelude::*;
use std::time::Duration;
use table::{Act, Asked, Knobs, Turned};
use world::{Tamper, World};

/// The lab, for the registry.
pub static LAB: AdapterLab = AdapterLab {
    tamper: Tamper::Nothing,
};

pub struct AdapterLab {
    tamper: Tamper,
}

impl Lab for AdapterLab {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.tamper);
        for service in &world.services {
            sim.spawn(Rc::clone(&world).watch(Rc::clone(service)));
        }
        let measured = Rc::clone(&world);
        sim.spawn(async move {
            loop {
                measured.measure();
                engine::sleep(Duration::from_secs(1)).await;
            }
        });
        Box::new(Running { world })
    }
}

struct Running {
    world: Rc<World>,
}

impl RunningLab for Running {
    fn turned(&mut self, _: &Sim, knob: KnobId) {
        match Turned::of(knob) {
            Some(Turned::Load) => {
                for service in &self.world.services {
                    service.rate.turned();
                }
            }
            None => {}
        }
    }

    fn act(&mut self, _: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let world = &self.world;
        let service = |number: u32| &world.services[number as usize - 1];
        Ok(match Act::of(action) {
            Act::RenameField(number) => {
                let renamed = !service(number).renamed.get();
                service(number).renamed.set(renamed);
                let name = if renamed { "a new" } else { "its old" };
                Some(format!("the requests of service {number} have {name} name"))
            }
            Act::CounterReset(number) => {
                service(number).begin_again();
                None
            }
            Act::Crash(number) => {
                let was_up = service(number).up.replace(false);
                (!was_up).then(|| format!("service {number} is down already"))
            }
            Act::Restart(number) => {
                let was_up = service(number).up.replace(true);
                if !was_up {
                    service(number).begin_again();
                }
                was_up.then(|| format!("service {number} is up"))
            }
            Act::CrashAdapter => {
                (!world.crash_adapters()).then(|| "the adapters are down already".to_owned())
            }
            Act::ExplodeLabels => {
                world.labelled.set(true);
                None
            }
        })
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        self.world
            .services
            .iter()
            .map(|service| service.number)
            .collect()
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        outside::request(&self.world, Asked::of(outside), reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.world, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.world.instruments
    }
}
