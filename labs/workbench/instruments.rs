//! What every running lab measures and tells, in one place: so a lab fills only its own picture.

use super::frame::Frame;
use super::invariant::Invariant;
use super::journal::Journal;
use super::lab::LabSpec;
use super::meter::Meters;
use super::trace::TraceStore;
use crate::engine::SimTime;
use std::rc::Rc;

/// The instruments of one running lab. Tasks inside the simulator share them.
#[derive(Debug)]
pub struct Instruments {
    pub meters: Meters,
    pub journal: Journal,
    pub traces: TraceStore,
    invariants: Vec<Rc<Invariant>>,
}

impl Instruments {
    pub fn new(spec: &'static LabSpec, invariants: Vec<Rc<Invariant>>) -> Self {
        Self {
            meters: Meters::new(&spec.metrics),
            journal: Journal::default(),
            traces: TraceStore::default(),
            invariants,
        }
    }

    pub fn invariants(&self) -> Vec<super::frame::InvariantView> {
        self.invariants
            .iter()
            .map(|invariant| invariant.view())
            .collect()
    }

    /// Fills all of the frame that is not the lab's own picture, without the histories of its metrics.
    pub fn fill(&self, now: SimTime, frame: &mut Frame) {
        frame.metrics = self.meters.views(now);
        frame.invariants = self.invariants();
        frame.log = self.journal.lines();
        frame.slowest = self.traces.slowest();
        frame.sampled = self.traces.sampled();
    }
}
