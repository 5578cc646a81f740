//! The workload: requests arrive at an open-loop rate, whether or not the lab keeps up. A closed
//! loop would wait for slow answers before it asks again, and so would hide what they cost.

use super::knob::Knob;
use crate::engine::{self, Source, Stream};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// What a lab lets pile up of tasks, calls and messages ([`alive`](crate::engine::Handle::alive)) before it turns
/// new work away: a knob that takes a lab far beyond its capacity for hours must not take the machine's memory.
/// Each lab has a lower limit of its own for what it knows to pile up; this one is for the rest, such as a
/// network of an hour's latency.
pub const ALIVE_MAX: usize = 300_000;
/// Requests a second that arrive at most, bursts among them: what bounds the work of a second.
pub const RPS_MAX: f64 = 1e6;

crate::choices! {
    /// How arrivals are spaced: at random moments (a Poisson process), or evenly.
    pub enum Arrivals {
        Poisson,
        Constant,
    }
}

/// How fast requests arrive; may change at any moment.
#[derive(Debug)]
pub struct Rate {
    steady_rps: Knob<f64>,
    arrivals: Knob<Arrivals>,
    stopped: Cell<bool>,
    /// What the load is at this moment, as a multiple of the steady rate.
    factor: Cell<f64>,
    burst_rps: Cell<f64>,
    changed: Changed,
}

/// Whether the rate has changed, for the one flow that waits for its next arrival. Each arrival waits here, so it is no
/// `Notify` of tokio, which may have many waiters, on any thread.
#[derive(Debug, Default)]
struct Changed {
    has: Cell<bool>,
    waits: RefCell<Option<Waker>>,
}

impl Changed {
    fn report(&self) {
        self.has.set(true);
        let waits = self.waits.take();
        if let Some(waker) = waits {
            waker.wake();
        }
    }

    /// Once for each change.
    fn poll(&self, context: &Context<'_>) -> Poll<()> {
        if self.has.take() {
            return Poll::Ready(());
        }
        let mut waits = self.waits.borrow_mut();
        match &mut *waits {
            Some(waker) => waker.clone_from(context.waker()),
            None => *waits = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

impl Rate {
    /// As these two knobs say.
    pub fn new(steady_rps: &Knob<f64>, arrivals: &Knob<Arrivals>) -> Self {
        Self {
            steady_rps: steady_rps.clone(),
            arrivals: arrivals.clone(),
            stopped: Cell::new(false),
            factor: Cell::new(1.0),
            burst_rps: Cell::new(0.0),
            changed: Changed::default(),
        }
    }

    /// The knob of the steady rate was turned. It ends a stop.
    pub fn turned(&self) {
        self.stopped.set(false);
        self.changed.report();
    }

    /// No steady rate until its knob is turned.
    pub fn stop(&self) {
        self.stopped.set(true);
        self.changed.report();
    }

    /// The load goes up and down by itself: this many times the steady rate, from now on.
    pub fn set_factor(&self, factor: f64) {
        self.factor.set(factor);
        self.changed.report();
    }

    /// So many more (or, below zero, fewer again) on top of the steady rate. False when that would be more
    /// than [`RPS_MAX`]; then nothing changes.
    pub fn add_burst(&self, rps: f64) -> bool {
        if self.rps() + rps > RPS_MAX {
            return false;
        }
        self.burst_rps.set((self.burst_rps.get() + rps).max(0.0));
        self.changed.report();
        true
    }

    /// The rate of this moment, bursts included.
    pub fn rps(&self) -> f64 {
        let steady = if self.stopped.get() {
            0.0
        } else {
            self.steady_rps.get() * self.factor.get()
        };
        steady + self.burst_rps.get()
    }

    /// Completes at the next arrival. The gap is drawn in units of mean gaps and used up at the rate
    /// of each moment: so a run with another rate meets the same sequence, only faster, and a rate
    /// that changes takes effect at once.
    pub async fn next_arrival(&self, stream: &mut Stream) {
        let mut left = match self.arrivals.get() {
            Arrivals::Constant => 1.0,
            Arrivals::Poisson => -libm::log(stream.uniform()),
        };
        loop {
            let rps = self.rps();
            let began = engine::now();
            let mut gap = engine::sleep(Duration::from_secs_f64((left / rps).min(1e9)));
            let is_over = poll_fn(|context| match Pin::new(&mut gap).poll(context) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending => self.changed.poll(context).map(|()| false),
            });
            if is_over.await {
                return;
            }
            left -= engine::now().since(began).as_secs_f64() * rps;
            if left <= 0.0 {
                return;
            }
        }
    }
}
