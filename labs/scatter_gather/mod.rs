//! The scatter/gather lab: a root asks many leaves and merges what they answer.
//!
//! - [`pattern`]: the pattern itself, the code that learners read; it knows nothing of this lab;
//! - `theory`: what closed forms say of its figures;
//! - `table`: knobs, actions, metrics, requests, invariants;
//! - `cluster`: the leaves and their replicas, and what can happen to them; `cancellation` is what it costs
//!   to call off a search at one of them;
//! - `root`: takes requests in, has the pattern gather, measures what came of it; `client` is a leaf
//!   as it sees it, `policy` its knobs, `observed` what leaves took of late, `checks` what must hold;
//! - `clients`: who asks, gives up, and asks again;
//! - `outside`: a search that somebody with a real client sends to the root;
//! - `health`: which replicas the root may ask;
//! - `request`: one request with the calls made for it; `waterfall` draws it;
//! - `index`: the documents, and the truth that answers are held against;
//! - `picture`: what a screen draws.

pub mod pattern;

mod cancellation;
mod checks;
mod client;
mod clients;
mod cluster;
mod health;
mod index;
mod observed;
mod outside;
mod picture;
mod policy;
mod replica;
mod request;
mod root;
mod table;
#[cfg(test)]
mod tests;
mod theory;
mod waterfall;

use crate::engine;
use crate::workbench::prelude::*;
use crate::workbench::theory::Theory;
use crate::workbench::workload::RPS_MAX;
use cluster::Cluster;
pub use policy::{PolicyName, Quantile};
use root::{Root, Tamper};
use table::{Act, Asked, Knobs, Turned};

/// The lab, for the registry.
pub static LAB: ScatterGather = ScatterGather {
    tamper: Tamper::NONE,
};

/// How long a burst of load lasts.
const BURST_FOR: Duration = Duration::from_secs(5);

pub struct ScatterGather {
    tamper: Tamper,
}

impl Lab for ScatterGather {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let knobs = Knobs::of(settings);
        let root = Root::new(&sim.handle(), &knobs, self.tamper);
        sim.spawn(Rc::clone(&root).serve());
        let running = Running { root, knobs };
        running.warn_of_absent_straggler(sim);
        running.warn_of_no_deadline(sim);
        Box::new(running)
    }

    fn theory(&self, settings: &Rc<Settings>) -> Vec<Theory> {
        theory::theory(&Knobs::of(settings))
    }
}

struct Running {
    root: Rc<Root>,
    knobs: Rc<Knobs>,
}

impl RunningLab for Running {
    fn turned(&mut self, sim: &Sim, knob: KnobId) {
        let (root, cluster) = (&self.root, self.root.cluster());
        match Turned::of(knob) {
            Some(Turned::Rate) => root.rate.turned(),
            Some(Turned::Network) => {
                cluster.apply_network();
                root.apply_policy();
            }
            Some(Turned::Slots) => cluster.apply_slots(),
            Some(Turned::Straggler) => {
                cluster.apply_slowness();
                self.warn_of_absent_straggler(sim);
            }
            Some(Turned::Slowness) => cluster.apply_slowness(),
            Some(Turned::Policy) => root.apply_policy(),
            Some(Turned::Deadline) => {
                root.apply_policy();
                self.warn_of_no_deadline(sim);
            }
            Some(Turned::RetryBudget) => root.apply_retry_budget(),
            None => {}
        }
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        let (cluster, net) = (self.cluster(), sim.net());
        let leaf = |number: u32| number as usize - 1;
        match Act::of(action) {
            Act::Slow(number) => cluster.set_slow(leaf(number), true),
            Act::Recover(number) => cluster.set_slow(leaf(number), false),
            Act::Crash(number) => cluster.hit(leaf(number)).for_each(|replica| {
                sim.crash(replica.node);
                replica.lose_memory();
            }),
            Act::Restart(number) => cluster.all_of(leaf(number)).for_each(|replica| {
                if !sim.is_up(replica.node) {
                    sim.restart(replica.node);
                }
            }),
            Act::Cut(number) => cluster
                .hit(leaf(number))
                .for_each(|replica| net.cut(cluster.root, replica.node)),
            Act::Heal(number) => cluster
                .all_of(leaf(number))
                .for_each(|replica| net.heal(cluster.root, replica.node)),
            Act::Burst(rps) => {
                if !self.burst(sim, rps) {
                    let (most, now) = (RPS_MAX, self.root.rate.rps());
                    let reason = format!("at most {most} requests a second arrive; {now} do now");
                    return Err(action.refused(&rps.to_string(), reason, 500));
                }
                let seconds = BURST_FOR.as_secs();
                let text = format!("burst: {rps} more requests a second for {seconds} s");
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        (1..=self.cluster().fan_out as u32).collect()
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        let Asked::Search(text) = Asked::of(outside);
        outside::search(&self.root, text, reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(self.root.cluster(), sim, self.root.in_progress(), frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.root.instruments
    }
}

impl Running {
    fn cluster(&self) -> &Cluster {
        self.root.cluster()
    }

    /// False when the burst is more than arrives at most.
    fn burst(&self, sim: &Sim, rps: f64) -> bool {
        let root = Rc::clone(&self.root);
        let begun = root.rate.add_burst(rps);
        if begun {
            sim.spawn(async move {
                engine::sleep(BURST_FOR).await;
                root.rate.add_burst(-rps);
            });
        }
        begun
    }

    fn warn_of_no_deadline(&self, sim: &Sim) {
        if self.knobs.deadline.get().is_none() {
            let text = "deadline is off: a leaf that hangs holds its requests until the transport gives up, 3 s";
            self.root.instruments.journal.warn(sim.now(), text);
        }
    }

    fn warn_of_absent_straggler(&self, sim: &Sim) {
        let fan_out = self.cluster().fan_out;
        if let Some(straggler) = self.knobs.straggler.get()
            && straggler > fan_out
        {
            let text = format!("nobody is slow: straggler is {straggler}, the last leaf {fan_out}");
            self.root.instruments.journal.warn(sim.now(), text);
        }
    }
}
