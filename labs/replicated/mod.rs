//! The lab of a replicated service: clients, a balancer, a fleet of equal replicas, and their scaler.
//!
//! - [`pattern`]: the balancer, the code that learners read; it knows nothing of this lab; [`scaling`]: the
//!   rule of the autoscaler;
//! - `theory`: what closed forms say of its figures;
//! - `table`: knobs, actions, metrics, requests, invariants; `settings`: the knobs as the pattern's types;
//! - `world`: what all rooms share;
//! - `front`: the clients; `fleet`: how replicas come and go; `replica`: one of them;
//! - `levels`: what goes by the clock; `outside`: requests of somebody with a real client;
//! - `checks`: the lab's books; `picture`, `waterfall`: what a screen draws.

pub mod pattern;
pub mod scaling;

mod checks;
mod fleet;
mod front;
mod levels;
mod outside;
mod picture;
mod replica;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod theory;
mod waterfall;
mod world;

use crate::workbench::prelude::*;
use crate::workbench::theory::Theory;
use fleet::Fleet;
use front::Front;
use replica::Replica;
use table::{Act, Asked, Knobs, Turned};
use world::{Tamper, World};

/// The lab, for the registry.
pub static LAB: ReplicatedLab = ReplicatedLab {
    tamper: Tamper::Nothing,
};

pub struct ReplicatedLab {
    tamper: Tamper,
}

impl Lab for ReplicatedLab {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.tamper);
        let front = Front::open(&Fleet::open(&world));
        sim.spawn(levels::autoscale(Rc::clone(&front)));
        sim.spawn(levels::keep(Rc::clone(&front)));
        levels::measure(&front);
        Box::new(Running { front })
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
        let (front, fleet, world) = (&self.front, &self.front.fleet, &self.front.world);
        match Turned::of(knob) {
            Some(Turned::Load) => front.rate_was_turned(),
            Some(Turned::Balancer) => {
                fleet.balancer.borrow_mut().settings = world.knobs.balancing();
            }
            Some(Turned::Slots) => {
                let slots = world.knobs.slots.get();
                sim.enter(|| fleet.replicas().iter().for_each(|one| one.set_slots(slots)));
            }
            Some(Turned::Size) => self.size(),
            None => {}
        }
        levels::measure(front);
    }

    fn act(&mut self, _: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let (front, fleet) = (&self.front, &self.front.fleet);
        let mut said = None;
        match Act::of(action) {
            Act::Crowd(times) => {
                front.crowd(times);
                said = Some(format!("a crowd: {times} times the load, until calm"));
            }
            Act::Calm => front.crowd(1.0),
            Act::Crash(number) => fleet.crash(&self.replica(number)),
            Act::Slow(number) => {
                let replica = self.replica(number);
                replica.slow.set(!replica.slow.get());
                replica.apply_slowness();
                let how = if replica.slow.get() {
                    "ten times as slow"
                } else {
                    "as fast as before"
                };
                said = Some(format!("replica {number} is {how}"));
            }
            Act::Rollout => {
                fleet.roll_out();
                said =
                    Some("rollout: every replica is replaced by one of a new version".to_owned());
            }
            Act::Evict(number) => {
                let text = if fleet.evict(&self.replica(number)) {
                    format!("replica {number} is evicted")
                } else {
                    format!("the budget does not allow to evict replica {number} now")
                };
                said = Some(text);
            }
            Act::ZoneDown => {
                said = Some(match fleet.zone_down() {
                    Some(zone) => format!("zone {zone} is down, with its replicas"),
                    None => "all zones are down already".to_owned(),
                });
            }
            Act::ZoneUp => {
                fleet.zone_up();
                said = Some("all zones are up; their replicas start".to_owned());
            }
            Act::DatabaseDown => front.world.database_up.set(false),
            Act::DatabaseUp => front.world.database_up.set(true),
        }
        levels::measure(front);
        Ok(said)
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        let replicas = self.front.fleet.replicas();
        replicas.iter().map(|replica| replica.number).collect()
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
    /// By hand the fleet is as large as the knob says; with a scaler it is at least that.
    fn size(&self) {
        let (fleet, knobs) = (&self.front.fleet, &self.front.world.knobs);
        let (least, by_hand) = (
            knobs.bounds().least as usize,
            knobs.autoscale.get() == settings::Autoscale::Off,
        );
        if by_hand || fleet.desired() < least {
            fleet.scale_to(least);
        }
    }

    fn replica(&self, number: u32) -> Rc<Replica> {
        let found = self.front.fleet.numbered(number);
        found.expect("the workbench lets through only numbers of replicas that there are")
    }
}
