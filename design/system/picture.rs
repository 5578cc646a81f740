//! The picture: clients and machines, and who calls whom.

use super::component::Component;
use super::machine::{Machine, Standing};
use super::spec::{CLIENT, MACHINE};
use super::world::World;
use ddlab_labs::engine::{NodeId, Sim};
use ddlab_labs::workbench::drawing::Drawing;
use ddlab_labs::workbench::frame::{Frame, NodeState, NodeView};

/// Machines of a picture, at most.
const DRAWN_MAX: usize = 200;

pub fn fill(world: &World, sim: &Sim, frame: &mut Frame) {
    let mut drawing = Drawing::new(sim, frame);
    for client in &world.clients {
        let queue = client.requests.in_progress() as u32;
        drawing.node(
            client.node,
            NodeView {
                queue,
                ..NodeView::new(&*client.name, &CLIENT)
            },
        );
    }
    let mut left = DRAWN_MAX;
    for component in &world.components {
        let machines = component.machines();
        let there = machines.iter();
        let there = there.filter(|machine| machine.standing.get() != Standing::Out);
        for (nth, machine) in there.take(left).enumerate() {
            let view = view(component, machine);
            if nth == 0 {
                drawing.node(machine.node, view);
            } else {
                drawing.replica(machine.node, view);
            }
        }
        left = left.saturating_sub(machines.len());
    }
    if left == 0 {
        return drawing.flights();
    }
    for client in &world.clients {
        for edge in &client.calls {
            link(&mut drawing, client.node, &world.components[edge.to]);
        }
    }
    for component in &world.components {
        for edge in &component.calls {
            if let Some(first) = component.machines().first() {
                link(&mut drawing, first.node, &world.components[edge.to]);
            }
        }
    }
    drawing.flights();
}

/// To the first machine of a component, if it has one.
fn link(drawing: &mut Drawing<'_>, from: NodeId, to: &Component) {
    if let Some(first) = to.machines().first() {
        drawing.link(from, first.node);
    }
}

fn view(component: &Component, machine: &Machine) -> NodeView {
    let name = match component.machines().len() {
        1 => component.name.to_string(),
        _ => format!("{} {}", component.name, machine.number),
    };
    let state = match machine.standing.get() {
        Standing::Up if machine.is_slow() => NodeState::Slow,
        Standing::Up => NodeState::Up,
        Standing::Leaving => NodeState::Slow,
        Standing::Starting | Standing::Down | Standing::Out => NodeState::Down,
    };
    let badge = match machine.standing.get() {
        Standing::Starting => "starting".to_owned(),
        Standing::Up if machine.is_slow() => format!("{}x", machine.server.factor()),
        Standing::Leaving => "leaving".to_owned(),
        Standing::Up => component.does.title(machine).to_owned(),
        Standing::Down | Standing::Out => String::new(),
    };
    NodeView {
        state,
        load: component.does.load(machine),
        queue: machine.server.queue_len() as u32,
        badge,
        number: Some(machine.target),
        ..NodeView::new(name, &MACHINE)
    }
}
