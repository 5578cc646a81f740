//! The sharded service lab: a proxy in front of cache shards, and a slow origin behind them.
//!
//! - [`pattern`]: who owns a key: the strategies, the code that learners read; [`tables`] has those
//!   that are tables;
//! - `table`: knobs, actions, metrics, figures;
//! - `keys`: the keys and their popularity;
//! - `fleet`: the shards as nodes, and the map; `shard` is one of them, `origin` what is behind;
//! - `proxy`: takes requests in, measures; `access` is how it reads and writes, `hot` what it knows of
//!   hot keys; `request` is one request with its calls, `waterfall` draws it;
//! - `outside`: what somebody with a real client asks of the proxy;
//! - `checks`: what must hold; `meters`: what is measured; `picture`: what a screen draws, `survey`: the
//!   map in it.

pub mod pattern;
pub mod tables;

mod access;
mod checks;
mod fleet;
mod hot;
mod keys;
mod meters;
mod origin;
mod outside;
mod picture;
mod proxy;
mod request;
mod shard;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod waterfall;

use crate::engine::Sim;
use crate::workbench::action::{Action, ActionError, Argument};
use crate::workbench::frame::Frame;
use crate::workbench::instruments::Instruments;
use crate::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use crate::workbench::lab::{Lab, LabSpec, RunningLab};
use crate::workbench::outside::{Outside, Reply};
use fleet::{Fleet, ResizeError, shard_name};
use keys::KeyId;
use origin::Forgets;
use outside::Desk;
use pattern::ShardId;
use proxy::{Proxy, mitigation, span};
use std::rc::Rc;

/// The lab, for the registry.
pub static LAB: Sharded = Sharded {
    tamper: Tamper::NONE,
};

/// What may go wrong on purpose: nothing, but in tests that break the lab.
#[derive(Clone, Copy)]
pub struct Tamper {
    /// Where a request goes, in place of the owner.
    route: fn(request: u64, owner: ShardId) -> ShardId,
    /// The origin forgets this write.
    forgets: Forgets,
    /// Whether the strategy is held to moving no key between two shards that stay.
    promises: fn(consistent: bool) -> bool,
}

impl Tamper {
    const NONE: Self = Self {
        route: |_, owner| owner,
        forgets: |_| false,
        promises: |consistent| consistent,
    };
}

pub struct Sharded {
    tamper: Tamper,
}

impl Lab for Sharded {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, knobs: &KnobSettings) -> Box<dyn RunningLab> {
        let proxy = Proxy::new(&sim.handle(), knobs, self.tamper);
        sim.spawn(Rc::clone(&proxy).serve());
        sim.spawn(Rc::clone(&proxy).watch());
        let running = Running {
            desk: Desk::of(&proxy),
            proxy,
            knobs: knobs.clone(),
        };
        running.set_celebrity(sim);
        Box::new(running)
    }
}

struct Running {
    proxy: Rc<Proxy>,
    desk: Rc<Desk>,
    knobs: KnobSettings,
}

