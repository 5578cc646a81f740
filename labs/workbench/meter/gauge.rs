//! Levels: queue depth, utilisation, workers. The mean is over time, not over changes.

use super::history::{History, Merge, Window};
use crate::engine::SimTime;
use std::cell::{Cell, RefCell};

/// A level that goes up and down.
#[derive(Debug, Default)]
pub struct Gauge {
    level: Cell<f64>,
    changed_at: Cell<SimTime>,
    total: Cell<Span>,
    window: Cell<Span>,
    history: RefCell<History<Span>>,
}

/// A level over a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    /// Level x seconds.
    area: f64,
    seconds: f64,
    min: f64,
    max: f64,
}

impl Default for Span {
    fn default() -> Self {
        Self {
            area: 0.0,
            seconds: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl Span {
    fn hold(&mut self, level: f64, seconds: f64) {
        self.area += level * seconds;
        self.seconds += seconds;
        self.touch(level);
    }

    fn touch(&mut self, level: f64) {
        self.min = self.min.min(level);
        self.max = self.max.max(level);
    }

    fn mean(&self) -> Option<f64> {
        (self.seconds > 0.0).then(|| self.area / self.seconds)
    }
}

impl Merge for Span {
    fn merge(&mut self, later: Self) {
        self.area += later.area;
        self.seconds += later.seconds;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
    }
}

/// A gauge as read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    pub last: f64,
    /// Over time, after the warm-up.
    pub mean: f64,
    pub min: f64,
    pub max: f64,
}

impl Gauge {
    /// The level is `level` from `now` on.
    pub fn set(&self, level: f64, now: SimTime) {
        self.settle(now);
        self.level.set(level);
        for span in [&self.total, &self.window] {
            let mut held = span.get();
            held.touch(level);
            span.set(held);
        }
    }

    pub fn add(&self, change: f64, now: SimTime) {
        self.set(self.level.get() + change, now);
    }

    pub fn level(&self) -> f64 {
        self.level.get()
    }

    /// The level over all time after the warm-up, up to `now`.
    /// Reading changes nothing: a run that is looked at more often must not sum up otherwise.
    pub fn read(&self, now: SimTime) -> Reading {
        let (mut total, last) = (self.total.get(), self.level.get());
        let seconds = now.0.saturating_sub(self.changed_at.get().0) as f64 / 1e9;
        if seconds > 0.0 {
            total.hold(last, seconds);
        }
        match total.mean() {
            Some(mean) => Reading {
                last,
                mean,
                min: total.min,
                max: total.max,
            },
            None => Reading {
                last,
                mean: last,
                min: last,
                max: last,
            },
        }
    }

    /// Accounts the present level for the time since it was last looked at.
    pub(super) fn settle(&self, now: SimTime) {
        let since = self.changed_at.replace(now);
        let seconds = now.0.saturating_sub(since.0) as f64 / 1e9;
        if seconds > 0.0 {
            for span in [&self.total, &self.window] {
                let mut held = span.get();
                held.hold(self.level.get(), seconds);
                span.set(held);
            }
        }
    }

    pub(super) fn end_warm_up(&self, now: SimTime) {
        self.settle(now);
        self.total.set(Span::default());
    }

    pub(super) fn close_window(&self, end: SimTime) {
        self.settle(end);
        self.history.borrow_mut().push(end, self.window.take());
    }

    /// The level over the windows that began at `since` or later; none before one has closed.
    pub(super) fn recent(&self, since: SimTime) -> Option<Reading> {
        let history = self.history.borrow();
        let mut recent = Span::default();
        for window in history.windows().filter(|window| window.start >= since) {
            recent.merge(window.value);
        }
        Some(Reading {
            last: self.level.get(),
            mean: recent.mean()?,
            min: recent.min,
            max: recent.max,
        })
    }

    /// (end of window in seconds, mean over the window).
    pub(super) fn means(&self) -> Vec<(f64, f64)> {
        let history = self.history.borrow();
        let point = |window: &Window<Span>| Some((window.end_s(), window.value.mean()?));
        history.windows().filter_map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: u64) -> SimTime {
        SimTime(seconds * 1_000_000_000)
    }

    #[test]
    fn the_mean_is_over_time_and_not_over_changes() {
        let gauge = Gauge::default();
        gauge.set(10.0, s(0));
        gauge.set(0.0, s(1));
        let read = gauge.read(s(10));
        assert_eq!(
            read,
            Reading {
                last: 0.0,
                mean: 1.0,
                min: 0.0,
                max: 10.0
            }
        );
    }

    #[test]
    fn the_warm_up_is_left_out() {
        let gauge = Gauge::default();
        gauge.set(100.0, s(0));
        gauge.set(4.0, s(5));
        gauge.end_warm_up(s(5));
        let read = gauge.read(s(7));
        assert_eq!(
            read,
            Reading {
                last: 4.0,
                mean: 4.0,
                min: 4.0,
                max: 4.0
            }
        );
    }

    #[test]
    fn each_window_has_its_own_mean() {
        let gauge = Gauge::default();
        gauge.set(2.0, s(0));
        gauge.close_window(s(1));
        gauge.set(4.0, SimTime(1_500_000_000));
        gauge.close_window(s(2));
        assert_eq!(gauge.means(), vec![(1.0, 2.0), (2.0, 3.0)]);
        let recent = gauge.recent(s(1)).unwrap();
        assert_eq!((recent.mean, recent.min, recent.max), (3.0, 2.0, 4.0));
        assert_eq!(gauge.recent(s(2)), None);
    }
}
