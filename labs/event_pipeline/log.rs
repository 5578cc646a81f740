//! The log that the pipeline reads: lanes of events in the order in which they came. They are kept after a checkpoint
//! has passed them, until they are forgotten: so they can be read again, after a crash or because somebody wants to.

use super::buffer::Item;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use tokio::sync::Notify;

/// Events that are kept, at most: what comes on top is lost, as beyond the retention of a real log.
pub const RETAINED_MAX: usize = 500_000;

#[derive(Debug)]
pub struct Log<E> {
    lanes: Vec<Lane<E>>,
    retained: Cell<usize>,
    unread: Cell<usize>,
    appended: Cell<u64>,
}

#[derive(Debug)]
struct Lane<E> {
    /// From `first` on.
    kept: RefCell<VecDeque<E>>,
    first: Cell<u64>,
    /// What lies before it has been passed by a checkpoint: a crash does not come back to it.
    passed: Cell<u64>,
    /// What is read next.
    next: Cell<u64>,
    /// A barrier that is to go in before it.
    barrier: Cell<Option<u64>>,
    more: Notify,
}

impl<E: Clone> Log<E> {
    pub fn new(lanes: usize) -> Self {
        let lane = |_| Lane {
            kept: RefCell::default(),
            first: Cell::new(0),
            passed: Cell::new(0),
            next: Cell::new(0),
            barrier: Cell::new(None),
            more: Notify::new(),
        };
        Self {
            lanes: (0..lanes).map(lane).collect(),
            retained: Cell::new(0),
            unread: Cell::new(0),
            appended: Cell::new(0),
        }
    }

    /// Events that have come, in all lanes.
    pub fn appended(&self) -> u64 {
        self.appended.get()
    }

    /// The place of the event in its lane.
    ///
    /// # Errors
    /// The log is full.
    pub fn append(&self, lane: usize, event: E) -> Result<u64, E> {
        if self.retained.get() >= RETAINED_MAX {
            return Err(event);
        }
        let lane = &self.lanes[lane];
        let mut kept = lane.kept.borrow_mut();
        kept.push_back(event);
        let place = lane.first.get() + kept.len() as u64 - 1;
        self.retained.set(self.retained.get() + 1);
        self.unread.set(self.unread.get() + 1);
        self.appended.set(self.appended.get() + 1);
        lane.more.notify_one();
        Ok(place)
    }

    /// The next event of a lane, or the barrier that is due before it.
    pub async fn next(&self, lane: usize) -> Item<E> {
        let lane = &self.lanes[lane];
        loop {
            if let Some(checkpoint) = lane.barrier.take() {
                return Item::Barrier(checkpoint);
            }
            let next = lane.next.get();
            let found = lane
                .kept
                .borrow()
                .get((next - lane.first.get()) as usize)
                .cloned();
            if let Some(event) = found {
                lane.next.set(next + 1);
                self.unread.set(self.unread.get() - 1);
                return Item::Event(event);
            }
            lane.more.notified().await;
        }
    }

    /// Has a barrier put into each lane as soon as its reader comes by.
    pub fn order_barriers(&self, checkpoint: u64) {
        for lane in &self.lanes {
            lane.barrier.set(Some(checkpoint));
            lane.more.notify_one();
        }
    }

    /// Where the reader of the lane stands.
    pub fn position(&self, lane: usize) -> u64 {
        self.lanes[lane].next.get()
    }

    /// From here on the lane is read again after a crash; also back to a place that is still kept.
    pub fn pass(&self, lane: usize, position: u64) {
        let lane = &self.lanes[lane];
        lane.passed.set(position.max(lane.first.get()));
    }

    /// What lies before this place will not be read again.
    pub fn forget_before(&self, lane: usize, position: u64) {
        let lane = &self.lanes[lane];
        let over = position.saturating_sub(lane.first.get());
        drop(lane.kept.borrow_mut().drain(..over as usize));
        lane.first.set(lane.first.get() + over);
        lane.passed.set(lane.passed.get().max(lane.first.get()));
        self.retained.set(self.retained.get() - over as usize);
    }

    /// What lies before this place has been passed by a checkpoint.
    pub fn is_passed(&self, lane: usize, place: u64) -> bool {
        place < self.lanes[lane].passed.get()
    }

    /// Goes back to where no checkpoint has passed, and shows what will be read again.
    pub fn rewind(&self, mut again: impl FnMut(&E)) {
        for lane in &self.lanes {
            let from = lane.passed.get();
            let back = lane.next.replace(from).saturating_sub(from);
            lane.barrier.set(None);
            self.unread.set(self.unread.get() + back as usize);
            lane.kept
                .borrow()
                .iter()
                .skip((from - lane.first.get()) as usize)
                .take(back as usize)
                .for_each(&mut again);
        }
    }

    /// Barriers that nobody has read are not due any more.
    pub fn cancel_barriers(&self) {
        self.lanes.iter().for_each(|lane| lane.barrier.set(None));
    }

    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Events that are kept, read or not.
    pub fn retained(&self) -> usize {
        self.retained.get()
    }

    pub fn unread(&self) -> usize {
        self.unread.get()
    }
}
