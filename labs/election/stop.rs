//! How one life of a candidate is told to end in good order.

use std::cell::Cell;
use tokio::sync::Notify;

/// Told by whoever deploys; the candidate says when it has left.
#[derive(Debug, Default)]
pub struct Stop {
    told: Cell<bool>,
    left: Cell<bool>,
    bell: Notify,
}

impl Stop {
    pub fn tell(&self) {
        self.told.set(true);
        self.bell.notify_waiters();
    }

    pub fn is_told(&self) -> bool {
        self.told.get()
    }

    /// Completes when it is told.
    pub async fn told(&self) {
        self.until(&self.told).await;
    }

    /// The work has ended and the lease is released, or was never had.
    pub fn has_left(&self) {
        self.left.set(true);
        self.bell.notify_waiters();
    }

    /// Completes when it has left.
    pub async fn left(&self) {
        self.until(&self.left).await;
    }

    async fn until(&self, mark: &Cell<bool>) {
        loop {
            let rung = self.bell.notified();
            if mark.get() {
                return;
            }
            rung.await;
        }
    }
}
