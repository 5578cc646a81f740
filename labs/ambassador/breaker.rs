//! A circuit breaker: it counts how calls end, refuses at once when too many fail, and lets a few probes find out
//! when they no longer do.
//!
//! Sources: M. Nygard, Release It!, "Circuit Breaker"; Resilience4j's `CircuitBreakerConfig` (half of the last 100
//! calls).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

/// So many of the last calls are counted; a breaker that has seen fewer stays closed.
pub const WINDOW: usize = 100;
/// So many probes must succeed, and no more are out at once.
pub const PROBES: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Closed,
    Open,
    HalfOpen,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Opens when this share of the window has failed.
    pub threshold: f64,
    /// Refuses for so long before it probes.
    pub open_for: Duration,
}

#[derive(Debug)]
pub struct Breaker {
    state: Cell<State>,
    /// How the last calls ended, oldest first: true is a failure. While half open, how the probes ended.
    failed: RefCell<VecDeque<bool>>,
    opened_at: Cell<Duration>,
    probes_out: Cell<usize>,
    /// Raised with each change of state: calls that began before it say nothing of the state after it.
    era: Cell<u64>,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            state: Cell::new(State::Closed),
            failed: RefCell::default(),
            opened_at: Cell::new(Duration::ZERO),
            probes_out: Cell::new(0),
            era: Cell::new(0),
        }
    }
}

// region: breaker
impl Breaker {
    pub fn state(&self) -> State {
        self.state.get()
    }

    /// A permit for one call, or none: the breaker is open, or enough probes are out.
    pub fn admit(&self, rules: &Rules, now: Duration) -> Option<Permit<'_>> {
        if self.state.get() == State::Open && now >= self.opened_at.get() + rules.open_for {
            self.turn(State::HalfOpen);
        }
        match self.state.get() {
            State::Closed => {}
            State::Open => return None,
            State::HalfOpen if self.probes_out.get() >= PROBES => return None,
            State::HalfOpen => self.probes_out.set(self.probes_out.get() + 1),
        }
        Some(Permit {
            breaker: self,
            era: self.era.get(),
        })
    }

    /// Refuses nobody any more.
    pub fn close(&self) {
        if self.state.get() != State::Closed {
            self.turn(State::Closed);
        }
    }

    fn count(&self, failed: bool, rules: &Rules, now: Duration) {
        let (seen, failures) = {
            let mut window = self.failed.borrow_mut();
            window.push_back(failed);
            if window.len() > WINDOW {
                window.pop_front();
            }
            (
                window.len(),
                window.iter().filter(|failed| **failed).count(),
            )
        };
        let too_many = failures as f64 >= rules.threshold * WINDOW as f64;
        match self.state.get() {
            State::Closed if seen >= WINDOW && too_many => self.open(now),
            State::HalfOpen if failed => self.open(now),
            State::HalfOpen if seen >= PROBES => self.turn(State::Closed),
            State::Closed | State::HalfOpen | State::Open => {}
        }
    }

    fn open(&self, now: Duration) {
        self.opened_at.set(now);
        self.turn(State::Open);
    }

    fn turn(&self, state: State) {
        self.state.set(state);
        self.era.set(self.era.get() + 1);
        self.probes_out.set(0);
        self.failed.borrow_mut().clear();
    }
}

/// Held while a call is out. Dropped without a word, it counts neither way.
#[derive(Debug)]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    era: u64,
}

impl Permit<'_> {
    /// The call has ended.
    pub fn ended(self, failed: bool, rules: &Rules, now: Duration) {
        if self.era == self.breaker.era.get() {
            self.breaker.count(failed, rules, now);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let breaker = self.breaker;
        if self.era == breaker.era.get() && breaker.state.get() == State::HalfOpen {
            breaker.probes_out.set(breaker.probes_out.get() - 1);
        }
    }
}
// endregion: breaker
