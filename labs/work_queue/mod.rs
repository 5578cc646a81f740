//! The work-queue lab: a source, a queue, a pool of identical workers, a store of effects.
//!
//! - [`pattern`]: the pattern itself, the code that learners read; it knows nothing of this lab;
//!   [`sizing`] beside it: back-off, the autoscaler's rule, Erlang's formula;
//! - `table`: knobs, actions, metrics, figures; `settings`: the knobs as the pattern's types;
//! - `plant`: what all rooms share;
//! - `source`, `broker`, `worker` in their `pool`, `store`: the nodes, in the order in which an item
//!   meets them;
//! - `scaling`: the autoscaler, and the levels that change without an event;
//! - `outside`: items that somebody with a real client puts in;
//! - `item`: one item with what became of it; `life` draws that;
//! - `checks`: the lab's books and what must hold; `meters`; `picture`: what a screen draws.

pub mod pattern;
pub mod sizing;

mod broker;
mod checks;
mod item;
mod life;
mod meters;
mod outside;
mod picture;
mod plant;
mod pool;
mod scaling;
mod settings;
mod source;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod worker;

use crate::engine::Sim;
use crate::workbench::action::{Action, ActionError, Argument};
use crate::workbench::frame::Frame;
use crate::workbench::instruments::Instruments;
use crate::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use crate::workbench::lab::{Lab, LabSpec, RunningLab};
use crate::workbench::outside::{Outside, Reply};
use broker::Broker;
use outside::Desk;
use plant::{Plant, Tamper};
use pool::Pool;
use source::Source;
use std::rc::Rc;
use store::Store;
use worker::Worker;

/// The lab, for the registry.
pub static LAB: WorkQueueLab = WorkQueueLab {
    tamper: Tamper::Nothing,
};

/// The most items of one burst: what the queue can hold.
const BURST_MAX: f64 = 200_000.0;

pub struct WorkQueueLab {
    tamper: Tamper,
}

impl Lab for WorkQueueLab {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, knobs: &KnobSettings) -> Box<dyn RunningLab> {
        let plant = Plant::build(&sim.handle(), knobs, self.tamper);
        let (broker, store) = (Broker::open(&plant), Store::open(&plant));
        let pool = Pool::open(&broker);
        let source = Source::open(&broker, &store);
        sim.spawn(scaling::autoscale(Rc::clone(&pool)));
        sim.spawn(scaling::keep_levels(Rc::clone(&pool)));
        let running = Running {
            desk: Desk::of(&source, &broker),
            plant,
            pool,
            source,
            knobs: knobs.clone(),
        };
        running.forecast();
        Box::new(running)
    }
}

struct Running {
    plant: Rc<Plant>,
    pool: Rc<Pool>,
    source: Rc<Source>,
    desk: Rc<Desk>,
    knobs: KnobSettings,
}

impl RunningLab for Running {
    fn set(&mut self, sim: &Sim, knob: &KnobSpec, value: &KnobValue) {
        self.knobs
            .set(knob.name, value.clone())
            .expect("whoever turns a knob has checked the value");
        let (plant, knobs) = (&self.plant, &self.knobs);
        plant.set(knobs);
        self.pool.broker.set_rules();
        match knob.name {
            "arrival_rps" => plant.rate.set_steady(knobs.plain_number("arrival_rps")),
            "arrivals" => plant.rate.set_evenly(knobs.word("arrivals") == "constant"),
            "network" => plant.set_network(knobs),
            "workers" | "autoscale" => self.size_by_hand(),
            // All else is read from the settings whenever it matters.
            _ => {}
        }
        let text = format!("{} is now {}", knob.name, knob.human(value));
        plant.instruments.journal.info(sim.now(), text);
        if matches!(knob.name, "arrival_rps" | "service" | "workers") {
            self.forecast();
        }
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<(), ActionError> {
        let told = match (action.name, action.argument) {
            (name @ ("burst" | "poison"), Argument::Number(count)) => {
                let count = count.min(BURST_MAX).round() as u64;
                self.source.burst(count, name == "poison");
                format!("{name}: {count} items at once")
            }
            (name, Argument::Node(number)) => {
                let worker = self.worker(action, number)?;
                self.to_worker(name, &worker)
            }
            ("redrive", _) => {
                let count = self.pool.broker.redrive();
                format!("redrive: {count} dead letters back to the queue")
            }
            ("stop_source", _) => {
                self.plant.rate.set_steady(0.0);
                "the source has stopped; turn arrival_rps to start it again".to_owned()
            }
            (other, argument) => unreachable!("`{other}` with {argument:?} is not in the table"),
        };
        self.plant.instruments.journal.warn(sim.now(), told);
        Ok(())
    }

    fn request(&mut self, sim: &Sim, outside: &Outside, reply: Reply) {
        self.desk.request(sim, outside, reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.pool, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.plant.instruments
    }
}

impl Running {
    /// Without the autoscaler the pool is as large as the knob says; with it, at least that.
    fn size_by_hand(&self) {
        let (workers, by_hand) = {
            let settings = self.plant.settings();
            (settings.workers, settings.scale_by.is_none())
        };
        if by_hand || self.pool.size() < workers {
            self.pool.resize(workers);
        }
    }

    fn worker(&self, action: &Action, number: u32) -> Result<Rc<Worker>, ActionError> {
        self.pool
            .worker(number)
            .ok_or_else(|| ActionError::Argument {
                action: action.name,
                given: number.to_string(),
                reason: format!("no worker {number} is in the pool"),
                form: format!("`{}=1`", action.name),
            })
    }

    fn to_worker(&self, action: &str, worker: &Rc<Worker>) -> String {
        let number = worker.number;
        match action {
            "crash" => self.pool.crash(worker),
            "restart" => self.pool.restart(worker),
            "pause" => {
                let pause = self.pool.pause(worker).as_secs_f64();
                return format!("worker {number} stands still for {pause} s");
            }
            other => unreachable!("`{other}` is not in the table of actions on workers"),
        }
        format!("{action} worker {number}")
    }

    fn forecast(&self) {
        if let Some(text) = scaling::forecast(&self.pool) {
            let now = self.plant.now();
            self.plant.instruments.journal.info(now, text);
        }
    }
}
