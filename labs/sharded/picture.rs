//! The picture: proxy, shards and origin, as a screen draws them.

use super::fleet::{DEDICATED, shard_name};
use super::proxy::Proxy;
use crate::engine::{self, NodeId, Server, Sim};
use crate::workbench::frame::{Flight, FlightKind, Frame, LinkView, NodeState, NodeView, Role};
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
        role: Role::Proxy,
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
    let total: u64 = shown.iter().map(|id| proxy.fleet.shard(*id).load()).sum();
    for id in shown {
        let shard = proxy.fleet.shard(id);
        let badge = if total > 0 {
            format!("{:.0} %", shard.load() as f64 * 100.0 / total as f64)
        } else {
            String::new()
        };
        let view = node(sim, &shard_name(id), Role::Shard, shard.node, &shard.desk);
        add(frame, &mut places, shard.node, NodeView { badge, ..view });
    }
    let (id, desk) = (proxy.origin.node, &proxy.origin.desk);
    let view = node(sim, "origin", Role::Origin, id, desk);
    add(frame, &mut places, id, view);
    let flights = sim.net().flights(FLIGHTS_MAX);
    let seen = |flight: engine::Flight| seen(&flight, &places, sim);
    frame.flights = flights.into_iter().filter_map(seen).collect();
}

fn node(sim: &Sim, name: &str, role: Role, id: NodeId, desk: &Server) -> NodeView {
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
        kind: match flight.kind {
            engine::FlightKind::Request | engine::FlightKind::OneWay => FlightKind::Request,
            engine::FlightKind::Reply => FlightKind::Reply,
            engine::FlightKind::Error => FlightKind::Error,
            engine::FlightKind::Cancel => FlightKind::Cancel,
        },
    })
}
