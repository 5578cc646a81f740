//! The picture: the coordinator with its stage, the workers with their tasks, the store and the bank; and the timeline of
//! the tasks, a Gantt chart.

use super::nights::Nights;
use super::table::{BANK, COORDINATOR, STORE, WORKER};
use super::world::World;
use crate::engine::Sim;
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeState, NodeView};
use crate::workbench::scene::Scene;

/// Places of the nodes.
pub const HEAD: u32 = 0;
pub const FIRST_WORKER: u32 = 1;

pub fn fill(nights: &Nights, sim: &Sim, frame: &mut Frame) {
    let world = &nights.world;
    let night = world.night().number;
    frame.lanes = world.timeline.copy();
    frame.scene = Scene::Timeline;
    let mut drawing = Drawing::new(sim, frame);
    let running = world.running();
    let badge = match running {
        Some(running) => {
            let (word, done, tasks) = (running.step.word(), running.done, running.tasks);
            format!("night {night}: {word} {done}/{tasks}")
        }
        None if nights.is_running() => format!("night {night}"),
        None => format!("night {night} is over"),
    };
    let coordinator = NodeView {
        queue: running.map_or(0, |running| (running.tasks - running.done) as u32),
        badge,
        ..NodeView::new("coordinator", &COORDINATOR)
    };
    drawing.node(world.coordinator, coordinator);
    for (place, worker) in world.workers.iter().enumerate() {
        let doing = worker.doing.get();
        let badge = doing.map(|(step, task)| format!("{} {}", step.word(), task + 1));
        let state = if worker.slow.get() {
            NodeState::Slow
        } else {
            NodeState::Up
        };
        let view = NodeView {
            state,
            load: f64::from(u8::from(doing.is_some())),
            badge: badge.unwrap_or_default(),
            ..NodeView::new(World::name(place), &WORKER)
        };
        drawing.node(worker.node, view);
        drawing.link(world.coordinator, worker.node);
    }
    let seen = world.shelf.parts_seen();
    let store = match (seen, world.shelf.manifest.get().parts) {
        (0, _) => "no results yet".to_owned(),
        (seen, parts) => format!("{seen} of {parts} files"),
    };
    drawing.fixture(NodeView {
        badge: store,
        ..NodeView::new("store", &STORE)
    });
    let payments = world.accounts.payments();
    drawing.fixture(NodeView {
        badge: format!("{payments} paid"),
        ..NodeView::new("bank", &BANK)
    });
    drawing.flights();
}
