//! The picture: balancer, replicas and the database, as a screen draws them.

use super::front::Front;
use super::replica::{Replica, Standing};
use super::table::{BALANCER, DATABASE, REPLICA};
use crate::engine::Sim;
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeState, NodeView};

pub fn fill(front: &Front, sim: &Sim, frame: &mut Frame) {
    let mut drawing = Drawing::new(sim, frame);
    drawing.fixture(NodeView {
        queue: front.world.checks.requests.in_progress() as u32,
        ..NodeView::new("balancer", &BALANCER)
    });
    for replica in front.fleet.replicas().iter() {
        drawing.fixture(NodeView {
            state: state(replica, front.fleet.balancer.borrow().has(replica.number)),
            load: replica.load(),
            queue: replica.waiting() as u32,
            badge: badge(replica).to_owned(),
            number: Some(replica.number),
            ..NodeView::new(format!("replica {}", replica.number), &REPLICA)
        });
    }
    let up = front.world.database_up.get();
    drawing.fixture(NodeView {
        state: if up { NodeState::Up } else { NodeState::Down },
        badge: if up { "" } else { "answers nobody" }.to_owned(),
        ..NodeView::new("database", &DATABASE)
    });
}

fn state(replica: &Replica, known_to_the_balancer: bool) -> NodeState {
    match replica.standing.get() {
        Standing::Starting | Standing::Down | Standing::Gone => NodeState::Down,
        _ if !known_to_the_balancer => NodeState::Cut,
        _ if replica.slow.get() => NodeState::Slow,
        Standing::Up | Standing::Leaving | Standing::Closing => NodeState::Up,
    }
}

fn badge(replica: &Replica) -> &'static str {
    match replica.standing.get() {
        Standing::Starting => "starting",
        Standing::Up if !replica.ready.get() => "not ready",
        Standing::Leaving => "leaving",
        Standing::Closing => "draining",
        Standing::Up | Standing::Down | Standing::Gone => "",
    }
}
