//! A cache: shards that each own a part of the keys, before an origin, with the maps and the memory of the sharded
//! service; and a [CDN](cdn), where each place remembers what its own users ask for.

pub mod cdn;
mod store;

use super::{Calls, Kind};
use crate::format::require::Figure;
use crate::format::{self, number};
use crate::system::call::{Answer, Ask};
use crate::system::component::{Component, Picked};
use crate::system::machine::Machine;
use crate::system::work::{Here, Mishap, Stand, Start, Work};
use crate::system::world::World;
use crate::theory::{Flow, Load, Station};
use ddlab_labs::engine::{self, Draw, Purpose, Source as _};
use ddlab_labs::knobs;
use ddlab_labs::sharded::pattern::{CannotResize, Key, ShardId, Strategy, Weights};
use ddlab_labs::sharded::{Eviction, StrategyName};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use std::cell::RefCell;
use store::{CacheMeters, FIGURES, Room, Store, passed_on};

knobs! {
    pub struct Knobs;
    pub enum Turned { Shards, Slots, Memory }

    "cache" {
        /// machines, each of which owns a part of the keys
        shards: usize = count(5, 1, 200).essential() => Shards;
        /// how the owner of a key is found
        strategy: StrategyName = choice().restarts().essential();
        /// ring: points that each machine has on it
        vnodes: usize = count(100, 1, 1_000).restarts();
        /// different keys that are asked for
        keys: usize = count(10_000, 1, 1_000_000).restarts().essential();
        /// how much more some keys are asked for than others: the exponent of Zipf's law, 0 for all the same
        skew: f64 = quantity("", 0.99, 0.0, 3.0).in_steps_of(0.05).restarts();
        /// keys that a machine remembers before it evicts
        memory: usize = count(4_000, 1, 1_000_000).essential() => Memory;
        /// a full machine evicts the least recently used of all, of five at random, or of that size
        eviction: Eviction = choice() => Memory;
        /// machines that each key is read from: its owner and those next in line; a write takes away all copies
        copies: usize = count(1, 1, 20);
        /// how long an entry lives
        ttl: Option<Duration> = duration("10s", "1ms", "1h").starting_at("off") => Memory;
        /// requests that a machine works on at once; more wait in line
        slots: usize = count(1, 1, 1_000) => Slots;
        /// how long a machine works on a request, without what it fetches
        work: Distribution = distribution("exp:1ms");
        /// requests that may wait in line at a machine; more are refused at once
        shed: Option<usize> = count(1_000, 0, 100_000).or("off");
        /// from the death of a machine until it serves again, with nothing in its memory
        cold_start: Distribution = distribution("const:20s");
    }
}

const HOT_KEY: Mishap = Mishap {
    word: "hot_key",
    help: "more than half of what the cache is asked for is one key",
    ends: Some("hot_key_over"),
};

#[derive(Debug)]
pub struct Cache;

impl Kind for Cache {
    fn word(&self) -> &'static str {
        "cache"
    }

    fn help(&self) -> &'static str {
        "shards that each remember some of their keys, and fetch the others from the `origin`"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("[/", "/]")
    }

    fn calls(&self) -> Calls {
        Calls::One("origin")
    }

    fn machine(&self) -> &'static str {
        "shard"
    }

    fn machines(&self, settings: &KnobSettings) -> usize {
        number(settings, "shards").map_or(1, |shards| shards as usize)
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        CacheMeters::specs(component, chart)
    }

    fn mishaps(&self) -> &'static [Mishap] {
        &[HOT_KEY]
    }

    fn station(&self, load: &Load<'_>) -> Station {
        Station::of(load.each_machine(), load.part("slots"), load.time("work"))
            .then(load.share_passed_on() * load.others_ms)
            .doubted("the busiest shard has more than its part, and a cold memory misses more")
    }

    /// Che's approximation, once the memory is warm; and all writes.
    fn passes_on(&self, component: &format::Component, flow: Flow) -> f64 {
        let memory = number(&component.settings, "memory").unwrap_or_default() as usize;
        passed_on(component, memory * component.replicas(), flow)
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        Rc::new(Shards::new(start))
    }
}

struct Shards {
    knobs: Rc<Knobs>,
    map: RefCell<Box<dyn Strategy>>,
    keys: Vec<Key>,
    which_copy: Purpose,
    store: Store,
}

impl Work for Shards {
    fn slots(&self) -> Option<usize> {
        Some(self.knobs.slots.get())
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        stand.answers(self, Self::answer);
    }

