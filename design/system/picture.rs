//! The picture: clients and machines, and who calls whom.

use super::component::Component;
use super::machine::{Machine, Standing};
use super::spec::{CLIENT, MACHINE};
use super::world::World;
use ddlab_labs::engine::Sim;
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
        for (nth, machine) in component.machines.iter().take(left).enumerate() {
            let view = view(component, machine);
            if nth == 0 {
                drawing.node(machine.node, view);
            } else {
                drawing.replica(machine.node, view);
            }
        }
        left = left.saturating_sub(component.machines.len());
    }
    if left == 0 {
        return drawing.flights();
    }
    for client in &world.clients {
        for edge in &client.calls {
            drawing.link(client.node, world.components[edge.to].machines[0].node);
        }
    }
    for component in &world.components {
        for edge in &component.calls {
            let to = &world.components[edge.to];
            drawing.link(component.machines[0].node, to.machines[0].node);
        }
    }
    drawing.flights();
}

fn view(component: &Component, machine: &Machine) -> NodeView {
    let name = match component.machines.len() {
        1 => component.name.to_string(),
        _ => format!("{} {}", component.name, machine.number),
    };
    let state = match machine.standing.get() {
        Standing::Up if machine.is_slow() => NodeState::Slow,
        Standing::Up => NodeState::Up,
        Standing::Starting | Standing::Down => NodeState::Down,
    };
    let badge = match machine.standing.get() {
        Standing::Starting => "starting".to_owned(),
        Standing::Up if machine.is_slow() => format!("{}x", machine.server.factor()),
        Standing::Up | Standing::Down => String::new(),
    };
    NodeView {
        state,
        load: machine.server.load(),
        queue: machine.server.queue_len() as u32,
        badge,
        number: Some(machine.target),
        ..NodeView::new(name, &MACHINE)
    }
}
