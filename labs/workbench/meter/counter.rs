//! Counts: of events, or of amounts that only grow.

use super::history::{History, Merge};
use crate::engine::SimTime;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The least stretch of time that a rate is given for.
const SECOND: SimTime = SimTime::from_secs(1);

fn rate(count: u64, from: SimTime, to: SimTime) -> f64 {
    count as f64 * 1e9 / (to.0 - from.0) as f64
}

/// A total that only grows.
#[derive(Debug, Default)]
pub struct Counter {
    total: Cell<u64>,
    /// What has begun and not ended.
    open: Cell<u64>,
    at_warm_up: Cell<u64>,
    at_window: Cell<u64>,
    history: RefCell<History<Count>>,
}

/// What was counted in one window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count(pub u64);

impl Merge for Count {
    fn merge(&mut self, later: Self) {
        self.0 += later.0;
    }
}

impl Counter {
    pub fn add(&self, amount: u64) {
        self.total.set(self.total.get() + amount);
    }

    pub fn increment(&self) {
        self.add(1);
    }

    /// Counts what ends later, and is then counted as a part of this. What is between the two when the warm-up ends
    /// counts for the time after it: its end will, and a part must not exceed its whole.
    pub fn begin(&self, amount: u64) {
        self.add(amount);
        self.open.set(self.open.get() + amount);
    }

    pub fn end(&self, amount: u64) {
        self.open.set(self.open.get().saturating_sub(amount));
    }

    /// Counts one, which ends when what is returned is dropped.
    pub fn enter(self: &Rc<Self>) -> Begun {
        self.begin(1);
        Begun(Rc::clone(self))
    }

    /// Since the end of the warm-up, with what was open then.
    pub fn total(&self) -> u64 {
        self.total.get() - self.at_warm_up.get()
    }

    /// Since the start of the run.
    pub fn since_start(&self) -> u64 {
        self.total.get()
    }

    pub(super) fn end_warm_up(&self) {
        self.at_warm_up.set(self.total.get() - self.open.get());
    }

    pub(super) fn close_window(&self, end: SimTime) {
        let total = self.total.get();
        let count = Count(total - self.at_window.replace(total));
        self.history.borrow_mut().push(end, count);
    }

    /// (end in seconds, events a second), by the second: by the window, what happens once a second would be a comb of
    /// tens and noughts. The last is of the second before the end of the last window.
    pub(super) fn rates(&self) -> Vec<(f64, f64)> {
        let history = self.history.borrow();
        let mut rates = Vec::new();
        let (mut count, mut since) = (0, None);
        for window in history.windows() {
            count += window.value.0;
            let start = *since.get_or_insert(window.start);
            if window.start.0 / SECOND.0 < window.end.0 / SECOND.0 {
                rates.push((window.end_s(), rate(count, start, window.end)));
                (count, since) = (0, None);
            }
        }
        if let (Some(_), Some(last)) = (since, history.newest().next()) {
            let from = SimTime(last.end.0.saturating_sub(SECOND.0));
            let second = history.newest().take_while(|window| window.start >= from);
            let count = second.map(|window| window.value.0).sum();
            rates.push((last.end_s(), rate(count, from, last.end)));
        }
        rates
    }

    /// The share that this counter has of another, window by window; none where that one stood still.
    pub(super) fn shares_of(&self, of: &Self) -> Vec<(f64, f64)> {
        let (own, other) = (self.history.borrow(), of.history.borrow());
        let share = own.windows().zip(other.windows());
        share
            .filter(|(_, other)| other.value.0 > 0)
            .map(|(own, other)| (own.end_s(), own.value.0 as f64 / other.value.0 as f64))
            .collect()
    }

    /// The amount counted in the windows that began at `since` or later.
    pub(super) fn recent(&self, since: SimTime) -> u64 {
        let history = self.history.borrow();
        let recent = history.windows().filter(|window| window.start >= since);
        recent.map(|window| window.value.0).sum()
    }
}

/// One that was counted and has not ended.
#[derive(Debug)]
pub struct Begun(Rc<Counter>);

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.end(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_once_a_second_has_a_rate_of_one() {
        let counter = Counter::default();
        let close = |tenth: u64| counter.close_window(SimTime::from_millis(tenth * 100));
        counter.increment();
        close(1);
        assert_eq!(counter.rates(), [(0.1, 10.0)], "it is all there is");
        for tenth in 2..=25 {
            if tenth % 10 == 3 {
                counter.increment();
            }
            close(tenth);
        }
        assert_eq!(counter.rates(), [(1.0, 2.0), (2.0, 1.0), (2.5, 1.0)]);
    }
}
