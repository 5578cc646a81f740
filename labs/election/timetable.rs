//! When jobs are due.

use std::cell::Cell;
use tokio::sync::Notify;

/// When jobs are due. It runs on by itself, owned or not.
#[derive(Debug, Default)]
pub struct Timetable {
    due: Cell<u64>,
    came: Notify,
}

impl Timetable {
    /// One more job is due. Returns its number, from 1.
    pub fn next(&self) -> u64 {
        self.due.set(self.due.get() + 1);
        self.came.notify_waiters();
        self.due.get()
    }

    /// Completes when this job is due.
    pub async fn due(&self, job: u64) {
        loop {
            let came = self.came.notified();
            if self.due.get() >= job {
                return;
            }
            came.await;
        }
    }
}
