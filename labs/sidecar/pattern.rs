//! A log shipper: a sidecar that reads the file to which the application writes, and sends it away.
//!
//! State is one number, the offset up to which the lines are stored at the far end. The one thing to get right is the
//! order of two steps, and [`SaveOn`] is that order:
//!
//! | saved when | a crash in between | so lines arrive |
//! |---|---|---|
//! | the sink has acknowledged | sends a batch again | at least once |
//! | the batch has been read | has forgotten a batch | at most once |
//!
//! The application knows nothing of it: it writes to a [`RotatingLog`](super::logger::RotatingLog), which is bounded,
//! and a sink that is away costs it nothing until that is full.
//!
//! Log, sink and checkpoint are small traits: simulated, or a file, a log store and another file. Time comes from
//! [`env`], so the same code runs in both worlds.

use crate::engine::env;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// A log that somebody else writes.
pub trait Log {
    type Batch;

    /// At most `most` whole lines from `offset` on; none when there are none. Lines that are gone are passed over.
    fn read(&self, offset: u64, most: usize) -> Option<Read<Self::Batch>>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read<B> {
    pub batch: B,
    /// The offset behind its last line.
    pub behind: u64,
    /// It has as many lines as it may, so there are more.
    pub full: bool,
}

/// Where lines go.
pub trait Sink<B> {
    /// Stores the batch. `Ok` means that all of it is stored: a partial success is a failure.
    fn deliver(&self, batch: &B) -> impl Future<Output = Result<(), NotStored>>;

    /// The batch is given up.
    fn gives_up(&self, _batch: &B) {}
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sink did not say that it has stored the lines")]
pub struct NotStored;

/// Up to where the log has been shipped. It outlives the shipper's process.
pub trait Checkpoint {
    fn load(&self) -> u64;
    fn save(&self, offset: u64);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveOn {
    Acknowledged,
    Read,
}

/// How lines are shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Lines in a batch, at most.
    pub batch: usize,
    /// How often it looks for lines when it has caught up.
    pub every: Duration,
    pub save_on: SaveOn,
    /// Attempts for a batch before it is given up; none goes on for ever.
    pub attempts: Option<usize>,
}

/// The first wait after a failure, and the longest: it doubles.
const WAIT: Duration = Duration::from_millis(250);
const WAIT_MAX: Duration = Duration::from_secs(5);

pub struct Shipper<L, S, C> {
    pub log: L,
    pub sink: S,
    pub checkpoint: C,
}

// region: ship
impl<L: Log, S: Sink<L::Batch>, C: Checkpoint> Shipper<L, S, C> {
    /// Ships until it is told to stop, and then what there is still.
    pub async fn run(&self, rules: impl Fn() -> Rules, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        loop {
            self.catch_up(&rules).await;
            if env::timeout(rules().every, &mut stop).await.is_ok() {
                return self.catch_up(&rules).await;
            }
        }
    }

    async fn catch_up(&self, rules: &impl Fn() -> Rules) {
        while self.ship(&rules()).await {}
    }

    /// Ships one batch; false when there are no more.
    pub async fn ship(&self, rules: &Rules) -> bool {
        let offset = self.checkpoint.load();
        let Some(Read {
            batch,
            behind,
            full,
        }) = self.log.read(offset, rules.batch)
        else {
            return false;
        };
        if rules.save_on == SaveOn::Read {
            self.checkpoint.save(behind);
        }
        self.deliver(&batch, rules.attempts).await;
        if rules.save_on == SaveOn::Acknowledged {
            // A crash before this line repeats the batch.
            self.checkpoint.save(behind);
        }
        full
    }

    async fn deliver(&self, batch: &L::Batch, attempts: Option<usize>) {
        let (mut made, mut wait) = (0, WAIT);
        while self.sink.deliver(batch).await.is_err() {
            made += 1;
            if attempts.is_some_and(|most| made >= most) {
                self.sink.gives_up(batch);
                return;
            }
            env::sleep(wait).await;
            wait = (wait * 2).min(WAIT_MAX);
        }
    }
}
// endregion: ship
