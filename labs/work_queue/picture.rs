//! The picture: source, queue, workers, store and dead letters, as a screen draws them.

use super::pool::Pool;
use super::worker::{Standing, Worker};
use crate::engine::{self, NodeId, Sim};
use crate::workbench::frame::{Flight, FlightKind, Frame, LinkView, NodeState, NodeView, Role};

/// Messages in the picture, at most.
const FLIGHTS_MAX: usize = 300;
/// Places of the nodes that are always there; workers follow.
const SOURCE: u32 = 0;
const QUEUE: u32 = 1;
const STORE: u32 = 2;
const DEAD: u32 = 3;

pub fn fill(pool: &Pool, sim: &Sim, frame: &mut Frame) {
    let (plant, stock) = (pool.plant(), pool.broker.stock());
    let mut node = |name: &str, role, queue: usize, badge: String, group| {
        frame.nodes.push(NodeView {
            name: name.to_owned(),
            role,
            state: NodeState::Up,
            load: 0.0,
            queue: u32::try_from(queue).unwrap_or(u32::MAX),
            badge,
            group,
        });
    };
    let badge = |count: usize, word: &str| match count {
        0 => String::new(),
        count => format!("{count} {word}"),
    };
    node("source", Role::Source, 0, String::new(), 0);
    let leased = badge(stock.leased, "leased");
    node("queue", Role::Queue, stock.queued, leased, 1);
    node("store", Role::Store, 0, String::new(), 2);
    node("dead letters", Role::Queue, stock.dead, String::new(), 3);
    frame.links.push(link(SOURCE, QUEUE));
    frame.links.push(link(QUEUE, DEAD));

    let mut places: Vec<(NodeId, u32)> = vec![
        (plant.source, SOURCE),
        (plant.queue, QUEUE),
        (plant.store, STORE),
    ];
    for worker in pool.workers().iter() {
        if worker.standing.get() == Standing::Out {
            continue;
        }
        let place = frame.nodes.len() as u32;
        places.push((worker.node, place));
        frame.nodes.push(view(worker, sim));
        frame.links.push(link(QUEUE, place));
        frame.links.push(link(place, STORE));
    }
    places.sort_unstable();
    let flights = sim.net().flights(FLIGHTS_MAX).into_iter();
    frame.flights = flights
        .filter_map(|flight| seen(&flight, &places, sim))
        .collect();
}

fn link(from: u32, to: u32) -> LinkView {
    LinkView {
        from,
        to,
        cut: false,
    }
}

fn view(worker: &Worker, sim: &Sim) -> NodeView {
    let standing = worker.standing.get();
    let busy = worker.busy.get();
    NodeView {
        name: format!("worker {}", worker.number),
        role: Role::Worker,
        state: match standing {
            Standing::Down | Standing::Out | Standing::Starting => NodeState::Down,
            _ if sim.is_paused(worker.node) => NodeState::Paused,
            Standing::Up | Standing::Draining => NodeState::Up,
        },
        load: f64::from(u8::from(busy)),
        queue: worker.in_hand.get().saturating_sub(usize::from(busy)) as u32,
        badge: match standing {
            Standing::Starting => "starting",
            Standing::Draining => "leaving",
            Standing::Out | Standing::Up | Standing::Down => "",
        }
        .to_owned(),
        group: 4,
    }
}

fn seen(flight: &engine::Flight, places: &[(NodeId, u32)], sim: &Sim) -> Option<Flight> {
    let place = |node: NodeId| {
        let at = places.binary_search_by_key(&node, |(node, _)| *node).ok()?;
        Some(places[at].1)
    };
    Some(Flight {
        from: place(flight.from)?,
        to: place(flight.to)?,
        progress: flight.progress(sim.now()),
        kind: match flight.kind {
            engine::FlightKind::Request | engine::FlightKind::OneWay => FlightKind::Request,
            engine::FlightKind::Reply => FlightKind::Reply,
            engine::FlightKind::Error => FlightKind::Error,
            engine::FlightKind::Cancel => FlightKind::Cancel,
        },
    })
}
