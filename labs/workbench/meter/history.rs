//! A bounded history at falling resolution: the near past window by window, the far past in ever
//! wider ones, so that a run of any length fits into the same memory.
//!
//! When a level is full its two oldest windows merge into one of the next level, twice as wide.
//! Merging adds counts up: percentiles of a wide window come from its own merged histogram and are
//! never averages of percentiles.

use crate::engine::SimTime;
use std::collections::VecDeque;

/// Windows kept at full resolution: 30 s of 100 ms.
const NEAR: usize = 300;
/// Windows kept at each coarser level.
const FAR: usize = 60;
/// Coarser levels; with the widths doubling they reach back about seven hours of virtual time.
const LEVELS: usize = 12;

/// What can be summed over two windows that follow each other.
pub(super) trait Merge {
    fn merge(&mut self, later: Self);
}

/// One stretch of time with what was measured in it.
#[derive(Debug, Clone)]
pub(super) struct Window<T> {
    pub start: SimTime,
    pub end: SimTime,
    pub value: T,
}

impl<T> Window<T> {
    pub fn end_s(&self) -> f64 {
        self.end.0 as f64 / 1e9
    }

    #[cfg(test)]
    pub fn width_s(&self) -> f64 {
        (self.end.0 - self.start.0) as f64 / 1e9
    }
}

/// The windows of one meter, by level: the first is the finest.
#[derive(Debug)]
pub struct History<T> {
    levels: Vec<VecDeque<Window<T>>>,
    last_end: SimTime,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self {
            levels: vec![VecDeque::new()],
            last_end: SimTime(0),
        }
    }
}

#[allow(private_bounds)] // `Merge` is how the windows of this room's meters sum up; nobody else needs it.
impl<T: Merge> History<T> {
    /// Adds the window that began where the last one ended.
    pub(super) fn push(&mut self, end: SimTime, value: T) {
        let start = std::mem::replace(&mut self.last_end, end);
        self.levels[0].push_back(Window { start, end, value });
        let mut level = 0;
        while self.levels[level].len() > if level == 0 { NEAR } else { FAR } {
            if level == LEVELS {
                self.levels[level].pop_front();
                return;
            }
            let oldest = &mut self.levels[level];
            let (Some(mut first), Some(second)) = (oldest.pop_front(), oldest.pop_front()) else {
                return;
            };
            first.end = second.end;
            first.value.merge(second.value);
            level += 1;
            if self.levels.len() == level {
                self.levels.push(VecDeque::new());
            }
            self.levels[level].push_back(first);
        }
    }

    /// All windows, the oldest first.
    pub(super) fn windows(&self) -> impl Iterator<Item = &Window<T>> {
        self.levels.iter().rev().flatten()
    }

    /// The windows at full resolution, the newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = &Window<T>> {
        self.levels[0].iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Merge for u64 {
        fn merge(&mut self, later: Self) {
            *self += later;
        }
    }

    fn after(windows: u64) -> History<u64> {
        let mut history = History::default();
        for n in 1..=windows {
            history.push(SimTime(n * 100_000_000), 1);
        }
        history
    }

    #[test]
    fn an_hour_keeps_every_event_in_a_bounded_number_of_windows() {
        let history = after(36_000);
        assert_eq!(
            history.windows().map(|window| window.value).sum::<u64>(),
            36_000
        );
        assert!(history.windows().count() <= NEAR + LEVELS * (FAR + 1));
    }

    #[test]
    fn windows_join_without_gap_and_only_widen_into_the_past() {
        let history = after(5_000);
        let windows: Vec<_> = history.windows().collect();
        for pair in windows.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
            assert!(pair[0].width_s() >= pair[1].width_s());
        }
        assert_eq!(windows[0].start, SimTime(0));
        let near = windows
            .iter()
            .filter(|window| window.width_s() < 0.11)
            .count();
        assert!(
            near >= NEAR - 1,
            "the last half minute stays at full resolution"
        );
    }

    #[test]
    fn a_run_of_days_stays_bounded_and_drops_the_oldest() {
        let history = after(2_000_000);
        assert!(history.windows().count() <= NEAR + (LEVELS + 1) * FAR);
        assert!(
            history
                .windows()
                .next()
                .is_some_and(|window| window.start > SimTime(0))
        );
    }
}
