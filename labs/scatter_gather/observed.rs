//! What leaves took of late: a quantile of a sliding window, for hedging after the usual time.

use std::collections::VecDeque;
use std::time::Duration;

/// A quantile of the last calls, taken anew every so often.
#[derive(Debug, Default)]
pub struct Observed {
    recent: VecDeque<Duration>,
    since_estimate: usize,
    estimate: Option<Duration>,
}

impl Observed {
    const WINDOW: usize = 2000;
    const EVERY: usize = 100;

    /// None before the first [`EVERY`](Self::EVERY) calls.
    pub fn estimate(&self) -> Option<Duration> {
        self.estimate
    }

    pub fn push(&mut self, took: Duration, quantile: f64) {
        if self.recent.len() == Self::WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(took);
        self.since_estimate += 1;
        if self.since_estimate == Self::EVERY {
            self.since_estimate = 0;
            let mut sample: Vec<Duration> = self.recent.iter().copied().collect();
            let rank = (quantile * (sample.len() - 1) as f64).round() as usize;
            self.estimate = Some(*sample.select_nth_unstable(rank).1);
        }
    }
}
