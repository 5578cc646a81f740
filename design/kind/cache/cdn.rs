//! A content delivery network: places near the users, each of which remembers what its own users ask for.

use super::store::{CacheMeters, FIGURES, Room, Store, passed_on};
use crate::format::require::Figure;
use crate::format::{self, number};
use crate::kind::{Calls, Kind};
use crate::system::call::{Answer, Ask};
use crate::system::component::{Component, Picked};
use crate::system::machine::Machine;
use crate::system::work::{Here, Stand, Start, Work};
use crate::system::world::World;
use crate::theory::{Flow, Load, Station};
use ddlab_labs::engine::Draw;
use ddlab_labs::knobs;
use ddlab_labs::sharded::Eviction;
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;

knobs! {
    pub struct Knobs;
    pub enum Turned { Memory }

    "cdn" {
        /// places, each with the users that are near it
        edges: usize = count(10, 1, 200).restarts().essential();
        /// different objects that are asked for
        keys: usize = count(100_000, 1, 1_000_000).restarts().essential();
        /// how much more some objects are asked for than others: the exponent of Zipf's law, 0 for all the same
        skew: f64 = quantity("", 0.99, 0.0, 3.0).in_steps_of(0.05).restarts();
        /// objects that a place remembers; the least recently used goes first
        memory: usize = count(10_000, 1, 1_000_000).essential() => Memory;
        /// how long an object is fresh; a write takes away the copy of the place that it came by, and no other
        ttl: Option<Duration> = duration("1m", "1ms", "24h").or("off").essential() => Memory;
        /// how long a place takes to answer what it remembers
        latency: Distribution = distribution("exp:5ms");
        /// from the outage of a place until it serves again, with nothing in its memory
        cold_start: Distribution = distribution("const:1m");
    }
}

#[derive(Debug)]
pub struct Cdn;

impl Kind for Cdn {
    fn word(&self) -> &'static str {
        "cdn"
    }

    fn help(&self) -> &'static str {
        "places of a content delivery network, which remember what their users ask for, and fetch the rest from the `origin`"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("((", "))")
    }

    fn calls(&self) -> Calls {
        Calls::One("origin")
    }

    fn machine(&self) -> &'static str {
        "edge"
    }

    fn machines(&self, settings: &KnobSettings) -> usize {
        number(settings, "edges").map_or(1, |edges| edges as usize)
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        CacheMeters::specs(component, chart)
    }

    fn station(&self, load: &Load<'_>) -> Station {
        let station = Station::without_line(load.flow.rps, load.time("latency"));
        let station = station.then(load.share_passed_on() * load.others_ms);
        if load.component.settings.value("ttl").to_string() == "off" {
            return station;
        }
        station.doubted("objects end by their age, so it misses more")
    }

    /// Che's approximation at each place, once it is warm and nothing ends by its age; and all writes.
    fn passes_on(&self, component: &format::Component, flow: Flow) -> f64 {
        let memory = number(&component.settings, "memory").unwrap_or_default() as usize;
        passed_on(component, memory, flow)
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        let knobs = Knobs::of(start.own);
        let store = Store::new(start, knobs.keys.get(), knobs.skew.get(), room(&knobs));
        Rc::new(Edges { knobs, store })
    }
}

struct Edges {
    knobs: Rc<Knobs>,
    store: Store,
}

fn room(knobs: &Knobs) -> Room {
    Room {
        keys: knobs.memory.get(),
        eviction: Eviction::Lru,
        ttl: knobs.ttl.get(),
        copies: 1,
    }
}

impl Work for Edges {
    fn slots(&self) -> Option<usize> {
        None
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        stand.answers(self, Self::answer);
    }

    /// The place that is near the user, or the next one while that is gone.
    fn pick(&self, component: &Component, ask: &Ask) -> Option<Picked> {
        let edges = component.machines();
        let near = (ask.user % edges.len() as u64) as usize;
        let mut in_turn = edges[near..].iter().chain(&edges[..near]);
        let there = in_turn.find(|edge| component.is_listed(edge))?;
        Some((Rc::clone(there), None))
    }

    fn restart(&self, luck: &mut Draw) -> Duration {
        self.knobs.cold_start.borrow().sample(luck)
    }

    fn turned(&self) {
        self.store.set_room(room(&self.knobs));
    }

    fn fell(self: Rc<Self>, _: &Rc<World>, _: &Component, machine: &Rc<Machine>) {
        self.store.forget(machine);
    }
}

impl Edges {
    async fn answer(&self, here: Here<'_>) -> Answer {
        let takes = self.knobs.latency.borrow().sample(&mut here.luck());
        here.machine.server.serve(takes).await;
        self.store.answer(here).await
    }
}
