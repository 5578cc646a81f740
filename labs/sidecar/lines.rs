//! The lines of the application on their way: the log, the log store, and the books of both.

use super::logger::{Appended, RotatingLog};
use super::pattern::{Checkpoint, Log, NotStored, Read, SaveOn, Sink};
use super::settings::Mode;
use super::world::{Tamper, Who, World};
use crate::engine::{self, Handle, Purpose, Server, SimTime};
use futures::future::join_all;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// A log store that is down refuses a batch after this.
const REFUSED: Duration = Duration::from_millis(50);
/// What a line costs a shipper, and one that takes each apart with six patterns.
const LINE: Duration = Duration::from_micros(5);
const HEAVY_LINE: Duration = Duration::from_millis(1);
/// A heavy shipper computes with so many threads.
const THREADS: usize = 4;

/// Lines from `first` up to `behind`, which is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    first: u64,
    behind: u64,
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
    /// The offset has moved.
    moved: Notify,
    /// The end of the log at earlier moments, for the age of lines.
    ends: RefCell<VecDeque<(SimTime, u64)>>,
    latency: Purpose,
    batches: Cell<u64>,
}

impl Lines {
    pub fn new(sim: &Handle) -> Self {
        Self {
            log: RefCell::default(),
            offset: Cell::new(0),
            in_flight: Cell::new(None),
            stored_to: Cell::new(0),
            store_up: Cell::new(true),
            store: Server::new(Some(1)),
            moved: Notify::new(),
            ends: RefCell::default(),
            latency: sim.purpose("store"),
            batches: Cell::new(0),
        }
    }

    /// The first line that is neither stored, lost nor in flight.
    fn waits_from(&self) -> u64 {
        let flight = self.in_flight.get().map_or(0, |batch| batch.behind);
        let known = self.offset.get().max(self.stored_to.get());
        known.max(flight).max(self.log.borrow().first())
    }

    /// Lines that are neither stored nor lost.
    pub fn pending(&self) -> u64 {
        self.flying() + self.log.borrow().end() - self.waits_from()
    }

    /// Those of them in the shipper's memory.
    fn flying(&self) -> u64 {
        let stored = self.stored_to.get();
        let flight = self.in_flight.get();
        flight.map_or(0, |batch| {
            batch.behind.saturating_sub(batch.first.max(stored))
        })
    }

    pub fn bytes(&self) -> u64 {
        self.log.borrow().bytes()
    }

    pub fn offset(&self) -> u64 {
        self.offset.get()
    }

    /// How old the oldest line is that is not stored. To be asked from time to time.
    pub fn lag(&self, now: SimTime) -> Duration {
        let mut ends = self.ends.borrow_mut();
        let end = self.log.borrow().end();
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
}

impl World {
    /// The application writes a line. It waits only where there is no room and the rule is to wait.
    pub async fn write_line(&self) {
        let (lines, bytes) = (&self.lines, self.knobs.line_bytes.get() as u64);
        let written = self.meters.lines_written_total.since_start() + 1;
        if self.tamper == Tamper::LoseLines && written.is_multiple_of(1_000) {
            self.meters.lines_written_total.begin(1);
            return;
        }
        let (began, mut was_full) = (self.now(), false);
        let lost = loop {
            let flight = lines.in_flight.get().map_or(0, |batch| batch.behind);
            let shipped = lines.offset.get().max(flight);
            let rules = self.knobs.log();
            let appended = lines.log.borrow_mut().append(bytes, shipped, &rules);
            match appended {
                Appended::Yes => break 0,
                Appended::Lost(lost) => break lost,
                Appended::Full => {
                    was_full = true;
                    lines.moved.notified().await;
                }
            }
        };
        self.meters.lines_written_total.begin(1);
        self.lose(lost);
        if self.tamper == Tamper::WaitForTheStore {
            let mine = lines.log.borrow().end();
            while lines.offset.get() < mine {
                lines.moved.notified().await;
            }
        }
        let waited = self.now() - began;
        self.checks.wrote(waited, was_full);
        self.check_lines();
    }

    fn lose(&self, lines: u64) {
        self.meters.lines_lost_total.add(lines);
        self.meters.lines_written_total.end(lines);
    }

