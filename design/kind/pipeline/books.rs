//! What windows should count: the events of each, kept apart from the pattern.

use super::PipelineMeters;
use ddlab_labs::event_pipeline::window::Row;
use ddlab_labs::workbench::invariant::Invariant;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// Events that wait to be judged, at most; what comes on top is not judged.
const UNJUDGED_MAX: usize = 500_000;

/// What became of an event so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// On its way to the log.
    Coming,
    /// In the log, or between there and the windows.
    Logged,
    Counted,
    /// Too late for its window.
    Late,
    /// Dropped for want of room.
    Dropped,
}

#[derive(Debug)]
pub struct Happened {
    /// What its luck depends on.
    pub luck: u64,
    pub key: u64,
    pub at: Duration,
    pub lane: usize,
    /// The filter lets it pass.
    pub passes: bool,
    /// Since when it is in the log, and its place in its lane.
    pub logged: Cell<Duration>,
    pub place: Cell<u64>,
    pub fate: Cell<Fate>,
}

pub type Event = Rc<Happened>;
/// A window: its end, its start and its key.
type Window = (Duration, Duration, u64);

pub struct Books {
    size: Duration,
    expected: RefCell<BTreeMap<Window, Vec<Event>>>,
    unjudged: Cell<usize>,
    /// The store: the newest result of each window.
    results: RefCell<BTreeMap<Window, u64>>,
    judged_upto: Cell<Duration>,
    exact: Rc<Invariant>,
    meters: Rc<PipelineMeters>,
}

impl Books {
    pub fn new(size: Duration, exact: &Rc<Invariant>, meters: &Rc<PipelineMeters>) -> Self {
        Self {
            size,
            expected: RefCell::default(),
            unjudged: Cell::new(0),
            results: RefCell::default(),
            judged_upto: Cell::new(Duration::ZERO),
            exact: Rc::clone(exact),
            meters: Rc::clone(meters),
        }
    }

    /// A window should count it.
    pub fn happens(&self, event: &Event) {
        if self.unjudged.get() >= UNJUDGED_MAX {
            return;
        }
        self.unjudged.set(self.unjudged.get() + 1);
        let nanos = event.at.as_nanos() - event.at.as_nanos() % self.size.as_nanos();
        let start = Duration::from_nanos(nanos as u64);
        let window = (start + self.size, start, event.key);
        let mut expected = self.expected.borrow_mut();
        expected.entry(window).or_default().push(Rc::clone(event));
    }

    /// A result is in the store. Whether it is the first of its window.
    pub fn is_first(&self, row: &Row) -> bool {
        if row.end <= self.judged_upto.get() {
            return false;
        }
        let window = (row.end, row.start, row.key);
        self.results
            .borrow_mut()
            .insert(window, row.events)
            .is_none()
    }

    /// Judges the windows that end by `horizon`: they are done, and all of their results are in the store.
    /// `is_passed` tells whether a checkpoint has passed an event.
    pub fn judge(&self, horizon: Duration, is_passed: impl Fn(&Happened) -> bool) {
        self.judged_upto.set(self.judged_upto.get().max(horizon));
        let behind = (horizon + Duration::from_nanos(1), Duration::ZERO, 0);
        let mut expected = self.expected.borrow_mut();
        let later = expected.split_off(&behind);
        let done = std::mem::replace(&mut *expected, later);
        let mut results = self.results.borrow_mut();
        for (window, events) in done {
            let counted = results.remove(&window).unwrap_or(0);
            self.unjudged.set(self.unjudged.get() - events.len());
            let whole = events.len() as u64;
            self.meters.window_error_ratio.whole.add(whole);
            self.meters
                .window_error_ratio
                .part
                .add(counted.abs_diff(whole));
            let is_in = |event: &&Event| match event.fate.get() {
                Fate::Counted => true,
                Fate::Coming | Fate::Late | Fate::Dropped => false,
                // One that a checkpoint has passed must have been counted or found late.
                Fate::Logged => is_passed(event),
            };
            let right = events.iter().filter(is_in).count() as u64;
            self.exact.check(counted == right, || {
                let (_, start, key) = window;
                format!(
                    "user {key} from {start:?}: {counted} counted, and {right} of {whole} are right"
                )
            });
        }
        let later = results.split_off(&behind);
        *results = later;
    }
}
