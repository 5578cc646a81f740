//! The picture: store, storage and candidates as nodes, and the timeline of beliefs.

use super::table;
use super::world::World;
use crate::engine::{self, NodeId};
use crate::workbench::frame::{Flight, Frame, LinkView, NodeState, NodeView};
use crate::workbench::scene::Scene;
use ddlab_text::exact;

/// Messages in the picture, at most.
const FLIGHTS_MAX: usize = 300;
/// Places of the nodes.
pub const STORE: u32 = 0;
pub const STORAGE: u32 = 1;
pub const FIRST_CANDIDATE: u32 = 2;

pub fn fill(world: &World, frame: &mut Frame) {
    frame.lanes = world.lanes.copy();
    frame.scene = Scene::Timeline;
    frame.nodes.push(NodeView {
        name: "lease store".to_owned(),
        role: &table::STORE,
        state: state(world, world.store, false),
        load: 0.0,
        queue: 0,
        badge: world.lease_server.holder().map_or_else(
            || "says nobody".to_owned(),
            |holder| format!("says {}", World::name(holder.who.candidate as usize)),
        ),
        group: 0,
    });
    let highest = world.warehouse.highest();
    frame.nodes.push(NodeView {
        name: "storage".to_owned(),
        role: &table::STORAGE,
        state: state(world, world.storage, false),
        load: 0.0,
        queue: 0,
        badge: match (highest, world.knobs.fencing.get()) {
            (Some(token), true) => format!("fence {token}"),
            (Some(token), false) => format!("no fence, saw {token}"),
            (None, _) => String::new(),
        },
        group: 0,
    });
    for candidate in 0..world.count() {
        push_candidate(world, candidate, frame);
    }
    let shown = frame.nodes.len();
    let flights = world.sim.net().flights(FLIGHTS_MAX);
    frame.flights = flights
        .into_iter()
        .filter_map(|flight| seen(world, &flight, shown))
        .collect();
}

fn push_candidate(world: &World, candidate: usize, frame: &mut Frame) {
    let (node, net) = (world.node(candidate), world.sim.net());
    let at = frame.nodes.len() as u32;
    let cuts = [world.store, world.storage].map(|peer| !net.passes(node, peer));
    for (to, cut) in [STORE, STORAGE].into_iter().zip(cuts) {
        frame.links.push(LinkView { from: at, to, cut });
    }
    let token = world.beliefs.token(candidate);
    let rate = world.rate(candidate);
    let mut words = Vec::new();
    if let Some(token) = token {
        words.push(format!("owner, {token}"));
    }
    if (rate - 1.0).abs() > f64::EPSILON {
        words.push(format!("clock {}x", exact(rate)));
    }
    frame.nodes.push(NodeView {
        name: World::name(candidate),
        role: &table::CANDIDATE,
        state: state(world, node, cuts.contains(&true)),
        load: if token.is_some() { 1.0 } else { 0.0 },
        queue: 0,
        badge: words.join(", "),
        group: candidate as u32 + 1,
    });
}

fn state(world: &World, node: NodeId, cut: bool) -> NodeState {
    match () {
        () if !world.sim.is_up(node) => NodeState::Down,
        () if world.sim.is_paused(node) => NodeState::Paused,
        () if cut => NodeState::Cut,
        () => NodeState::Up,
    }
}

/// The nodes were made in the order of the picture, the store first.
fn seen(world: &World, flight: &engine::Flight, shown: usize) -> Option<Flight> {
    let place = |node: NodeId| node.index().checked_sub(1).filter(|place| *place < shown);
    let (from, to) = (place(flight.from)?, place(flight.to)?);
    Some(Flight {
        from: from as u32,
        to: to as u32,
        progress: flight.progress(world.sim.now()),
        kind: flight.kind.into(),
    })
}
