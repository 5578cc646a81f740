//! The picture: client and server, as a screen draws them.

use super::table::{CLIENT, SERVER};
use super::world::World;
use crate::engine::Sim;
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeView};

pub fn fill(world: &World, sim: &Sim, frame: &mut Frame) {
    let mut drawing = Drawing::new(sim, frame);
    let queue = world.in_progress.get();
    let client = NodeView::new("client", &CLIENT);
    drawing.node(world.client, NodeView { queue, ..client });
    drawing.node(world.server, NodeView::new("server 1", &SERVER));
    drawing.link(world.client, world.server);
    drawing.flights();
}
