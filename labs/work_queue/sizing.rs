//! How fast to try again and how many to be: back-off, the autoscaler's rule, and Erlang's formula for
//! what a pool of a given size comes to.

use std::time::Duration;

/// How long an item that came back stays out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backoff {
    None,
    Fixed(Duration),
    /// Twice as long after each delivery.
    Exponential(Duration),
}

/// No item waits longer than this for its next attempt.
const BACKOFF_MAX: Duration = Duration::from_mins(15);

impl Backoff {
    /// The delay after so many deliveries, at least one.
    pub fn after(self, received: u32) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(delay) => delay,
            Self::Exponential(first) => {
                let factor = 2u32.saturating_pow(received.saturating_sub(1));
                first.saturating_mul(factor).min(BACKOFF_MAX)
            }
        }
    }
}

/// What the autoscaler goes by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScaleBy {
    /// So many items, waiting or handed out, for each worker.
    Depth(f64),
    /// So many seconds that the oldest item may be old; the pool changes by the same factor by which
    /// the age misses it. It needs no guess about service time.
    Age(f64),
}

impl ScaleBy {
    /// How many workers the rule calls for at this moment, whatever it called for before.
    pub fn wanted(self, bounds: Bounds, seen: Seen) -> usize {
        let wanted = match self {
            Self::Depth(per_worker) => seen.items as f64 / per_worker,
            Self::Age(seconds) => seen.workers as f64 * seen.oldest_age.as_secs_f64() / seconds,
        };
        // Less a trifle: 0.3 / 0.1 is 2.9999999999999996 and 0.7 / 0.1 more than 7.
        let wanted = (wanted - 1e-9).ceil().max(0.0) as usize;
        wanted.clamp(bounds.least, bounds.most.max(bounds.least))
    }
}

/// What the autoscaler sees when it looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Waiting and handed out.
    pub items: usize,
    pub oldest_age: Duration,
    /// Workers that are there or on their way.
    pub workers: usize,
}

/// Decides how many workers there should be. Up at once; down only after nothing has called for the
/// present size for a whole cooldown, since a pool that follows each lull saws.
#[derive(Debug, Default)]
pub struct Scaler {
    /// Since when fewer are wanted than there are, and the most that were wanted meanwhile.
    lull: Option<(Duration, usize)>,
}

/// The autoscaler's bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub least: usize,
    pub most: usize,
    pub cooldown: Duration,
}

impl Scaler {
    pub fn desired(&mut self, by: ScaleBy, bounds: Bounds, seen: Seen, now: Duration) -> usize {
        let wanted = by.wanted(bounds, seen);
        if wanted >= seen.workers {
            self.lull = None;
            return wanted;
        }
        let (since, most) = self.lull.unwrap_or((now, wanted));
        let most = most.max(wanted);
        if now.saturating_sub(since) < bounds.cooldown {
            self.lull = Some((since, most));
            return seen.workers;
        }
        self.lull = None;
        most
    }
}

/// Share of arrivals that find every worker busy, in a queue with Poisson arrivals and exponential
/// service: Erlang's C formula, by way of B (A. K. Erlang 1917; recursion as in any teletraffic
/// handbook). `load` is arrivals x mean service time, in busy workers. None where the pool is too
/// small for the load: then the queue grows without end.
pub fn erlang_c(workers: usize, load: f64) -> Option<f64> {
    let utilization = load / workers as f64;
    if utilization >= 1.0 {
        return None;
    }
    let blocked = (1..=workers).fold(1.0, |b, k| load * b / (k as f64 + load * b));
    Some(blocked / (1.0 - utilization * (1.0 - blocked)))
}

/// Mean time that an item waits, in mean service times: C / (c - a).
pub fn erlang_wait(workers: usize, load: f64) -> Option<f64> {
    Some(erlang_c(workers, load)? / (workers as f64 - load))
}
