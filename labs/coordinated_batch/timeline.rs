//! The timeline of the nights: which stage ran when, and below it which task each worker had in hand. Bounded: the oldest
//! spans go, and workers beyond the first twenty have no lane.

use super::picture;
use super::world::{Step, World};
use crate::engine::SimTime;
use crate::workbench::frame::{Lane, LaneKind, LaneSpan};
use std::cell::RefCell;

/// Spans of one lane that are kept.
const KEPT: usize = 100;
/// Workers that have a lane.
const WORKERS_MAX: usize = 20;

/// The lanes in the order of the picture: the coordinator, then its workers.
pub struct Timeline(RefCell<Vec<Lane>>);

impl Timeline {
    pub fn new(workers: usize) -> Self {
        let lane = |name, node| Lane {
            name,
            node: Some(node),
            spans: Vec::new(),
            events: Vec::new(),
        };
        let workers = (0..workers.min(WORKERS_MAX))
            .map(|place| lane(World::name(place), picture::FIRST_WORKER + place as u32));
        let coordinator = lane("coordinator".to_owned(), picture::HEAD);
        Self(RefCell::new(
            [coordinator].into_iter().chain(workers).collect(),
        ))
    }

    pub fn copy(&self) -> Vec<Lane> {
        self.0.borrow().clone()
    }

    /// The coordinator is at this stage from now on, or at none.
    pub fn stage(&self, step: Option<Step>, now: SimTime) {
        self.ends(0, now, |_| {});
        if let Some(step) = step {
            self.begins(0, LaneKind::Works, step.word().to_owned(), now);
        }
    }

    /// A worker begins a task.
    pub fn task(&self, worker: usize, kind: LaneKind, step: Step, task: usize, now: SimTime) {
        let label = format!("{} {}", step.word(), task + 1);
        self.begins(worker + 1, kind, label, now);
    }

    /// A worker has no task any more; whether what it did counts.
    pub fn task_ends(&self, worker: usize, counts: bool, now: SimTime) {
        self.ends(worker + 1, now, |span| {
            if !counts {
                span.kind = LaneKind::Wasted;
            }
        });
    }

    /// The machine of a worker is down from now on, or up again.
    pub fn is_down(&self, worker: usize, is_down: bool, now: SimTime) {
        self.ends(worker + 1, now, |_| {});
        if is_down {
            self.begins(worker + 1, LaneKind::Down, String::new(), now);
        }
    }

    fn begins(&self, lane: usize, kind: LaneKind, label: String, now: SimTime) {
        let mut lanes = self.0.borrow_mut();
        let Some(lane) = lanes.get_mut(lane) else {
            return;
        };
        if lane.spans.len() == KEPT {
            lane.spans.remove(0);
        }
        lane.spans.push(LaneSpan {
            from: now,
            to: None,
            kind,
            label,
        });
    }

    fn ends(&self, lane: usize, now: SimTime, end: impl FnOnce(&mut LaneSpan)) {
        let mut lanes = self.0.borrow_mut();
        let last = lanes.get_mut(lane).and_then(|lane| lane.spans.last_mut());
        if let Some(span) = last.filter(|span| span.to.is_none()) {
            span.to = Some(now);
            end(span);
        }
    }
}
