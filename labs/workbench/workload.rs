//! The workload: requests arrive at an open-loop rate, whether or not the lab keeps up. A closed
//! loop would wait for slow answers before it asks again, and so would hide what they cost.

use crate::engine::{self, Source, Stream};
use std::cell::Cell;
use std::time::Duration;
use tokio::sync::Notify;

/// What a lab lets pile up of tasks, calls and messages ([`alive`](crate::engine::Handle::alive)) before it turns
/// new work away: a knob that takes a lab far beyond its capacity for hours must not take the machine's memory.
/// Each lab has a lower limit of its own for what it knows to pile up; this one is for the rest, such as a
/// network of an hour's latency.
pub const ALIVE_MAX: usize = 300_000;

/// How fast requests arrive; may change at any moment.
#[derive(Debug)]
pub struct Rate {
    steady_rps: Cell<f64>,
    burst_rps: Cell<f64>,
    evenly: Cell<bool>,
    changed: Notify,
}

impl Rate {
    pub fn new(steady_rps: f64, evenly: bool) -> Self {
        Self {
            steady_rps: Cell::new(steady_rps),
            burst_rps: Cell::new(0.0),
            evenly: Cell::new(evenly),
            changed: Notify::new(),
        }
    }

    pub fn set_steady(&self, rps: f64) {
        self.steady_rps.set(rps);
        self.changed.notify_one();
    }

    /// Evenly spaced, or at random (a Poisson process).
    pub fn set_evenly(&self, evenly: bool) {
        self.evenly.set(evenly);
    }

    /// So many more (or, below zero, fewer again) on top of the steady rate.
    pub fn add_burst(&self, rps: f64) {
        self.burst_rps.set((self.burst_rps.get() + rps).max(0.0));
        self.changed.notify_one();
    }

    /// The rate of this moment, bursts included.
    pub fn rps(&self) -> f64 {
        self.steady_rps.get() + self.burst_rps.get()
    }

    /// Completes at the next arrival. The gap is drawn in units of mean gaps and used up at the rate
    /// of each moment: so a run with another rate meets the same sequence, only faster, and a rate
    /// that changes takes effect at once.
    pub async fn next_arrival(&self, stream: &mut Stream) {
        let mut left = if self.evenly.get() {
            1.0
        } else {
            -libm::log(stream.uniform())
        };
        loop {
            let rps = self.rps();
            let began = engine::now();
            tokio::select! {
                biased;
                () = engine::sleep(Duration::from_secs_f64((left / rps).min(1e9))) => return,
                () = self.changed.notified() => {
                    left -= engine::now().since(began).as_secs_f64() * rps;
                    if left <= 0.0 {
                        return;
                    }
                }
            }
        }
    }
}
