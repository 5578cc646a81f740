//! What lies between two stages: a bounded buffer of several lanes, each in its order, and what is done when it is full.

use crate::workbench::occupancy::Occupancy;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// What travels in a lane. Only events take room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item<E> {
    Event(E),
    /// No event of an earlier moment is expected in this lane.
    Watermark(Duration),
    /// What lies before it belongs to this checkpoint.
    Barrier(u64),
}

/// What is done with an event for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// Whoever brings it waits.
    Backpressure,
    DropNew,
    /// The oldest event of the longest lane makes room.
    DropOld,
    /// It goes to disk, which has so many places; after that whoever brings it waits.
    Spill {
        places: usize,
    },
}

/// What became of an event that was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put<E> {
    Kept,
    /// This one had to go, the new or an old one.
    Dropped(E),
}

#[derive(Debug)]
struct Lane<E> {
    items: VecDeque<Item<E>>,
    events: usize,
    reader: usize,
    /// Its reader works on an item of it: the next one waits, whoever the reader is by then.
    in_hand: bool,
    /// Stopped at a barrier until the other lanes have come to it.
    at_barrier: bool,
    /// Stopped while its reader changes.
    paused: bool,
}

/// A buffer for events of one kind. Each lane has one reader at a time.
#[derive(Debug)]
pub struct Buffer<E> {
    lanes: RefCell<Vec<Lane<E>>>,
    capacity: Cell<usize>,
    overflow: Cell<Overflow>,
    events: Cell<usize>,
    /// How many wait for room.
    waiting: Occupancy,
    /// An event has left.
    room: Notify,
    /// Something has come for the reader of this number.
    arrived: RefCell<Vec<Rc<Notify>>>,
}

// region: buffer
impl<E> Buffer<E> {
    /// One in which the lanes have these readers, and room for so many events.
    pub fn new(readers: &[usize], capacity: usize, overflow: Overflow) -> Self {
        let lane = |&reader: &usize| Lane {
            items: VecDeque::new(),
            events: 0,
            reader,
            in_hand: false,
            at_barrier: false,
            paused: false,
        };
        Self {
            lanes: RefCell::new(readers.iter().map(lane).collect()),
            capacity: Cell::new(capacity),
            overflow: Cell::new(overflow),
            events: Cell::new(0),
            waiting: Occupancy::default(),
            room: Notify::new(),
            arrived: RefCell::default(),
        }
    }

    /// Brings an event; waits for room where the rule says so.
    pub async fn put(&self, lane: usize, event: E) -> Put<E> {
        while self.is_full() {
            match self.overflow.get() {
                Overflow::DropNew => return Put::Dropped(event),
                Overflow::DropOld => {
                    let old = self.drop_oldest();
                    self.push(lane, event);
                    return old.map_or(Put::Kept, Put::Dropped);
                }
                Overflow::Backpressure | Overflow::Spill { .. } => {
                    let _waits = self.waiting.enter();
                    self.room.notified().await;
                }
            }
        }
        self.push(lane, event);
        // Another may have been told of the same room.
        if !self.is_full() {
            self.room.notify_one();
        }
        Put::Kept
    }

    /// The same where nobody waits: gives the event back when there is no room.
    ///
    /// # Errors
    /// The event.
    pub fn try_put(&self, lane: usize, event: E) -> Result<(), E> {
        if self.is_full() {
            return Err(event);
        }
        self.push(lane, event);
        Ok(())
    }

    /// Tells the lane of a watermark. One that nobody has read yet makes way for it.
    pub fn mark(&self, lane: usize, mark: Duration) {
        let mut lanes = self.lanes.borrow_mut();
        match lanes[lane].items.back_mut() {
            Some(Item::Watermark(last)) => *last = mark,
            _ => lanes[lane].items.push_back(Item::Watermark(mark)),
        }
        drop(lanes);
        self.tell_reader(lane);
    }

    /// Sends a barrier into the lane.
    pub fn barrier(&self, lane: usize, checkpoint: u64) {
        let item = Item::Barrier(checkpoint);
        self.lanes.borrow_mut()[lane].items.push_back(item);
        self.tell_reader(lane);
    }

    /// The same watermark for all lanes.
    pub fn mark_all(&self, mark: Duration) {
        (0..self.lanes()).for_each(|lane| self.mark(lane, mark));
    }

    /// The same barrier for all lanes.
    pub fn barrier_all(&self, checkpoint: u64) {
        (0..self.lanes()).for_each(|lane| self.barrier(lane, checkpoint));
    }

    /// The next item of one of the reader's lanes, the longest first. The lane goes on when the turn is dropped: so
    /// the items of a lane are worked on one after the other, in their order.
    pub async fn take(&self, reader: usize) -> (Turn<'_, E>, Item<E>) {
        let arrived = self.bell_of(reader);
        loop {
            if let Some(taken) = self.take_now(reader) {
                return taken;
            }
            arrived.notified().await;
        }
    }

