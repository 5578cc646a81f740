//! Was it the program that was late, or this machine?
//!
//! A check that measures time is worth nothing while the machine swaps, sleeps or compiles on all
//! cores. So while a check runs, it asks to be woken every few milliseconds, as another task does,
//! and notes the longest that it overslept; and where the system says it, we know how long the program
//! waited for a processor. A mistake found meanwhile is tried again, and if the machine stays that busy
//! the verdict is inconclusive.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

const EVERY: Duration = Duration::from_millis(5);
/// When this process waits for the processor, the program may have waited several times as long, so
/// only a small part of the room that a check leaves may be lost without doubt.
const DOUBT_AT: u32 = 5;

/// Whether a finding is doubtful that leaves this much [room](super::verdict::Failure::room): the grader itself stood still for
/// `worst`, and the program was seen to wait for a processor for `cpu_wait`.
pub fn is_doubtful(worst: Duration, cpu_wait: Duration, room: Duration) -> bool {
    worst * DOUBT_AT > room || cpu_wait * 2 > room
}

/// What `work` comes to, and the longest that it stood still meanwhile: the task that it is part of, or a
/// thread of the runtime.
pub async fn watched<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let elsewhere = Watchman::begin();
    let mut work = pin!(work);
    let mut worst = Duration::ZERO;
    loop {
        let asleep = Instant::now();
        let done = tokio::time::timeout(EVERY, &mut work).await;
        worst = worst.max(asleep.elapsed().saturating_sub(EVERY));
        if let Ok(output) = done {
            return (output, worst.max(elsewhere.worst()));
        }
    }
}

/// Listens for stalls of the runtime until it is dropped.
#[derive(Debug)]
struct Watchman {
    worst_micros: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Watchman {
    fn begin() -> Self {
        let worst_micros = Arc::new(AtomicU64::new(0));
        let worst = Arc::clone(&worst_micros);
        let task = tokio::spawn(async move {
            loop {
                let asleep = Instant::now();
                tokio::time::sleep(EVERY).await;
                let late = asleep.elapsed().saturating_sub(EVERY);
                worst.fetch_max(late.as_micros() as u64, Ordering::Relaxed);
            }
        });
        Self { worst_micros, task }
    }

    /// The longest stall so far.
    fn worst(&self) -> Duration {
        Duration::from_micros(self.worst_micros.load(Ordering::Relaxed))
    }
}

impl Drop for Watchman {
    fn drop(&mut self) {
        self.task.abort();
    }
}
