//! The picture: source, queue, workers, store and dead letters, as a screen draws them.

use super::pool::Pool;
use super::worker::{Standing, Task, Worker};
use super::{scaling, table};
use crate::engine::{self, NodeId, Sim, SimTime};
use crate::workbench::frame::{Flight, Frame, LinkView, NodeState, NodeView};
use crate::workbench::role::Role;
use crate::workbench::scene::{
    BeltView, FRONT_MAX, ScalerView, Scene, TaskView, WorkerStanding, WorkerView,
};

/// Messages in the picture, at most.
const FLIGHTS_MAX: usize = 300;
/// Places of the nodes that are always there; workers follow.
const SOURCE: u32 = 0;
const QUEUE: u32 = 1;
const STORE: u32 = 2;
const DEAD: u32 = 3;
const FIRST_WORKER: u32 = 4;

pub fn fill(pool: &Pool, sim: &Sim, frame: &mut Frame) {
    let (world, stock) = (pool.world(), pool.broker.stock());
    let mut node = |name: &str, role: &'static Role, queue: usize, badge: String, group| {
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
    node("source", &table::SOURCE, 0, String::new(), 0);
    let leased = badge(stock.leased, "leased");
    node("queue", &table::QUEUE, stock.queued, leased, 1);
    node("store", &table::STORE, 0, String::new(), 2);
    node("dead letters", &table::QUEUE, stock.dead, String::new(), 3);
    frame.links.push(link(SOURCE, QUEUE));
    frame.links.push(link(QUEUE, DEAD));

    let mut places: Vec<(NodeId, u32)> = vec![
        (world.source, SOURCE),
        (world.queue, QUEUE),
        (world.store, STORE),
    ];
    let mut workers = Vec::new();
    for worker in pool.workers().iter() {
        if worker.standing.get() == Standing::Out {
            continue;
        }
        let place = frame.nodes.len() as u32;
        places.push((worker.node, place));
        workers.push(at_work(worker, place, pool, sim));
        frame.nodes.push(view(worker, sim));
        frame.links.push(link(QUEUE, place));
        frame.links.push(link(place, STORE));
    }
    frame.scene = Scene::Belt(belt(pool, workers));
    places.sort_unstable();
    let flights = sim.net().flights(FLIGHTS_MAX).into_iter();
    frame.flights = flights
        .filter_map(|flight| seen(&flight, &places, sim))
        .collect();
}

fn belt(pool: &Pool, workers: Vec<WorkerView>) -> BeltView {
    let (world, stock) = (pool.world(), pool.broker.stock());
    let (knobs, meters) = (&world.knobs, &world.meters);
    let (front, waiting) = pool.broker.in_line(FRONT_MAX);
    let arriving_rps = world.rate.rps();
    let (mean, bounds) = (knobs.service.borrow().mean(), knobs.scale_bounds());
    let scaler = knobs.scale_by().map(|by| ScalerView {
        wanted: by.wanted(bounds, scaling::seen(pool)),
        there: pool.size(),
        least: bounds.least,
        most: bounds.most,
        looks_in_s: seconds_between(world.now(), pool.next_look.get()),
    });
    BeltView {
        queue: QUEUE,
        arriving_rps,
        work_for: mean.map(|mean| arriving_rps * mean.as_secs_f64()),
        waiting,
        front,
        held_back: stock.queued.saturating_sub(waiting),
        in_flight: stock.in_flight(),
        oldest_s: pool.broker.oldest_age().as_secs_f64(),
        workers,
        dead: stock.dead,
        max_receives: knobs.rules().max_receives,
        done: meters.done_total.since_start(),
        effects: meters.effects_total.since_start(),
        repeated: meters.duplicate_effects_total.since_start(),
        lost: meters.lost_total.since_start(),
        scaler,
    }
}

fn at_work(worker: &Worker, node: u32, pool: &Pool, sim: &Sim) -> WorkerView {
    let busy = u32::from(worker.busy.get());
    WorkerView {
        node,
        number: worker.number as u32,
        standing: match worker.standing.get() {
            Standing::Starting => WorkerStanding::Starting,
            Standing::Down | Standing::Out => WorkerStanding::Down,
            _ if sim.is_paused(worker.node) => WorkerStanding::Paused,
            Standing::Draining => WorkerStanding::Leaving,
            Standing::Up => WorkerStanding::Up,
        },
        task: worker.task.get().map(|task| shown(&task, pool, sim.now())),
        in_hand: (worker.in_hand.get() as u32).saturating_sub(busy),
    }
}

fn shown(task: &Task, pool: &Pool, now: SimTime) -> TaskView {
    let takes = task.takes.as_secs_f64();
    let worked = seconds_between(task.begun, now);
    TaskView {
        item: task.item,
        received: task.received,
        // Work of no time is done as soon as it begins.
        progress: if takes > 0.0 {
            (worked / takes).min(1.0)
        } else {
            1.0
        },
        lease_over: !task.early && !pool.broker.awaits(task.receipt),
    }
}

/// None of it is negative: a moment that has passed is zero seconds away.
fn seconds_between(from: SimTime, to: SimTime) -> f64 {
    to.0.saturating_sub(from.0) as f64 / 1e9
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
        role: &table::WORKER,
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
        group: FIRST_WORKER + worker.number as u32,
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
        kind: flight.kind.into(),
    })
}
