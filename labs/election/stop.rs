//! How one life of a candidate is asked to end in good order.

use std::cell::Cell;
use tokio::sync::Notify;

/// Requested by whoever deploys; the candidate says when it has left.
#[derive(Debug, Default)]
pub struct Stop {
    requested: Cell<bool>,
    left: Cell<bool>,
    bell: Notify,
}

impl Stop {
    pub fn request(&self) {
        self.requested.set(true);
        self.bell.notify_waiters();
    }

    pub fn is_requested(&self) -> bool {
        self.requested.get()
    }

    /// Completes when it is requested.
    pub async fn requested(&self) {
        self.until(&self.requested).await;
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
