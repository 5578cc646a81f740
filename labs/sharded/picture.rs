//! The picture: proxy, shards and origin, as a screen draws them.

use super::fleet::{DEDICATED, shard_name};
use super::keys::KeyId;
use super::pattern::ShardId;
use super::proxy::Proxy;
use super::table::{ORIGIN, PROXY, SHARD};
use crate::engine::{self, NodeId, Server, Sim};
use crate::workbench::frame::{Flight, Frame, LinkView, NodeState, NodeView};
use crate::workbench::role::Role;
use crate::workbench::scene::{HOT_MAX, HotKeyView, OwnershipMap, Scene, ShardView, ShardsView};
use ddlab_text::whole_percent;
use std::collections::BTreeMap;

/// Messages in the picture, at most.
const FLIGHTS_MAX: usize = 300;

pub fn fill(proxy: &Proxy, sim: &Sim, frame: &mut Frame) {
    let mut places: BTreeMap<NodeId, u32> = BTreeMap::from([(proxy.node, 0)]);
    let hot = match proxy.hot.len() {
        0 => String::new(),
        1 => "1 hot key".to_owned(),
        several => format!("{several} hot keys"),
    };
    frame.nodes.push(NodeView {
        name: "proxy".to_owned(),
        role: &PROXY,
        state: NodeState::Up,
        load: 0.0,
        queue: proxy.in_progress() as u32,
        badge: hot,
        group: 0,
    });
    let mut shown = proxy.fleet.members();
    if proxy.dedicated_in_use() {
        shown.push(DEDICATED);
    }
    let map = proxy.survey.map();
    let total: u64 = shown.iter().map(|id| proxy.fleet.shard(*id).load()).sum();
    let mut shards = Vec::with_capacity(shown.len());
    for id in shown {
        let shard = proxy.fleet.shard(id);
        let badge = if total > 0 {
            whole_percent(shard.load() as f64 / total as f64)
        } else {
            String::new()
        };
        let view = node(sim, &shard_name(id), &SHARD, shard.node, &shard.desk);
        shards.push(ShardView {
            number: id.0,
            node: frame.nodes.len() as u32,
            load: shard.load() as f64 / total.max(1) as f64,
            owned: owned(&map, id),
            filled: shard.memory.borrow().filled(),
            hits: shard.hit_ratio(),
            joined: proxy.survey.joined() == Some(id),
        });
        add(frame, &mut places, shard.node, NodeView { badge, ..view });
    }
    frame.scene = Scene::Shards(ShardsView {
        shards,
        map,
        hot: hot_keys(proxy),
    });
    let (id, desk) = (proxy.origin.node, &proxy.origin.desk);
    let view = node(sim, "origin", &ORIGIN, id, desk);
    add(frame, &mut places, id, view);
    let flights = sim.net().flights(FLIGHTS_MAX);
    let seen = |flight: engine::Flight| seen(&flight, &places, sim);
    frame.flights = flights.into_iter().filter_map(seen).collect();
}

/// The share of the samples of the map that a shard owns.
fn owned(map: &OwnershipMap, id: ShardId) -> f64 {
    let samples = map.samples.iter();
    let of_shard = samples.filter(|sample| sample.owner == id.0).count();
    of_shard as f64 / map.samples.len().max(1) as f64
}

fn hot_keys(proxy: &Proxy) -> Vec<HotKeyView> {
    let hottest = proxy.hot.hottest().into_iter().take(HOT_MAX);
    let view = |(key, share): (KeyId, f64)| HotKeyView {
        number: key.number(),
        share,
        at: proxy.survey.place(proxy.keys.get(key), proxy.keys.len()),
        shards: proxy
            .homes(proxy.hot.scheme(key))
            .iter()
            .map(|id| id.0)
            .collect(),
    };
    hottest.map(view).collect()
}

fn node(sim: &Sim, name: &str, role: &'static Role, id: NodeId, desk: &Server) -> NodeView {
    let work = desk.busy() + desk.queue_len();
    NodeView {
        name: name.to_owned(),
        role,
        state: if sim.is_up(id) {
            NodeState::Up
        } else {
            NodeState::Down
        },
        load: work as f64 / desk.slots().unwrap_or(1).max(1) as f64,
        queue: desk.queue_len() as u32,
        badge: String::new(),
        group: 0,
    }
}

/// Adds a node that the proxy speaks to.
fn add(frame: &mut Frame, places: &mut BTreeMap<NodeId, u32>, id: NodeId, mut view: NodeView) {
    let place = frame.nodes.len() as u32;
    places.insert(id, place);
    view.group = place;
    frame.nodes.push(view);
    frame.links.push(LinkView {
        from: 0,
        to: place,
        cut: false,
    });
}

fn seen(flight: &engine::Flight, places: &BTreeMap<NodeId, u32>, sim: &Sim) -> Option<Flight> {
    Some(Flight {
        from: *places.get(&flight.from)?,
        to: *places.get(&flight.to)?,
        progress: flight.progress(sim.now()),
        kind: flight.kind.into(),
    })
}
