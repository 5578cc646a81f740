//! The alternative: containers that are always on, with the same calls on them.

use crate::engine::SimTime;
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Places of all containers together, with one line before them: first come, first served.
#[derive(Debug, Default)]
pub struct Containers {
    /// When each place is free again.
    free_at: RefCell<BinaryHeap<Reverse<SimTime>>>,
}

impl Containers {
    /// A call that comes now and takes this long: how long until its answer. Service in order of arrival
    /// and with known durations can be worked out at once, without an event.
    pub fn serve(&self, now: SimTime, takes: Duration) -> Duration {
        let mut free_at = self.free_at.borrow_mut();
        let first = free_at.pop().map_or(now, |Reverse(at)| at);
        let done = first.max(now) + takes;
        free_at.push(Reverse(done));
        done - now
    }

    /// So many places from now on. The first that are free come and go first.
    pub fn resize(&self, places: usize, now: SimTime) {
        let mut free_at = self.free_at.borrow_mut();
        while free_at.len() > places {
            free_at.pop();
        }
        while free_at.len() < places {
            free_at.push(Reverse(now));
        }
    }
}