impl RunningLab for Running {
    fn set(&mut self, sim: &Sim, knob: &KnobSpec, value: &KnobValue) {
        self.knobs
            .set(knob.name, value.clone())
            .expect("whoever turns a knob has checked the value");
        let text = format!("{} is now {}", knob.name, knob.human(value));
        self.proxy.instruments.journal.info(sim.now(), text);
        let (proxy, fleet, knobs) = (&self.proxy, &self.proxy.fleet, &self.knobs);
        match knob.name {
            "arrival_rps" => proxy.arrival_rps.set(knobs.plain_number("arrival_rps")),
            "skew" => proxy.keys.set_skew(knobs.plain_number("skew")),
            "read_ratio" => proxy.read_ratio.set(knobs.plain_number("read_ratio")),
            "celebrity_key" => {
                proxy.keys.set_celebrity(None);
                self.set_celebrity(sim);
            }
            "celebrity_share" => self.set_celebrity(sim),
            "timeout" => proxy.timeout.set(span(knobs, "timeout")),
            "shards" => self.resize_to(sim, knobs.count("shards")),
            "bounded_load" => fleet.set_bound(knobs.number("bounded_load")),
            "shard_service" => fleet.set_service(knobs.distribution("shard_service")),
            "shard_slots" => fleet.set_slots(knobs.count("shard_slots")),
            "shard_memory" => fleet.set_memory(knobs.count("shard_memory")),
            "origin_service" => {
                let service = knobs.distribution("origin_service");
                proxy.origin.set_service(service);
            }
            "origin_slots" => {
                let slots = Some(knobs.count("origin_slots"));
                sim.enter(|| proxy.origin.desk.set_slots(slots));
            }
            "network" => proxy.set_network(knobs.distribution("network")),
            "mitigation" | "hot_copies" | "split_for" => {
                proxy.hot.set_mitigation(mitigation(knobs));
            }
            "hot_share" => proxy.hot.set_share(knobs.plain_number("hot_share")),
            "replica_lag" => *proxy.replica_lag.borrow_mut() = knobs.distribution("replica_lag"),
            "front_ttl" => proxy.front_ttl.set(span(knobs, "front_ttl")),
            other => unreachable!("knob `{other}` needs a restart or is not in the table"),
        }
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<(), ActionError> {
        let told = match (action.name, action.argument) {
            ("add_shard", _) => self.add(action)?,
            ("remove_shard", Argument::None) => self.remove(action, self.newest())?,
            ("remove_shard", Argument::Node(number)) => {
                self.remove(action, self.member(action, number)?)?
            }
            ("celebrity", Argument::Number(number)) => self.celebrity(action, number)?,
            ("calm", _) => {
                self.proxy.keys.set_celebrity(None);
                "nobody is a celebrity any more".to_owned()
            }
            (name @ ("crash" | "restart"), Argument::Node(number)) => {
                let id = self.member(action, number)?;
                self.to_shard(sim, name, id);
                format!("{name} {}", shard_name(id))
            }
            (other, argument) => unreachable!("`{other}` with {argument:?} is not in the table"),
        };
        if let Some((knob, value)) = self.turned_by(action) {
            let set = self.knobs.set(knob, value);
            set.expect("what an action did is within the range of its knob");
        }
        self.proxy.instruments.journal.warn(sim.now(), told);
        Ok(())
    }

    fn turned_by(&self, action: &Action) -> Option<(&'static str, KnobValue)> {
        match (action.name, action.argument) {
            ("add_shard" | "remove_shard", _) => {
                let count = self.proxy.fleet.members().len();
                Some(("shards", KnobValue::Number(count as f64)))
            }
            ("celebrity", Argument::Number(key)) => Some(("celebrity_key", KnobValue::Number(key))),
            ("calm", _) => Some(("celebrity_key", KnobValue::Word("none".to_owned()))),
            _ => None,
        }
    }

    fn request(&mut self, sim: &Sim, outside: &Outside, reply: Reply) {
        self.desk.request(sim, outside, reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.proxy, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.proxy.instruments
    }
}

impl Running {
    fn add(&self, action: &Action) -> Result<String, ActionError> {
        let added = self.proxy.resize(Fleet::add);
        let (id, moved) = added.map_err(|error| refused(action, "nothing", &error, 0))?;
        Ok(resized(id, "joined", moved))
    }

    fn remove(&self, action: &Action, id: ShardId) -> Result<String, ActionError> {
        let newest = self.newest();
        let removed = self.proxy.resize(|fleet| fleet.remove(id).map(|()| id));
        let given = id.0.to_string();
        let (id, moved) = removed.map_err(|error| refused(action, &given, &error, newest.0))?;
        Ok(resized(id, "left", moved))
    }

    fn newest(&self) -> ShardId {
        let members = self.proxy.fleet.members();
        *members.last().expect("a map has a shard")
    }

    fn member(&self, action: &Action, number: u32) -> Result<ShardId, ActionError> {
        let member = self.proxy.fleet.member(number);
        let newest = self.newest();
        member.map_err(|error| refused(action, &number.to_string(), &error, newest.0))
    }

    /// Shard by shard, as a fleet is resized; stops where the strategy does.
    fn resize_to(&self, sim: &Sim, count: usize) {
        let journal = &self.proxy.instruments.journal;
        while self.proxy.fleet.members().len() != count {
            let (newest, grows) = (self.newest(), self.proxy.fleet.members().len() < count);
            let done = if grows {
                self.proxy.resize(Fleet::add)
            } else {
                self.proxy
                    .resize(|fleet| fleet.remove(newest).map(|()| newest))
            };
            match done {
                Ok((id, moved)) => {
                    let what = if grows { "joined" } else { "left" };
                    journal.warn(sim.now(), resized(id, what, moved));
                }
                Err(error) => return journal.warn(sim.now(), error.to_string()),
            }
        }
    }

    fn to_shard(&self, sim: &Sim, action: &str, id: ShardId) {
        let shard = self.proxy.fleet.shard(id);
        match action {
            "crash" => {
                sim.crash(shard.node);
                shard.memory.borrow_mut().clear();
            }
            "restart" => {
                if !sim.is_up(shard.node) {
                    sim.restart(shard.node);
                }
            }
            other => unreachable!("`{other}` is not in the table of actions on shards"),
        }
    }

    fn celebrity(&self, action: &Action, number: f64) -> Result<String, ActionError> {
        let keys = &self.proxy.keys;
        let whole = number.fract() == 0.0 && (1.0..=keys.len() as f64).contains(&number);
        if !whole {
            return Err(ActionError::Argument {
                action: action.name,
                given: number.to_string(),
                reason: format!("keys are numbered from 1 to {}", keys.len()),
                form: format!("`{}=1`", action.name),
            });
        }
        keys.set_celebrity(Some(KeyId(number as u32 - 1)));
        Ok(format!("key {number} is a celebrity"))
    }

    fn set_celebrity(&self, sim: &Sim) {
        let (keys, journal) = (&self.proxy.keys, &self.proxy.instruments.journal);
        keys.set_celebrity_share(self.knobs.plain_number("celebrity_share"));
        let Some(number) = self.knobs.number("celebrity_key") else {
            return;
        };
        if number as usize > keys.len() {
            let text = format!("nobody is a celebrity: key {number} of {}", keys.len());
            return journal.warn(sim.now(), text);
        }
        keys.set_celebrity(Some(KeyId(number as u32 - 1)));
    }
}

fn resized(id: ShardId, what: &str, moved: f64) -> String {
    let percent = moved * 100.0;
    format!(
        "{} {what}: {percent:.1} % of the keys moved",
        shard_name(id)
    )
}

fn refused(action: &Action, given: &str, error: &ResizeError, newest: u32) -> ActionError {
    ActionError::Argument {
        action: action.name,
        given: given.to_owned(),
        reason: error.to_string(),
        form: format!("`{}={newest}`", action.name),
    }
}
