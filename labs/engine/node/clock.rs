//! A node's own clock: an offset from true time, and a rate.

use super::NodeId;
use crate::engine::time::{SimTime, nanos, round_nanos};
use crate::engine::world::World;
use std::time::Duration;

/// A clock that showed `shown` at the true moment `since` and runs at `rate` from there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    since: u64,
    shown: i128,
    rate: f64,
}

const RATE_MIN: f64 = 0.001;
const RATE_MAX: f64 = 1000.0;

impl Clock {
    /// None if it would show true time.
    fn new(now: u64, offset_ns: i64, rate: f64) -> Option<Self> {
        let rate = if rate.is_finite() {
            rate.clamp(RATE_MIN, RATE_MAX)
        } else {
            1.0
        };
        let off = offset_ns != 0 || rate.to_bits() != 1.0_f64.to_bits();
        off.then_some(Self {
            since: now,
            shown: i128::from(now) + i128::from(offset_ns),
            rate,
        })
    }

    fn shows(self, now: u64) -> u64 {
        let passed = round_nanos((now - self.since) as f64 * self.rate);
        let shown = self.shown + i128::from(passed);
        u64::try_from(shown.max(0)).unwrap_or(u64::MAX)
    }

    /// True nanoseconds in which it advances by `span`; rounded up, so that a sleep is never over before the clock
    /// shows it.
    fn true_span(self, span: u64) -> u64 {
        libm::ceil(span as f64 / self.rate) as u64
    }
}

impl World {
    /// What the node's own clock shows.
    pub fn local_now(&self, id: NodeId) -> SimTime {
        match self.clock_of(id) {
            None => self.now(),
            Some(clock) => SimTime(clock.shows(self.now.get())),
        }
    }

    /// The true moment at which the current node's clock will have advanced by `span`.
    pub fn deadline(&self, span: Duration) -> u64 {
        let span = nanos(span);
        let span = match self.clock_of(self.current_node()) {
            None => span,
            Some(clock) => clock.true_span(span),
        };
        self.now.get().saturating_add(span)
    }

    pub fn set_clock(&self, id: NodeId, offset_ns: i64, rate: f64) {
        let clock = Clock::new(self.now.get(), offset_ns, rate);
        let before = std::mem::replace(&mut self.nodes.borrow_mut().node_mut(id).clock, clock);
        self.skewed
            .set(self.skewed.get() + usize::from(clock.is_some()) - usize::from(before.is_some()));
    }

    fn clock_of(&self, id: NodeId) -> Option<Clock> {
        if self.skewed.get() == 0 {
            return None;
        }
        self.nodes.borrow().node(id).clock
    }
}