    fn take_now(&self, reader: usize) -> Option<(Turn<'_, E>, Item<E>)> {
        let mut lanes = self.lanes.borrow_mut();
        let mine = lanes.iter().enumerate().filter(|(_, lane)| {
            let stopped = lane.in_hand || lane.at_barrier || lane.paused;
            lane.reader == reader && !stopped && !lane.items.is_empty()
        });
        let (lane, _) =
            mine.max_by_key(|(number, lane)| (lane.items.len(), usize::MAX - number))?;
        let chosen = &mut lanes[lane];
        let item = chosen.items.pop_front()?;
        chosen.in_hand = true;
        if matches!(item, Item::Event(_)) {
            chosen.events -= 1;
            self.events.set(self.events.get() - 1);
            self.room.notify_one();
        }
        let turn = Turn { buffer: self, lane };
        Some((turn, item))
    }

    fn push(&self, lane: usize, event: E) {
        let mut lanes = self.lanes.borrow_mut();
        lanes[lane].items.push_back(Item::Event(event));
        lanes[lane].events += 1;
        drop(lanes);
        self.events.set(self.events.get() + 1);
        self.tell_reader(lane);
    }

    fn drop_oldest(&self) -> Option<E> {
        let mut lanes = self.lanes.borrow_mut();
        let longest = lanes.iter_mut().max_by_key(|lane| lane.events)?;
        let is_event = |item: &Item<E>| matches!(item, Item::Event(_));
        let oldest = longest.items.iter().position(is_event)?;
        longest.events -= 1;
        self.events.set(self.events.get() - 1);
        match longest.items.remove(oldest)? {
            Item::Event(event) => Some(event),
            Item::Watermark(_) | Item::Barrier(_) => None,
        }
    }

    fn is_full(&self) -> bool {
        let on_disk = match self.overflow.get() {
            Overflow::Spill { places } => places,
            _ => 0,
        };
        self.events.get() >= self.capacity.get() + on_disk
    }

    fn tell_reader(&self, lane: usize) {
        let reader = self.lanes.borrow()[lane].reader;
        self.bell_of(reader).notify_one();
    }

    fn bell_of(&self, reader: usize) -> Rc<Notify> {
        let mut arrived = self.arrived.borrow_mut();
        if arrived.len() <= reader {
            arrived.resize_with(reader + 1, Rc::default);
        }
        Rc::clone(&arrived[reader])
    }
}
// endregion: buffer

impl<E> Buffer<E> {
    pub fn lanes(&self) -> usize {
        self.lanes.borrow().len()
    }

    /// Events that wait.
    pub fn len(&self) -> usize {
        self.events.get()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writers that wait for room.
    pub fn waiting(&self) -> usize {
        self.waiting.get()
    }

    /// Events that wait on disk.
    pub fn spilled(&self) -> usize {
        match self.overflow.get() {
            Overflow::Spill { .. } => self.len().saturating_sub(self.capacity.get()),
            _ => 0,
        }
    }

    /// Other bounds from now on. Whoever waits for room looks again.
    pub fn configure(&self, capacity: usize, overflow: Overflow) {
        self.capacity.set(capacity);
        self.overflow.set(overflow);
        self.room.notify_waiters();
    }

    /// Other readers from now on. An item in the hand of the old reader is finished before the new one gets the next.
    pub fn read_by(&self, readers: &[usize]) {
        for (lane, &reader) in readers.iter().enumerate() {
            self.lanes.borrow_mut()[lane].reader = reader;
            self.tell_reader(lane);
        }
    }

    /// Stops a lane, or lets it go on.
    pub fn pause(&self, lane: usize, paused: bool) {
        self.lanes.borrow_mut()[lane].paused = paused;
        self.tell_reader(lane);
    }

    /// Throws everything away and lets all lanes go on: the pipeline starts again from a checkpoint. Readers must have
    /// ended before. Returns how many events that were.
    pub fn clear(&self) -> usize {
        for lane in &mut *self.lanes.borrow_mut() {
            lane.items.clear();
            (lane.events, lane.in_hand) = (0, false);
            (lane.at_barrier, lane.paused) = (false, false);
        }
        self.room.notify_waiters();
        self.events.take()
    }
}

/// An item in the hand of its reader. Its lane goes on when this is dropped.
#[derive(Debug)]
pub struct Turn<'a, E> {
    buffer: &'a Buffer<E>,
    pub lane: usize,
}

impl<E> Turn<'_, E> {
    /// The item was a barrier: the lane waits until all lanes have come to it. True for the last one.
    pub fn aligns(&self) -> bool {
        let mut lanes = self.buffer.lanes.borrow_mut();
        lanes[self.lane].at_barrier = true;
        lanes.iter().all(|lane| lane.at_barrier)
    }

    /// After a barrier that has come through all lanes, they go on.
    pub fn release(&self) {
        for lane in 0..self.buffer.lanes() {
            self.buffer.lanes.borrow_mut()[lane].at_barrier = false;
            self.buffer.tell_reader(lane);
        }
    }
}

impl<E> Drop for Turn<'_, E> {
    fn drop(&mut self) {
        let mut lanes = self.buffer.lanes.borrow_mut();
        let lane = &mut lanes[self.lane];
        lane.in_hand = false;
        let has_more = !lane.items.is_empty();
        drop(lanes);
        if has_more {
            self.buffer.tell_reader(self.lane);
        }
    }
}
