//! Lines on their way: the log, what is in the shipper's memory, and what the log store has.

use super::logger::{Appended, RotatingLog, Rules};
use super::pattern::{Checkpoint, Log, NotStored, Read, SaveOn};
use crate::engine::{self, Server, SimTime};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// A log store that is down refuses a batch after this.
const REFUSED: Duration = Duration::from_millis(50);

/// Lines from `first` up to `behind`, which is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    first: u64,
    behind: u64,
}

impl Batch {
    pub fn lines(&self) -> u64 {
        self.behind - self.first
    }

    /// Those of them at or behind a line.
    fn lines_from(&self, line: u64) -> u64 {
        self.behind.saturating_sub(self.first.max(line))
    }
}

pub struct Lines {
    log: RefCell<RotatingLog>,
    /// As the shipper has saved it.
    offset: Cell<u64>,
    /// What is in the shipper's memory.
    in_flight: Cell<Option<Batch>>,
    /// The log store has every line before this one that is not lost.
    stored_to: Cell<u64>,
    pub store_up: Cell<bool>,
    store: Server,
    batches: Cell<u64>,
    /// The offset has moved.
    pub moved: Notify,
    /// The end of the log at earlier moments, for the age of lines.
    ends: RefCell<VecDeque<(SimTime, u64)>>,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            log: RefCell::default(),
            offset: Cell::new(0),
            in_flight: Cell::new(None),
            stored_to: Cell::new(0),
            store_up: Cell::new(true),
            store: Server::new(Some(1)),
            batches: Cell::new(0),
            moved: Notify::new(),
            ends: RefCell::default(),
        }
    }
}

impl Lines {
    /// The first line that is neither stored, lost nor in flight.
    fn waits_from(&self) -> u64 {
        let known = self.read_to().max(self.stored_to.get());
        known.max(self.log.borrow().first())
    }

    /// Behind the last line that was read.
    fn read_to(&self) -> u64 {
        let flight = self.in_flight.get().map_or(0, |batch| batch.behind);
        self.offset.get().max(flight)
    }

    /// Lines that are neither stored nor lost.
    pub fn pending(&self) -> u64 {
        self.flying() + self.log.borrow().end() - self.waits_from()
    }

    /// Those of them in the shipper's memory.
    fn flying(&self) -> u64 {
        let stored = self.stored_to.get();
        let flight = self.in_flight.get();
        flight.map_or(0, |batch| batch.lines_from(stored))
    }

    pub fn bytes(&self) -> u64 {
        self.log.borrow().bytes()
    }

    pub fn offset(&self) -> u64 {
        self.offset.get()
    }

    pub fn end(&self) -> u64 {
        self.log.borrow().end()
    }

    /// How old the oldest line is that is not stored. To be asked from time to time.
    pub fn lag(&self, now: SimTime) -> Duration {
        let mut ends = self.ends.borrow_mut();
        let end = self.end();
        if ends.back().is_none_or(|(_, known)| *known < end) {
            ends.push_back((now, end));
        }
        let oldest = match self.in_flight.get() {
            Some(batch) if self.flying() > 0 => batch.first.max(self.stored_to.get()),
            _ => self.waits_from(),
        };
        while ends.front().is_some_and(|(_, end)| *end <= oldest) {
            ends.pop_front();
        }
        ends.front().map_or(Duration::ZERO, |(at, _)| now - *at)
    }

    /// A line of so many bytes is written.
    pub fn append(&self, bytes: u64, rules: &Rules) -> Appended {
        self.log.borrow_mut().append(bytes, self.read_to(), rules)
    }

    /// The shipper's process has ended, with what it had in memory. Returns the lines that are lost with it.
    pub fn shipper_died(&self, save_on: SaveOn) -> u64 {
        self.in_flight.take().map_or(0, |batch| {
            let unstored = batch.first.max(self.stored_to.get());
            let forgotten = match save_on {
                SaveOn::Read => batch.behind,
                // What is in the log is read again.
                SaveOn::Acknowledged => batch.behind.min(self.log.borrow().first()),
            };
            forgotten.saturating_sub(unstored)
        })
    }

    /// The log is gone, with what was in the shipper's memory. Returns how many lines are lost.
    pub fn log_is_gone(&self) -> u64 {
        let lost = self.pending();
        self.in_flight.set(None);
        let end = self.end();
        *self.log.borrow_mut() = RotatingLog::from(end);
        self.save(end);
        lost
    }

    /// The shipper turns to the log store.
    pub async fn reach_store(&self) -> Result<(), NotStored> {
        if self.store_up.get() {
            return Ok(());
        }
        engine::sleep(REFUSED).await;
        Err(NotStored)
    }

    /// The store takes in so many lines, one after the other. Returns the number of the batch, from 1.
    pub async fn take_in(&self, lines: u64, rps: f64) -> u64 {
        let takes = Duration::from_secs_f64(lines as f64 / rps);
        self.store.serve(takes).await;
        self.batches.set(self.batches.get() + 1);
        self.batches.get()
    }

    /// The batch goes to the store and its acknowledgement comes back. `stored` is told how many lines are new there.
    pub async fn hand_over(
        &self,
        batch: &Batch,
        one_way: Duration,
        stored: impl FnOnce(u64),
    ) -> Result<(), NotStored> {
        engine::sleep(one_way).await;
        if !self.store_up.get() {
            return Err(NotStored);
        }
        let before = self.stored_to.get();
        self.stored_to.set(before.max(batch.behind));
        stored(batch.lines_from(before));
        engine::sleep(one_way).await;
        self.in_flight.set(None);
        Ok(())
    }

    /// The batch is given up. Returns the lines that are lost with it.
    pub fn give_up(&self, batch: &Batch) -> u64 {
        self.in_flight.set(None);
        self.save(self.offset.get().max(batch.behind));
        batch.lines_from(self.stored_to.get())
    }

    fn save(&self, offset: u64) {
        self.offset.set(offset);
        self.moved.notify_waiters();
    }
}

impl Log for Rc<Lines> {
    type Batch = Batch;

    fn read(&self, offset: u64, most: usize) -> Option<Read<Batch>> {
        let log = self.log.borrow();
        let first = offset.max(log.first());
        let behind = log.end().min(first + most as u64);
        (first < behind).then(|| {
            let batch = Batch { first, behind };
            self.in_flight.set(Some(batch));
            Read {
                batch,
                behind,
                full: batch.lines() == most as u64,
            }
        })
    }
}

impl Checkpoint for Rc<Lines> {
    fn load(&self) -> u64 {
        self.offset.get()
    }

    fn save(&self, offset: u64) {
        Lines::save(self, offset);
    }
}
