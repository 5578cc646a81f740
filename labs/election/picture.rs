//! The picture: store, storage and candidates as nodes, and the timeline of beliefs.

use super::table;
use super::world::World;
use crate::engine::Sim;
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeView};
use crate::workbench::scene::Scene;
use ddlab_text::exact;

/// Places of the nodes.
pub const STORE: u32 = 0;
pub const STORAGE: u32 = 1;
pub const FIRST_CANDIDATE: u32 = 2;

pub fn fill(world: &World, sim: &Sim, frame: &mut Frame) {
    frame.lanes = world.lanes.copy();
    frame.scene = Scene::Timeline;
    let mut drawing = Drawing::new(sim, frame);
    let badge = world.lease_server.holder().map_or_else(
        || "says nobody".to_owned(),
        |holder| format!("says {}", World::name(holder.who.candidate as usize)),
    );
    let store = NodeView::new("lease store", &table::STORE);
    drawing.node(world.store, NodeView { badge, ..store });
    let badge = match (world.warehouse.highest(), world.knobs.fencing.get()) {
        (Some(token), true) => format!("fence {token}"),
        (Some(token), false) => format!("no fence, saw {token}"),
        (None, _) => String::new(),
    };
    let storage = NodeView::new("storage", &table::STORAGE);
    drawing.node(world.storage, NodeView { badge, ..storage });
    for candidate in 0..world.count() {
        let node = world.node(candidate);
        drawing.node(node, view(world, candidate));
        drawing.link(node, world.store);
        drawing.link(node, world.storage);
    }
    drawing.flights();
}

fn view(world: &World, candidate: usize) -> NodeView {
    let (token, rate) = (world.beliefs.token(candidate), world.rate(candidate));
    let owns = token.map(|token| format!("owner, {token}"));
    let contact = world
        .beliefs
        .contact_of(candidate)
        .word()
        .map(str::to_owned);
    let clock = ((rate - 1.0).abs() > f64::EPSILON).then(|| format!("clock {}x", exact(rate)));
    let owning = owns.is_some();
    let badge: Vec<String> = [owns, contact, clock].into_iter().flatten().collect();
    NodeView {
        load: f64::from(u8::from(owning)),
        badge: badge.join(", "),
        ..NodeView::new(World::name(candidate), &table::CANDIDATE)
    }
}
