//! What every running lab measures and reports, in one place: so a lab fills only its own picture.

use super::frame::Frame;
use super::invariant::{Invariant, InvariantView};
use super::journal::Journal;
use super::meter::Meters;
use super::spec::LabSpec;
use super::trace::TraceStore;
use crate::engine::{Handle, SimTime};
use std::rc::Rc;

/// The instruments of one running lab. Tasks inside the simulator share them.
#[derive(Debug)]
pub struct Instruments {
    pub meters: Meters,
    pub journal: Rc<Journal>,
    pub traces: TraceStore,
    invariants: Vec<Rc<Invariant>>,
}

impl Instruments {
    pub fn new(sim: &Handle, spec: &'static LabSpec) -> Rc<Self> {
        let journal = Rc::new(Journal::default());
        let invariant = |sentence: &&'static str| Invariant::new(sentence, sim, &journal);
        Rc::new(Self {
            meters: Meters::new(&spec.metrics),
            invariants: spec.invariants.iter().map(invariant).collect(),
            journal: Rc::clone(&journal),
            traces: TraceStore::default(),
        })
    }

    /// The invariant of this sentence. The macro [`invariants`](crate::invariants) asks for each one.
    pub fn invariant(&self, sentence: &str) -> Rc<Invariant> {
        let mut all = self.invariants.iter();
        let found = all.find(|invariant| invariant.sentence() == sentence);
        Rc::clone(found.unwrap_or_else(|| panic!("the spec of the lab lacks `{sentence}`")))
    }

    pub fn invariants(&self) -> Vec<InvariantView> {
        let all = self.invariants.iter();
        all.map(|invariant| invariant.view()).collect()
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
