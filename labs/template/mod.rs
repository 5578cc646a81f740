//! The template lab: a client asks a server, and once more when the first answer is no. TODO say what happens in
//! this lab.
//!
//! A stub: it runs, and the registry does not list it yet.
//!
//! - [`pattern`]: the pattern itself, the code that learners read; it knows nothing of this lab;
//! - `table`: knobs, actions, metrics, requests, invariants;
//! - `world`: client and server, and what is measured; `picture`: what a screen draws.

pub mod pattern;

mod picture;
mod table;
#[cfg(test)]
mod tests;
mod world;

use crate::workbench::outside::{NUMBERS_FROM, Refusal, Why};
use crate::workbench::prelude::*;
use table::{Act, Asked, Knobs, Turned};
use world::World;

/// The lab, for the registry.
pub static LAB: Template = Template { tries: 1 };

pub struct Template {
    /// Tries that count for one: more in tests that break the lab on purpose.
    tries: u64,
}

impl Lab for Template {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.tries);
        sim.spawn(Rc::clone(&world).serve());
        Box::new(Running { world, asked: 0 })
    }
}

struct Running {
    world: Rc<World>,
    /// Requests from outside so far.
    asked: u64,
}

impl RunningLab for Running {
    fn turned(&mut self, _: &Sim, knob: KnobId) {
        match Turned::of(knob) {
            Some(Turned::Rate) => self.world.rate.turned(),
            None => {}
        }
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let server = self.world.server;
        match Act::of(action) {
            Act::Crash(_) => sim.crash(server),
            Act::Restart(_) => sim.restart(server),
        }
        Ok(None)
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        vec![1]
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        let Asked::Ask = Asked::of(outside);
        self.asked += 1;
        let (world, number) = (Rc::clone(&self.world), NUMBERS_FROM + self.asked);
        reply.answer_after(&self.world.sim, self.world.client, async move {
            if world.request(number).await {
                return Ok(serde_json::json!({"request": number}));
            }
            let message = "the server did it in neither of two tries";
            Err(Refusal::new(Why::Failed, message, "ask again"))
        });
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.world, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.world.instruments
    }
}