    fn check_lines(&self) {
        let meters = &self.meters;
        self.checks.lines(
            meters.lines_written_total.since_start(),
            meters.lines_shipped_total.since_start(),
            self.lines.pending(),
            meters.lines_lost_total.since_start(),
        );
    }

    /// The shipper's process has ended, with what it had in memory.
    pub fn shipper_died(&self) {
        let lines = &self.lines;
        if let Some(batch) = lines.in_flight.take() {
            let unstored = batch.first.max(lines.stored_to.get());
            let forgotten = match self.knobs.checkpoint.get() {
                SaveOn::Read => batch.behind,
                // What is in the log is read again.
                SaveOn::Acknowledged => batch.behind.min(lines.log.borrow().first()),
            };
            self.lose(forgotten.saturating_sub(unstored));
        }
        self.check_lines();
    }

    /// All that is not shipped goes with the process or the pod that has it. Returns how many lines.
    pub fn log_is_gone(&self) -> u64 {
        let lines = &self.lines;
        let lost = lines.pending();
        self.lose(lost);
        lines.in_flight.set(None);
        let end = lines.log.borrow().end();
        *lines.log.borrow_mut() = RotatingLog::from(end);
        lines.offset.set(end);
        lines.moved.notify_waiters();
        self.check_lines();
        lost
    }

    /// The shipper takes the lines of a batch apart.
    async fn parse(&self, lines: u64) {
        let who = match self.knobs.mode.get() {
            Mode::Sidecar => Who::Shipper,
            Mode::Library => Who::App,
            // On another core of the machine.
            Mode::NodeAgent => return,
        };
        let lines = lines as u32;
        if self.container(Who::Shipper).heavy.get() {
            let share = HEAVY_LINE * lines / THREADS as u32;
            join_all((0..THREADS).map(|_| self.compute(who, share))).await;
        } else {
            self.compute(who, LINE * lines).await;
        }
    }
}

/// The way of the lines, as the shipper sees it.
pub struct Way(pub Rc<World>);

impl Log for Way {
    type Batch = Batch;

    fn read(&self, offset: u64, most: usize) -> Option<Read<Batch>> {
        let lines = &self.0.lines;
        let log = lines.log.borrow();
        let first = offset.max(log.first());
        let behind = log.end().min(first + most as u64);
        (first < behind).then(|| {
            let batch = Batch { first, behind };
            lines.in_flight.set(Some(batch));
            Read {
                batch,
                behind,
                full: behind - first == most as u64,
            }
        })
    }
}

impl Sink<Batch> for Way {
    async fn deliver(&self, batch: &Batch) -> Result<(), NotStored> {
        let (world, lines) = (&self.0, &self.0.lines);
        if !lines.store_up.get() {
            engine::sleep(REFUSED).await;
            return Err(NotStored);
        }
        let count = batch.behind - batch.first;
        world.parse(count).await;
        let takes = Duration::from_secs_f64(count as f64 / world.knobs.sink_rps.get());
        lines.store.serve(takes).await;
        lines.batches.set(lines.batches.get() + 1);
        let mut draw = lines.latency.draw(&[lines.batches.get()]);
        let one_way = world.knobs.sink_latency.borrow().sample(&mut draw) / 2;
        engine::sleep(one_way).await;
        if !lines.store_up.get() {
            return Err(NotStored);
        }
        let stored = lines.stored_to.get();
        let new = batch.behind.saturating_sub(batch.first.max(stored));
        lines.stored_to.set(stored.max(batch.behind));
        world.meters.lines_shipped_total.add(new);
        world.meters.lines_written_total.end(new);
        world.meters.lines_duplicated_total.add(count - new);
        world.check_lines();
        // The acknowledgement is on its way.
        engine::sleep(one_way).await;
        lines.in_flight.set(None);
        Ok(())
    }

    fn gives_up(&self, batch: &Batch) {
        let (world, lines) = (&self.0, &self.0.lines);
        let stored = lines.stored_to.get();
        world.lose(batch.behind.saturating_sub(batch.first.max(stored)));
        lines.in_flight.set(None);
        lines.offset.set(lines.offset.get().max(batch.behind));
        lines.moved.notify_waiters();
    }
}

impl Checkpoint for Way {
    fn load(&self) -> u64 {
        self.0.lines.offset.get()
    }

    fn save(&self, offset: u64) {
        let lines = &self.0.lines;
        lines.offset.set(offset);
        lines.moved.notify_waiters();
    }
}
