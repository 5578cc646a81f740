//! The picture: application, ambassador and instances, and the calls between them.

use super::breaker::State;
use super::instance::{Instance, SLOWNESS};
use super::table::{AMBASSADOR, APP, INSTANCE};
use super::world::World;
use crate::engine::Sim;
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeState, NodeView};

pub fn fill(world: &World, sim: &Sim, frame: &mut Frame) {
    let mut drawing = Drawing::new(sim, frame);
    let in_progress = world.checks.requests.in_progress() as u32;
    drawing.node(
        world.app,
        NodeView {
            queue: in_progress,
            ..NodeView::new("application", &APP)
        },
    );
    if world.ambassador != world.app {
        drawing.node(world.ambassador, NodeView::new("ambassador", &AMBASSADOR));
        drawing.link(world.app, world.ambassador);
    }
    for (place, instance) in world.instances.iter().enumerate() {
        drawing.node(
            instance.node,
            NodeView {
                state: if instance.slow.get() {
                    NodeState::Slow
                } else {
                    NodeState::Up
                },
                load: instance.load(),
                queue: instance.waiting() as u32,
                badge: badge(world, place, instance),
                ..NodeView::new(instance.name(), &INSTANCE)
            },
        );
        drawing.link(world.ambassador, instance.node);
    }
    drawing.flights();
}

fn badge(world: &World, place: usize, instance: &Instance) -> String {
    match world.checks.breaker(place) {
        State::Open => "breaker open".to_owned(),
        State::HalfOpen => "probed".to_owned(),
        State::Closed if world.mocked.get() => "mock".to_owned(),
        State::Closed if instance.is_warming(world.now()) => "cold".to_owned(),
        State::Closed if instance.slow.get() => format!("{SLOWNESS:.0}x"),
        State::Closed if instance.fail_ratio.get() > 0.0 => {
            format!("fails {:.0} %", 100.0 * instance.fail_ratio.get())
        }
        State::Closed => String::new(),
    }
}
