//! The picture: root, leaves and messages, as a screen draws them.

use super::cluster::Cluster;
use super::replica::{Replica, TWIN_TAG, replica_name};
use super::table::{LEAF, ROOT};
use crate::engine::{self, Sim};
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{FlightKind, Frame, NodeState, NodeView};
use ddlab_text::exact;

/// Replicas in the picture, at most: more than any screen shows at once.
const NODES_MAX: usize = 1_000;

pub fn fill(cluster: &Cluster, sim: &Sim, in_progress: usize, frame: &mut Frame) {
    let mut drawing = Drawing::new(sim, frame);
    let leaves = cluster.fan_out.min(NODES_MAX / cluster.replicas);
    let badge = match cluster.fan_out - leaves {
        0 => String::new(),
        hidden => format!("+{hidden} leaves not drawn"),
    };
    let queue = in_progress as u32;
    let root = NodeView::new("root", &ROOT);
    drawing.node(
        cluster.root,
        NodeView {
            queue,
            badge,
            ..root
        },
    );
    for leaf in 0..leaves {
        for number in 0..cluster.replicas {
            let replica = cluster.replica(leaf, number);
            let name = replica_name(leaf, number, cluster.replicas);
            let view = view(replica, name, cluster.may_be_asked(leaf, number));
            match number {
                0 => drawing.node(replica.node, view),
                _ => drawing.replica(replica.node, view),
            };
            drawing.link(cluster.root, replica.node);
        }
    }
    drawing.flights_of(|flight| match (flight.kind, flight.tag) {
        (engine::FlightKind::Request, tag) if tag != 0 => FlightKind::Hedge,
        (engine::FlightKind::OneWay, TWIN_TAG) => FlightKind::Cancel,
        (kind, _) => kind.into(),
    });
}

fn view(replica: &Replica, name: String, may_be_asked: bool) -> NodeView {
    let view = NodeView {
        load: load(replica),
        queue: replica.server.queue_len() as u32,
        ..NodeView::new(name, &LEAF)
    };
    if !may_be_asked {
        let badge = "not asked".to_owned();
        return NodeView { badge, ..view };
    }
    if !replica.is_slow() {
        return view;
    }
    NodeView {
        state: NodeState::Slow,
        badge: format!("{}x", exact(replica.server.factor())),
        ..view
    }
}

/// Slots in use and work that waits, over slots; of an unlimited replica, searches over eight, so
/// that its bar still moves.
fn load(replica: &Replica) -> f64 {
    let work = replica.server.busy() + replica.server.queue_len();
    work as f64 / replica.server.slots().unwrap_or(8).max(1) as f64
}
