//! The scatter/gather lab: a root asks many leaves and merges what they answer.
//!
//! - [`pattern`]: the pattern itself, the code that learners read; it knows nothing of this lab;
//! - `table`: knobs, actions, metrics, figures;
//! - `cluster`: the leaves and their replicas, and what can happen to them;
//! - `root`: takes requests in, has the pattern gather, measures what came of it; `client` is a leaf
//!   as it sees it, `policy` its knobs, `meters` and `checks` what is measured and must hold;
//! - `outside`: a search that somebody with a real client sends to the root;
//! - `request`: one request with the calls made for it; `waterfall` draws it;
//! - `index`: the documents, and the truth that answers are held against;
//! - `picture`: what a screen draws.

pub mod pattern;

mod checks;
mod client;
mod cluster;
mod index;
mod meters;
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
mod waterfall;

use crate::engine::{self, Sim};
use crate::workbench::action::{Action, ActionError, Argument};
use crate::workbench::frame::Frame;
use crate::workbench::instruments::Instruments;
use crate::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use crate::workbench::lab::{Lab, LabSpec, RunningLab};
use crate::workbench::outside::{Outside, Reply};
use cluster::Cluster;
use root::{Root, Tamper};
use std::rc::Rc;
use std::time::Duration;

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

    fn start(&self, sim: &Sim, knobs: &KnobSettings) -> Box<dyn RunningLab> {
        let root = Root::new(&sim.handle(), knobs, self.tamper);
        sim.spawn(Rc::clone(&root).serve());
        let running = Running {
            root,
            knobs: knobs.clone(),
        };
        running.warn_of_absent_straggler(sim);
        Box::new(running)
    }
}

struct Running {
    root: Rc<Root>,
    knobs: KnobSettings,
}

impl RunningLab for Running {
    fn set(&mut self, sim: &Sim, knob: &KnobSpec, value: &KnobValue) {
        self.knobs
            .set(knob.name, value.clone())
            .expect("whoever turns a knob has checked the value");
        let (root, cluster, knobs) = (&self.root, self.root.cluster(), &self.knobs);
        match knob.name {
            "arrival_rps" => root.rate.set_steady(knobs.plain_number("arrival_rps")),
            "arrivals" => root.rate.set_evenly(knobs.word("arrivals") == "constant"),
            "service" => cluster.set_service(knobs.distribution("service")),
            "network" => {
                cluster.set_network(knobs.distribution("network"));
                root.set_policy(knobs);
            }
            "slots" => cluster.set_slots(knobs.number("slots").map(|slots| slots as usize)),
            "straggler" => {
                cluster.set_straggler(knobs.number("straggler"));
                self.warn_of_absent_straggler(sim);
            }
            "straggler_factor" => {
                cluster.set_straggler_factor(knobs.plain_number("straggler_factor"));
            }
            "faults_hit" => cluster.set_hit_all(knobs.word("faults_hit") == "all"),
            "slow_over" => root.set_slow_over(knobs),
            "policy" | "deadline" | "hedge_after" | "hedge_budget" | "copies" | "quorum" => {
                root.set_policy(knobs);
            }
            other => unreachable!("knob `{other}` needs a restart or is not in the table"),
        }
        let text = format!("{} is now {}", knob.name, knob.human(value));
        self.root.instruments.journal.info(sim.now(), text);
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<(), ActionError> {
        let told = match (action.name, action.argument) {
            ("burst", Argument::Number(rps)) => {
                self.burst(sim, rps);
                format!(
                    "burst: {rps} more requests a second for {} s",
                    BURST_FOR.as_secs()
                )
            }
            (name, Argument::Node(number)) => {
                self.to_leaf(sim, name, self.leaf(action, number)?);
                format!("{name} leaf {number}")
            }
            (other, argument) => unreachable!("`{other}` with {argument:?} is not in the table"),
        };
        self.root.instruments.journal.warn(sim.now(), told);
        Ok(())
    }

    fn request(&mut self, sim: &Sim, outside: &Outside, reply: Reply) {
        outside::request(&self.root, sim, outside, reply);
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

    /// The leaf with this number from 1, as a place from 0.
    fn leaf(&self, action: &Action, number: u32) -> Result<usize, ActionError> {
        let (leaf, fan_out) = (number as usize - 1, self.cluster().fan_out);
        if leaf < fan_out {
            return Ok(leaf);
        }
        Err(ActionError::Argument {
            action: action.name,
            given: number.to_string(),
            reason: format!("the last leaf is {fan_out}"),
            form: format!("`{}={fan_out}`", action.name),
        })
    }

    fn to_leaf(&self, sim: &Sim, action: &str, leaf: usize) {
        let (cluster, net) = (self.cluster(), sim.net());
        match action {
            "slow" => cluster.set_slow(leaf, true),
            "recover" => cluster.set_slow(leaf, false),
            "crash" => cluster.hit(leaf).for_each(|replica| {
                sim.crash(replica.node);
                replica.lose_memory();
            }),
            "restart" => cluster.all_of(leaf).for_each(|replica| {
                if !sim.is_up(replica.node) {
                    sim.restart(replica.node);
                }
            }),
            "cut" => cluster
                .hit(leaf)
                .for_each(|replica| net.cut(cluster.root, replica.node)),
            "heal" => cluster
                .all_of(leaf)
                .for_each(|replica| net.heal(cluster.root, replica.node)),
            other => unreachable!("`{other}` is not in the table of actions on leaves"),
        }
    }

    fn burst(&self, sim: &Sim, rps: f64) {
        let root = Rc::clone(&self.root);
        root.rate.add_burst(rps);
        sim.spawn(async move {
            engine::sleep(BURST_FOR).await;
            root.rate.add_burst(-rps);
        });
    }

    fn warn_of_absent_straggler(&self, sim: &Sim) {
        let fan_out = self.cluster().fan_out;
        if let Some(straggler) = self.knobs.number("straggler")
            && straggler as usize > fan_out
        {
            let text = format!("nobody is slow: straggler is {straggler}, the last leaf {fan_out}");
            self.root.instruments.journal.warn(sim.now(), text);
        }
    }
}