    /// One of those that the key is read from: its owner, or who takes over while that is gone, and the next in line.
    fn pick(&self, component: &Component, ask: &Ask) -> Option<Picked> {
        let (map, key) = (self.map.borrow(), &self.keys[self.store.key(ask)]);
        let copies = self.knobs.copies.get() as u64;
        let one = copies == 1 || ask.write;
        let owner = component.machine(map.owner(key).0);
        if one && component.is_listed(&owner) {
            return Some((owner, None));
        }
        let machines = map.in_line(key).map(|shard| component.machine(shard.0));
        let mut there = machines.filter(|machine| component.is_listed(machine));
        if one {
            return Some((there.next()?, None));
        }
        let holders: Vec<Rc<Machine>> = there.take(copies as usize).collect();
        let count = holders.len() as u64;
        let which = (count > 0).then(|| self.which_copy.draw(&[ask.key]).below(count))?;
        Some((Rc::clone(&holders[which as usize]), None))
    }

    fn restart(&self, luck: &mut Draw) -> Duration {
        self.knobs.cold_start.borrow().sample(luck)
    }

    fn size(&self) -> Option<usize> {
        Some(self.knobs.shards.get())
    }

    fn turned(&self) {
        self.store.set_room(room(&self.knobs));
    }

    fn befalls(&self, _: &World, _: &Machine, _: &Mishap, begins: bool) -> String {
        self.store.hot.set(begins);
        let what = if begins {
            "more than half of"
        } else {
            "no more than usual of"
        };
        format!("is asked for one key in {what} its requests")
    }

    /// A process that died has lost its memory.
    fn fell(self: Rc<Self>, _: &Rc<World>, _: &Component, machine: &Rc<Machine>) {
        self.store.forget(machine);
    }

    /// A new one gets its part of the keys when it is known to serve, with nothing in its memory.
    fn rose(self: Rc<Self>, world: &Rc<World>, component: &Component, machine: &Rc<Machine>) {
        if self.owns(machine) {
            return;
        }
        self.store.grow(&world.sim, machine.number as usize);
        let (world, machine, place) = (Rc::clone(world), Rc::clone(machine), component.place);
        let sim = world.sim.clone();
        sim.spawn(async move {
            engine::sleep(self.endpoints_lag()).await;
            if machine.stays() && !self.owns(&machine) {
                let added = self.map.borrow_mut().add(ShardId(machine.number));
                self.resized(&world, &world.components[place], added);
            }
        });
    }

    /// What it remembers goes with it.
    fn leaves(self: Rc<Self>, world: &Rc<World>, component: &Component, machine: &Rc<Machine>) {
        if self.owns(machine) {
            let removed = self.map.borrow_mut().remove(ShardId(machine.number));
            self.resized(world, component, removed);
        }
        self.store.forget(machine);
        machine.has_left();
    }
}

fn room(knobs: &Knobs) -> Room {
    Room {
        keys: knobs.memory.get(),
        eviction: knobs.eviction.get(),
        ttl: knobs.ttl.get(),
        copies: knobs.copies.get(),
    }
}

impl Shards {
    fn new(start: &Start<'_>) -> Self {
        let (sim, name) = (&start.base.sim, &start.component.name);
        let knobs = Knobs::of(start.own);
        let shards: Vec<ShardId> = (1..=start.component.replicas() as u32)
            .map(ShardId)
            .collect();
        let (keys, vnodes) = (knobs.keys.get(), knobs.vnodes.get());
        let names = sim.purpose(&format!("{name} names"));
        let key = |place: u64| Key::new(place, &names.draw(&[place]).next_u64().to_string());
        // Names depend on the seed, so another seed is another map.
        let fleet = format!("{name}{}", sim.seed());
        let strategy = knobs.strategy.get();
        let map = strategy.map(&fleet, &shards, vnodes, Weights::default(), keys);
        Self {
            map: RefCell::new(map),
            keys: (0..keys as u64).map(key).collect(),
            which_copy: sim.purpose(&format!("{name} copy")),
            store: Store::new(start, keys, knobs.skew.get(), room(&knobs)),
            knobs,
        }
    }

    /// It is in the map.
    fn owns(&self, machine: &Machine) -> bool {
        let map = self.map.borrow();
        map.shards().contains(&ShardId(machine.number))
    }

    fn resized(&self, world: &World, component: &Component, done: Result<(), CannotResize>) {
        let (name, shards) = (&component.name, self.map.borrow().shards().len());
        match done {
            Ok(()) => world.info(format!("{name} is a map of {shards} shards now")),
            Err(why) => world.warn(format!("{name} stays a map of {shards} shards: {why}")),
        }
    }

    async fn answer(&self, here: Here<'_>) -> Answer {
        if here.is_line_full(self.knobs.shed.get()) {
            return Answer::Shed;
        }
        let takes = self.knobs.work.borrow().sample(&mut here.luck());
        here.machine.server.serve(takes).await;
        self.store.answer(here).await
    }
}
