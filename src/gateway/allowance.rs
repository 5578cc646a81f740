//! How often a server may be asked: a token bucket. Time comes in as an argument.

use std::time::{Duration, Instant};

/// `rate` tokens a second, `burst` at most; each request takes one.
#[derive(Debug)]
pub struct Allowance {
    rate: f64,
    burst: f64,
    tokens: f64,
    filled_at: Instant,
}

impl Allowance {
    pub fn new(rate: f64, burst: f64, now: Instant) -> Self {
        Self {
            rate,
            burst,
            tokens: burst,
            filled_at: now,
        }
    }

    /// Takes a token, or says how long it takes until there is one.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + passed * self.rate).min(self.burst);
        self.filled_at = self.filled_at.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - self.tokens) / self.rate;
        Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let start = Instant::now();
        let mut allowance = Allowance::new(10.0, 3.0, start);
        let at = |ms| start + Duration::from_millis(ms);
        assert!((0..3).all(|_| allowance.take(at(0)).is_ok()));
        let wait = allowance.take(at(0)).unwrap_err();
        assert_eq!(wait, Duration::from_millis(100));
        assert!(allowance.take(at(99)).is_err());
        assert!(allowance.take(at(101)).is_ok());
        assert!(allowance.take(at(101)).is_err());
    }

    #[test]
    fn what_is_not_used_is_not_saved_beyond_the_burst() {
        let start = Instant::now();
        let mut allowance = Allowance::new(10.0, 3.0, start);
        let later = start + Duration::from_hours(1);
        let let_through = (0..10).filter(|_| allowance.take(later).is_ok());
        assert_eq!(let_through.count(), 3);
    }
}
