//! How the lines of this pod are written and stored, and the books of both.

use super::lines::Batch;
use super::logger::Appended;
use super::pattern::{NotStored, Sink};
use super::settings::Mode;
use super::world::{Tamper, Who, World};
use futures::future::join_all;
use std::rc::Rc;
use std::time::Duration;

/// What a line costs a shipper, and one that takes each apart with six patterns.
const LINE: Duration = Duration::from_micros(5);
const HEAVY_LINE: Duration = Duration::from_millis(1);
/// From then on it is worth to be said again that the volume is full.
const FULL_AGAIN: Duration = Duration::from_secs(30);
/// A heavy shipper computes with so many threads.
const THREADS: usize = 4;

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
            match lines.append(bytes, &self.knobs.log()) {
                Appended::Yes => break 0,
                Appended::Lost(lost) => break lost,
                Appended::Full => {
                    was_full = true;
                    self.tell_full();
                    let _waits = self.blocked.enter();
                    lines.moved.notified().await;
                }
            }
        };
        self.meters.lines_written_total.begin(1);
        self.lose(lost);
        if self.tamper == Tamper::WaitForTheStore {
            let mine = lines.end();
            while lines.offset() < mine {
                lines.moved.notified().await;
            }
        }
        let waited = self.now() - began;
        self.checks.wrote(waited, was_full);
        self.check_lines();
    }

    /// Says for the journal that the volume is full, unless it has just said so.
    fn tell_full(&self) {
        let (now, told_at) = (self.now(), self.told_full_at.get());
        // Where lines go nearly as fast as they come, the volume is full time and again.
        if self.blocked.get() == 0 && told_at.is_none_or(|at| now - at >= FULL_AGAIN) {
            let text =
                "the volume is full: whoever writes a line waits for room, and its request with it";
            self.instruments.journal.bad(now, text);
        }
        self.told_full_at.set(Some(now));
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
        self.lose(self.lines.shipper_died(self.knobs.checkpoint.get()));
        self.check_lines();
    }

    /// All that is not shipped goes with the process or the pod that has it. Returns how many lines.
    pub fn log_is_gone(&self) -> u64 {
        let lost = self.lines.log_is_gone();
        self.lose(lost);
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

/// The log store, as the shipper sees it.
pub struct Store(pub Rc<World>);

impl Sink<Batch> for Store {
    async fn deliver(&self, batch: &Batch) -> Result<(), NotStored> {
        let (world, lines, count) = (&self.0, &self.0.lines, batch.lines());
        lines.reach_store().await?;
        world.parse(count).await;
        let number = lines.take_in(count, world.knobs.sink_rps.get()).await;
        let mut draw = world.latency.draw(&[number]);
        let one_way = world.knobs.sink_latency.borrow().sample(&mut draw) / 2;
        let stored = |new| {
            world.meters.lines_shipped_total.add(new);
            world.meters.lines_written_total.end(new);
            world.meters.lines_duplicated_total.add(count - new);
            world.check_lines();
        };
        lines.hand_over(batch, one_way, stored).await
    }

    fn gives_up(&self, batch: &Batch) {
        self.0.lose(self.0.lines.give_up(batch));
    }
}
