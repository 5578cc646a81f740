//! What it costs: calls and memory times time for a function, the clock for containers.
//!
//! The defaults are list prices of AWS for us-east-1, x86, as published in June 2026, without the free tier;
//! they change more often than the formulas do, so they are knobs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

/// AWS Lambda.
pub const USD_PER_MILLION_CALLS: f64 = 0.20;
pub const USD_PER_MILLION_GB_S: f64 = 16.666_7;
/// Fargate, a quarter of a vCPU and half a GB for 730 hours: 730 × (0.25 × $0.04048 + 0.5 × $0.004445).
pub const USD_PER_CONTAINER: f64 = 9.01;
/// Of an instance that is kept ready: what being there costs, and what running costs, as shares of the
/// price on demand ($4.1667 and $9.7222 of $16.6667 for a million GB-seconds).
const KEPT: f64 = 0.25;
const RUN_WHERE_KEPT: f64 = 0.583_33;

/// A month of 730 hours.
pub const MONTH: Duration = Duration::from_hours(730);
const MB_PER_GB: f64 = 1_024.0;
/// How far back the running price looks.
const RECENT: Duration = Duration::from_mins(1);

/// What is billed and at which price.
#[derive(Debug, Clone, Copy)]
pub struct Prices {
    pub million_calls: f64,
    pub million_gb_s: f64,
    pub memory_mb: usize,
}

impl Prices {
    /// US dollars for this time at this memory.
    fn seconds(&self, seconds: f64) -> f64 {
        seconds * self.memory_mb as f64 / MB_PER_GB * self.million_gb_s / 1e6
    }
}

/// The bill of one function, as it grows.
#[derive(Debug, Default)]
pub struct Bill {
    /// US dollars since the start.
    total: Cell<f64>,
    /// The total at earlier moments of the last minute, oldest first.
    recent: RefCell<VecDeque<(Duration, f64)>>,
}

impl Bill {
    pub fn call(&self, prices: Prices) {
        self.add(prices.million_calls / 1e6);
    }

    /// Time in which an instance ran, in whole milliseconds begun. Returns what is billed.
    pub fn run(&self, ran: Duration, kept: bool, prices: Prices) -> Duration {
        let billed = Duration::from_millis(ran.as_nanos().div_ceil(1_000_000) as u64);
        let share = if kept { RUN_WHERE_KEPT } else { 1.0 };
        self.add(share * prices.seconds(billed.as_secs_f64()));
        billed
    }

    /// So many instances were kept ready for this time.
    pub fn kept(&self, instances: usize, span: Duration, prices: Prices) {
        self.add(KEPT * prices.seconds(instances as f64 * span.as_secs_f64()));
    }

    fn add(&self, usd: f64) {
        self.total.set(self.total.get() + usd);
    }

    /// What a month like the last minute would cost, in US dollars. To be asked from time to time.
    pub fn a_month(&self, now: Duration) -> f64 {
        let mut recent = self.recent.borrow_mut();
        recent.push_back((now, self.total.get()));
        while recent.len() > 1 && recent[1].0 + RECENT <= now {
            recent.pop_front();
        }
        // Before the first minute is over it counts from the start.
        let (since, before) = match recent.front() {
            Some(first) if now >= RECENT => *first,
            _ => (Duration::ZERO, 0.0),
        };
        let span = now.saturating_sub(since).as_secs_f64();
        if span > 0.0 {
            (self.total.get() - before) / span * MONTH.as_secs_f64()
        } else {
            0.0
        }
    }
}
