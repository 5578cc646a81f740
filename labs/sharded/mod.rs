//! The sharded service lab: a proxy in front of cache shards, and a slow origin behind them.
//!
//! - [`pattern`]: who owns a key: the strategies, the code that learners read; [`tables`] has those
//!   that are tables;
//! - `theory`: what closed forms say of its figures;
//! - `table`: knobs, actions, metrics, requests, invariants;
//! - `keys`: the keys and their popularity;
//! - `fleet`: the shards as nodes, and the map; `shard` is one of them, with its `memory`, `origin` what is behind;
//! - `proxy`: takes requests in, measures; `access` is how it reads and writes, `hot` what it knows of
//!   hot keys; `request` is one request with its calls, `waterfall` draws it;
//! - `outside`: what somebody with a real client asks of the proxy; `texts` is what it wrote;
//! - `checks`: what must hold; `picture`: what a screen draws, `survey`: the map in it.

pub mod pattern;
pub mod tables;

mod access;
mod checks;
mod fleet;
mod hot;
mod keys;
mod memory;
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
mod texts;
mod theory;
mod waterfall;

use crate::workbench::prelude::*;
use crate::workbench::theory::Theory;
use fleet::ResizeError;
pub use fleet::StrategyName;
pub use keys::KeyId;
pub use memory::{Eviction, Memory};
use origin::Forgets;
use outside::Clients;
use pattern::ShardId;
use proxy::Proxy;
pub use shard::{Name, Version};
use table::{Act, Asked, Knobs, Turned};
pub use theory::hit_ratio;

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
    /// The members as a router reads them that starts later.
    list: fn(&mut Vec<ShardId>),
}

impl Tamper {
    const NONE: Self = Self {
        route: |_, owner| owner,
        forgets: |_| false,
        promises: |consistent| consistent,
        list: |_| {},
    };
}

pub struct Sharded {
    tamper: Tamper,
}

impl Lab for Sharded {
    fn spec(&self) -> &'static LabSpec {
        &table::SPEC
    }

    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab> {
        let knobs = Knobs::of(settings);
        let proxy = Proxy::new(&sim.handle(), &knobs, self.tamper);
        sim.spawn(Rc::clone(&proxy).serve());
        sim.spawn(Rc::clone(&proxy).watch());
        let running = Running {
            clients: Clients::of(&proxy),
            proxy,
            knobs,
        };
        running.warn_of_absent_celebrity(sim);
        Box::new(running)
    }

    fn theory(&self, settings: &Rc<Settings>) -> Vec<Theory> {
        theory::theory(&Knobs::of(settings))
    }
}

struct Running {
    proxy: Rc<Proxy>,
    clients: Rc<Clients>,
    knobs: Rc<Knobs>,
}

impl RunningLab for Running {
    fn turned(&mut self, sim: &Sim, knob: KnobId) {
        let (proxy, fleet) = (&self.proxy, &self.proxy.fleet);
        match Turned::of(knob) {
            Some(Turned::Skew) => proxy.keys.apply_skew(),
            Some(Turned::Celebrity) => self.warn_of_absent_celebrity(sim),
            Some(Turned::Rate) => proxy.rate.turned(),
            Some(Turned::Shards) => proxy.resize_to(self.knobs.shards.get()),
            Some(Turned::ShardSlots) => fleet.apply_slots(),
            Some(Turned::ShardMemory) => fleet.apply_memory(),
            Some(Turned::OriginSlots) => {
                let slots = Some(self.knobs.origin_slots.get());
                sim.enter(|| proxy.origin.server.set_slots(slots));
            }
            Some(Turned::Network) => proxy.apply_network(),
            Some(Turned::Mitigation) => proxy.hot.apply_mitigation(),
            None => {}
        }
    }

    fn act(&mut self, sim: &Sim, action: &Action) -> Result<Option<String>, ActionError> {
        match Act::of(action) {
            Act::AddShard => self.resized(action, "nothing", self.proxy.add_shard()),
            Act::RemoveShard(number) => {
                let id = number.map_or_else(|| self.newest(), ShardId);
                self.resized(action, &id.0.to_string(), self.proxy.remove_shard(id))
            }
            Act::Celebrity(number) => self.celebrity(action, number).map(Some),
            Act::Calm => {
                let nobody = self.knobs.celebrity_key.turn(&None);
                nobody.expect("`none` is a word of the celebrity");
                Ok(Some("nobody is a celebrity any more".to_owned()))
            }
            Act::Crash(number) => {
                let shard = self.proxy.fleet.shard(ShardId(number));
                sim.crash(shard.node);
                shard.memory.borrow_mut().clear();
                Ok(None)
            }
            Act::Cut(number) => {
                let shard = self.proxy.fleet.shard(ShardId(number));
                sim.net().cut(self.proxy.node, shard.node);
                Ok(None)
            }
            Act::Heal(number) => {
                let shard = self.proxy.fleet.shard(ShardId(number));
                sim.net().heal(self.proxy.node, shard.node);
                Ok(None)
            }
            Act::Restart(number) => {
                let shard = self.proxy.fleet.shard(ShardId(number));
                if !sim.is_up(shard.node) {
                    sim.restart(shard.node);
                }
                Ok(None)
            }
        }
    }

    fn numbers(&self, _: &'static Role) -> Vec<u32> {
        let members = self.proxy.fleet.members();
        let mut numbers: Vec<u32> = members.iter().map(|id| id.0).collect();
        numbers.sort_unstable();
        numbers
    }

    fn request(&mut self, _: &Sim, outside: &Outside, reply: Reply) {
        self.clients.request(Asked::of(outside), reply);
    }

    fn fill(&self, sim: &Sim, frame: &mut Frame) {
        picture::fill(&self.proxy, sim, frame);
    }

    fn instruments(&self) -> &Instruments {
        &self.proxy.instruments
    }
}

impl Running {
    fn newest(&self) -> ShardId {
        *self
            .proxy
            .fleet
            .members()
            .last()
            .expect("a map has a shard")
    }

    /// After an action that resized the map, the knob says how many shards there are.
    fn resized(
        &self,
        action: &Action,
        given: &str,
        done: Result<String, ResizeError>,
    ) -> Result<Option<String>, ActionError> {
        let done =
            done.map_err(|error| action.refused(given, error.to_string(), self.newest().0))?;
        let there = self.knobs.shards.turn(&self.proxy.fleet.members().len());
        there.expect("a map has as many shards as its knob allows");
        Ok(Some(done))
    }

    fn celebrity(&self, action: &Action, number: f64) -> Result<String, ActionError> {
        let keys = self.proxy.keys.len();
        if number.fract() != 0.0 || !(1.0..=keys as f64).contains(&number) {
            let reason = format!("keys are numbered from 1 to {keys}");
            return Err(action.refused(&number.to_string(), reason, 1));
        }
        let named = self.knobs.celebrity_key.turn(&Some(number as usize));
        named.expect("a key of the lab is in the range of the knob");
        Ok(format!("key {number} is a celebrity"))
    }

    fn warn_of_absent_celebrity(&self, sim: &Sim) {
        let keys = self.proxy.keys.len();
        if let Some(number) = self.knobs.celebrity_key.get()
            && number > keys
        {
            let text = format!("nobody is a celebrity: key {number} of {keys}");
            self.proxy.instruments.journal.warn(sim.now(), text);
        }
    }
}
