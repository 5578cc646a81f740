//! The picture: the monitor and the services, each with its dialect and with what the board shows of it.

use super::table::{ADAPTERS, MONITOR, SERVICE};
use super::world::World;
use crate::engine::Sim;
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeState, NodeView};

pub fn fill(world: &World, sim: &Sim, frame: &mut Frame) {
    let mut drawing = Drawing::new(sim, frame);
    let state = |up: bool| if up { NodeState::Up } else { NodeState::Down };
    drawing.fixture(NodeView {
        badge: format!("{} series", world.meters.series.level() as u64),
        ..NodeView::new("monitor", &MONITOR)
    });
    for service in &world.services {
        let shown = world.shown(service);
        let rps = shown
            .rps
            .map_or("no number".to_owned(), |rps| format!("{rps:.0} rps"));
        let dialect = format!("{:?}", service.dialect).to_lowercase();
        drawing.fixture(NodeView {
            state: state(service.up.get()),
            badge: format!("{dialect}, {rps}"),
            number: Some(service.number),
            ..NodeView::new(format!("service {}", service.number), &SERVICE)
        });
    }
    if world.knobs.adapter.get() {
        drawing.fixture(NodeView {
            state: state(world.adapters_up.get()),
            ..NodeView::new("adapters", &ADAPTERS)
        });
    }
}
