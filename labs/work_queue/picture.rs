//! The picture: source, queue, workers, store and dead letters, as a screen draws them.

use super::pool::Pool;
use super::worker::{Standing, Task, Worker};
use super::{scaling, table};
use crate::engine::{Sim, SimTime};
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeState, NodeView};
use crate::workbench::role::Role;
use crate::workbench::scene::{
    BeltView, FRONT_MAX, ScalerView, Scene, TaskView, WorkerStanding, WorkerView,
};

/// Place of the queue among the nodes of the picture.
const QUEUE: u32 = 1;

pub fn fill(pool: &Pool, sim: &Sim, frame: &mut Frame) {
    let (world, stock) = (pool.world(), pool.broker.stock());
    let mut drawing = Drawing::new(sim, frame);
    drawing.node(world.source, holder("source", &table::SOURCE, 0));
    let badge = match stock.leased {
        0 => String::new(),
        count => format!("{count} leased"),
    };
    let queue = holder("queue", &table::QUEUE, stock.queued);
    drawing.node(world.queue, NodeView { badge, ..queue });
    drawing.node(world.store, holder("store", &table::STORE, 0));
    let dead = drawing.fixture(holder("dead letters", &table::QUEUE, stock.dead));
    drawing.link(world.source, world.queue);
    drawing.link_to_fixture(world.queue, dead);
    let mut workers = Vec::new();
    for worker in pool.workers().iter() {
        if worker.standing.get() == Standing::Out {
            continue;
        }
        let place = drawing.node(worker.node, view(worker));
        workers.push(at_work(worker, place, pool, sim));
        drawing.link(world.queue, worker.node);
        drawing.link(worker.node, world.store);
    }
    drawing.flights();
    frame.scene = Scene::Belt(belt(pool, workers));
}

fn holder(name: &str, role: &'static Role, items: usize) -> NodeView {
    NodeView {
        queue: u32::try_from(items).unwrap_or(u32::MAX),
        ..NodeView::new(name, role)
    }
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

fn view(worker: &Worker) -> NodeView {
    let (standing, busy) = (worker.standing.get(), u32::from(worker.busy.get()));
    NodeView {
        state: match standing {
            Standing::Down | Standing::Out | Standing::Starting => NodeState::Down,
            Standing::Up | Standing::Draining => NodeState::Up,
        },
        load: busy.into(),
        queue: (worker.in_hand.get() as u32).saturating_sub(busy),
        badge: match standing {
            Standing::Starting => "starting",
            Standing::Draining => "leaving",
            Standing::Out | Standing::Up | Standing::Down => "",
        }
        .to_owned(),
        number: Some(worker.number as u32),
        ..NodeView::new(format!("worker {}", worker.number), &table::WORKER)
    }
}
