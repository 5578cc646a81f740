//! The ownership election lab: candidates compete for a lease; the owner runs the closing job.
//!
//! - [`pattern`]: the pattern itself, the code that learners read; it knows nothing of this lab;
//!   [`client_go`] beside it: the loop of Kubernetes' library;
//! - `table`: knobs, actions, metrics, requests, invariants;
//! - [`store`]: five kinds of lease store as plain state machines; [`lease_server`] is the node that runs one, [`asking`]
//!   how a candidate asks for the lease in the words of each, `lease_client` what it knows by that;
//! - [`warehouse`]: what the work writes to, with its fence; `storage` is its node; [`timetable`]: when jobs are due;
//!   `owner` is the work as one ownership does it;
//! - `stop`: how a candidate is asked to end in good order;
//! - `world`: builds all of it; `faults`: what befalls it;
//! - `beliefs`: who believes to own; `lanes`: that as a timeline;
//! - `outside`: what somebody with a real client asks;
//! - `checks`: what must hold; `picture`: what a screen draws.

pub mod asking;
pub mod client_go;
pub mod lease_server;
pub mod pattern;
pub mod store;
pub mod timetable;
pub mod warehouse;

mod beliefs;
mod checks;
mod faults;
mod lanes;
mod lease_client;
mod outside;
mod owner;
mod picture;
mod settings;
mod stop;
mod storage;
mod table;
#[cfg(test)]
mod tests;
mod world;

use crate::workbench::prelude::*;
pub use settings::Client;
use table::{Act, Asked, Knobs, Turned};
use world::World;

/// The lab, for the registry.
pub static LAB: Election = Election { leaky: false };

pub struct Election {
    /// Its storage lets in what its fence refuses: for tests that break the lab on purpose.
    leaky: bool,
}

impl Lab for Election {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.leaky);
        world.apply_clock_rate();
        world.start_faults();
        Box::new(Running { world })
    }
}

struct Running {
    world: Rc<World>,
}

impl RunningLab for Running {
    fn turned(&mut self, _: &Sim, knob: KnobId) {
        match Turned::of(knob) {
            Some(Turned::Network) => self.world.apply_network(),
            Some(Turned::Keepalive) => self.world.apply_keepalive(),
            Some(Turned::ClockRate) => self.world.apply_clock_rate(),
            Some(Turned::Faults) => self.world.faults_changed.notify_waiters(),
            None => {}
        }
    }

    fn act(&mut self, _: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let (world, net) = (&self.world, self.world.sim.net());
        let place = |number: u32| number as usize - 1;
        let node = |number: u32| world.node(place(number));
        match Act::of(action) {
            Act::Pause((number, span)) => world.pause(place(number), span),
            Act::Suspend((number, span)) => world.suspend(place(number), span),
            Act::Crash(number) => world.crash(place(number)),
            Act::PowerLoss(number) => world.lose_power(place(number)),
            Act::Release(number) => world.stop(place(number)),
            Act::Deploy => world.deploy(),
            Act::StepClock(seconds) => world.step_clock(Duration::from_secs_f64(seconds)),
            Act::Restart(number) => world.restart(place(number)),
            Act::Cut(number) => net.cut(node(number), world.store),
            Act::CutStorage(number) => net.cut(node(number), world.storage),
            Act::Heal(number) => {
                net.heal(node(number), world.store);
                net.heal(node(number), world.storage);
            }
            Act::CrashStore => world.crash_store(),
            Act::RestartStore => world.restart_store(),
            Act::Skew((number, rate)) => world.set_rate(place(number), rate),
        }
        Ok(None)
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        (1..=self.world.count() as u32).collect()
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
