//! The work-queue lab: a source, a queue, a pool of identical workers, a store of effects.
//!
//! - [`pattern`]: the pattern itself, the code that learners read; it knows nothing of this lab;
//!   [`queue`] beside it: the queue's side, by the rules of four brokers; [`sizing`]: back-off, the
//!   autoscalers' rules, Erlang's formula;
//! - `theory`: what closed forms say of its figures;
//! - `table`: knobs, actions, metrics, requests, invariants; `settings`: the knobs as the pattern's types;
//! - `world`: what all rooms share;
//! - `source`, `broker`, `worker` in their `pool`, `store`: the nodes, in the order in which an item
//!   meets them;
//! - `scaling`: the autoscaler, and the levels that change without an event;
//! - `outside`: items that somebody with a real client puts in;
//! - `item`: one item with what became of it; `life` draws that;
//! - `checks`: the lab's books and what must hold; `picture`: what a screen draws.

pub mod pattern;
pub mod queue;
pub mod sizing;

mod broker;
mod checks;
mod item;
mod life;
mod outside;
mod picture;
mod pool;
mod scaling;
mod settings;
mod source;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod theory;
mod worker;
mod world;

use crate::workbench::prelude::*;
use crate::workbench::theory::Theory;
use broker::Broker;
use outside::Clients;
use pool::Pool;
pub use settings::{Autoscale, Broker as BrokerName, RetryBackoff};
use source::Source;
use store::Store;
use table::{Act, Asked, Knobs, Turned};
use world::{Tamper, World};

/// The lab, for the registry.
pub static LAB: WorkQueueLab = WorkQueueLab {
    tamper: Tamper::Nothing,
};

pub struct WorkQueueLab {
    tamper: Tamper,
}

impl Lab for WorkQueueLab {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let world = World::build(&sim.handle(), &Knobs::of(settings), self.tamper);
        let (broker, store) = (Broker::open(&world), Store::open(&world));
        let pool = Pool::open(&broker);
        let source = Source::open(&broker, &store);
        sim.spawn(scaling::autoscale(Rc::clone(&pool)));
        sim.spawn(scaling::keep_levels(Rc::clone(&pool)));
        let running = Running {
            clients: Clients::of(&source, &broker),
            world,
            pool,
            source,
        };
        running.forecast();
        Box::new(running)
    }

    fn theory(&self, settings: &Rc<Settings>) -> Vec<Theory> {
        theory::theory(&Knobs::of(settings))
    }
}

struct Running {
    world: Rc<World>,
    pool: Rc<Pool>,
    source: Rc<Source>,
    clients: Rc<Clients>,
}

impl RunningLab for Running {
    fn turned(&mut self, _: &Sim, knob: KnobId) {
        match Turned::of(knob) {
            Some(Turned::Rate) => {
                self.world.rate.turned();
                self.forecast();
            }
            Some(Turned::Service) => self.forecast(),
            Some(Turned::Workers) => {
                self.size_by_hand();
                self.forecast();
            }
            Some(Turned::Autoscale) => self.size_by_hand(),
            Some(Turned::Network) => self.world.apply_network(),
            Some(Turned::Rules) => self.pool.broker.apply_rules(),
            None => {}
        }
    }

    fn act(&mut self, _: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let mut said = None;
        match Act::of(action) {
            Act::Burst(count) => said = Some(self.burst(action, count, false)),
            Act::Poison(count) => said = Some(self.burst(action, count, true)),
            Act::Crash(number) => self.pool.crash(&self.pool.worker(number)),
            Act::Restart(number) => self.pool.restart(&self.pool.worker(number)),
            Act::Pause(number) => {
                let pause = self.pool.pause(&self.pool.worker(number));
                let seconds = pause.as_secs_f64();
                said = Some(format!("worker {number} stands still for {seconds} s"));
            }
            Act::Deploy => self.pool.deploy(),
            Act::Redrive => {
                let count = self.pool.broker.redrive();
                said = Some(format!("redrive: {count} dead letters back to the queue"));
            }
            Act::StopSource => {
                self.world.rate.stop();
                let text = "the source has stopped; turn arrival_rps to start it again";
                said = Some(text.to_owned());
            }
        }
        Ok(said)
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        let workers = self.pool.workers();
        let there = workers.iter().filter(|worker| worker.is_in_the_pool());
        there.map(|worker| worker.number as u32).collect()
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        self.clients.request(Asked::of(outside), reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.pool, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.world.instruments
    }
}

impl Running {
    /// Without the autoscaler the pool is as large as the knob says; with it, at least that.
    fn size_by_hand(&self) {
        let knobs = &self.world.knobs;
        let (workers, by_hand) = (knobs.workers.get(), knobs.scale_by().is_none());
        if by_hand || self.pool.size() < workers {
            self.pool.resize(workers);
        }
    }

    fn burst(&self, action: &Action, count: f64, poison: bool) -> String {
        let count = count.round() as u64;
        self.source.burst(count, poison);
        format!("{}: {count} items at once", action.name)
    }

    fn forecast(&self) {
        if let Some(text) = scaling::forecast(&self.pool) {
            let now = self.world.now();
            self.world.instruments.journal.info(now, text);
        }
    }
}
