//! The picture: root, leaves and messages, as a screen draws them.

use super::cluster::Cluster;
use super::replica::{Replica, TWIN_TAG, replica_name};
use super::table::{LEAF, ROOT};
use crate::engine::{self, Sim};
use crate::workbench::frame::{Flight, FlightKind, Frame, LinkView, NodeState, NodeView};
use ddlab_text::exact;

/// Replicas in the picture, at most: more than any screen shows at once.
const NODES_MAX: usize = 1_000;
/// Messages in the picture, at most.
const FLIGHTS_MAX: usize = 300;

pub fn fill(cluster: &Cluster, sim: &Sim, in_progress: usize, frame: &mut Frame) {
    let leaves = cluster.fan_out.min(NODES_MAX / cluster.replicas);
    let badge = match cluster.fan_out - leaves {
        0 => String::new(),
        hidden => format!("+{hidden} leaves not drawn"),
    };
    frame.nodes.push(NodeView {
        name: "root".to_owned(),
        role: &ROOT,
        state: NodeState::Up,
        load: 0.0,
        queue: in_progress as u32,
        badge,
        group: 0,
    });
    for leaf in 0..leaves {
        for number in 0..cluster.replicas {
            let replica = cluster.replica(leaf, number);
            let at = frame.nodes.len() as u32;
            let cut = !sim.net().passes(cluster.root, replica.node);
            frame.links.push(LinkView {
                from: 0,
                to: at,
                cut,
            });
            frame.nodes.push(NodeView {
                name: replica_name(leaf, number, cluster.replicas),
                role: &LEAF,
                state: match () {
                    () if !sim.is_up(replica.node) => NodeState::Down,
                    () if cut => NodeState::Cut,
                    () if replica.is_slow() => NodeState::Slow,
                    () => NodeState::Up,
                },
                load: load(replica),
                queue: replica.desk.queue_len() as u32,
                badge: if replica.is_slow() {
                    format!("{}x", exact(replica.desk.factor()))
                } else {
                    String::new()
                },
                group: leaf as u32 + 1,
            });
        }
    }
    let shown = frame.nodes.len();
    frame.flights = sim
        .net()
        .flights(FLIGHTS_MAX)
        .into_iter()
        .filter_map(|flight| seen(&flight, shown, sim))
        .collect();
}

/// Slots in use and work that waits, over slots; of an unlimited replica, searches over eight, so
/// that its bar still moves.
fn load(replica: &Replica) -> f64 {
    let work = replica.desk.busy() + replica.desk.queue_len();
    work as f64 / replica.desk.slots().unwrap_or(8).max(1) as f64
}

/// The nodes were made in the order of the picture, the root first.
fn seen(flight: &engine::Flight, shown: usize, sim: &Sim) -> Option<Flight> {
    let place = |node: engine::NodeId| node.index().checked_sub(1).filter(|place| *place < shown);
    Some(Flight {
        from: place(flight.from)? as u32,
        to: place(flight.to)? as u32,
        progress: flight.progress(sim.now()),
        kind: match (flight.kind, flight.tag) {
            (engine::FlightKind::Request, tag) if tag != 0 => FlightKind::Hedge,
            (engine::FlightKind::OneWay, TWIN_TAG) => FlightKind::Cancel,
            (kind, _) => kind.into(),
        },
    })
}
