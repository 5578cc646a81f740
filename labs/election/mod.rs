//! The ownership election lab: candidates compete for a lease; the owner runs the closing job.
//!
//! - [`pattern`]: the pattern itself, the code that learners read; it knows nothing of this lab;
//! - `table`: knobs, actions, metrics, figures;
//! - `store`: five kinds of lease store as plain state machines; `lease_server` is the node that runs
//!   one, `lease_client` how a candidate speaks to it;
//! - `storage`: what the work writes to, with its fence; `owner` is the work as one ownership does it;
//! - `world`: builds all of it; `faults`: what befalls it;
//! - `beliefs`: who believes to own; `lanes`: that as a timeline;
//! - `outside`: what somebody with a real client asks;
//! - `checks`, `meters`: what must hold and what is measured; `picture`: what a screen draws.

pub mod pattern;

mod beliefs;
mod checks;
mod faults;
mod lanes;
mod lease_client;
mod lease_server;
mod meters;
mod outside;
mod owner;
mod picture;
mod storage;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod world;

use crate::engine::Sim;
use crate::workbench::action::{Action, ActionError, Argument};
use crate::workbench::frame::Frame;
use crate::workbench::instruments::Instruments;
use crate::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use crate::workbench::lab::{Lab, LabSpec, RunningLab};
use crate::workbench::outside::{Outside, Reply};
use std::rc::Rc;
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

    fn start(&self, sim: &Sim, knobs: &KnobSettings) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), knobs, self.leaky);
        world.apply("clock_rate");
        world.start_faults();
        Box::new(Running { world })
    }
}

struct Running {
    world: Rc<World>,
}

impl RunningLab for Running {
    fn set(&mut self, sim: &Sim, knob: &KnobSpec, value: &KnobValue) {
        self.world
            .knobs
            .borrow_mut()
            .set(knob.name, value.clone())
            .expect("whoever turns a knob has checked the value");
        self.world.apply(knob.name);
        let text = format!("{} is now {}", knob.name, knob.human(value));
        self.world.instruments.journal.info(sim.now(), text);
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<(), ActionError> {
        match action.argument {
            Argument::None => self.to_store(action.name),
            Argument::Node(number) => {
                let candidate = self.candidate(action, number)?;
                self.to_candidate(action.name, candidate);
            }
            Argument::NodeFor(number, span) => {
                self.world.pause(self.candidate(action, number)?, span);
            }
            Argument::NodeBy(number, rate) => {
                self.world.set_rate(self.candidate(action, number)?, rate);
            }
            Argument::Number(_) => unreachable!("no action of the table takes a number alone"),
        }
        let journal = &self.world.instruments.journal;
        journal.warn(sim.now(), action.to_string());
        Ok(())
    }

    fn request(&mut self, sim: &Sim, outside: &Outside, reply: Reply) {
        outside::request(&self.world, sim, outside, reply);
    }

    fn fill(&self, _: &Sim, frame: &mut Frame) {
        picture::fill(&self.world, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.world.instruments
    }
}

impl Running {
    /// The candidate with this number from 1, as a place from 0.
    fn candidate(&self, action: &Action, number: u32) -> Result<usize, ActionError> {
        let (candidate, count) = (number as usize - 1, self.world.count());
        if candidate < count {
            return Ok(candidate);
        }
        Err(ActionError::Argument {
            action: action.name,
            given: number.to_string(),
            reason: format!("the last candidate is {count}"),
            form: format!("`{}={count}`", action.name),
        })
    }

    fn to_store(&self, action: &str) {
        match action {
            "crash_store" => self.world.crash_store(),
            "restart_store" => self.world.restart_store(),
            other => unreachable!("`{other}` is not in the table of actions on the store"),
        }
    }

    fn to_candidate(&self, action: &str, candidate: usize) {
        let (world, net) = (&self.world, self.world.sim.net());
        let node = world.node(candidate);
        match action {
            "crash" => world.crash(candidate),
            "restart" => world.restart(candidate),
            "cut" => net.cut(node, world.store),
            "cut_storage" => net.cut(node, world.storage),
            "heal" => {
                net.heal(node, world.store);
                net.heal(node, world.storage);
            }
            other => unreachable!("`{other}` is not in the table of actions on candidates"),
        }
    }
}
