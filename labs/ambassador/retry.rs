//! When to try again: how often, how long apart, and whether one may afford it.
//!
//! Sources: Google, Site Reliability Engineering, chapter 21, "Deciding to Retry" (a budget of 10 % of the requests);
//! Finagle's `RetryBudget` (tokens that requests earn); M. Brooker, "Exponential Backoff And Jitter" (full jitter).

use std::time::Duration;

/// How long to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backoff {
    None,
    /// `base`, then twice as long each time.
    Exponential,
    /// Anything from nothing to that, so that callers who failed together don't come back together.
    FullJitter,
}

/// The longest wait, as a multiple of `base`.
const LONGEST: u32 = 32;
/// Retries that may be saved up: a quiet hour must not pay for a storm.
pub const BUDGET_MAX: f64 = 10.0;

/// Retries are earned by requests: each request earns this share of one, each retry spends a whole one.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryBudget {
    ratio: f64,
    tokens: f64,
}

impl RetryBudget {
    /// A full budget.
    pub fn new(ratio: f64) -> Self {
        Self {
            ratio,
            tokens: BUDGET_MAX,
        }
    }

    /// To be called once for each request, and not for each attempt.
    pub fn earn(&mut self) {
        self.tokens = (self.tokens + self.ratio).min(BUDGET_MAX);
    }

    /// Whether an extra call may go out.
    pub fn spend(&mut self) -> bool {
        let affordable = self.tokens >= 1.0;
        if affordable {
            self.tokens -= 1.0;
        }
        affordable
    }
}

/// The rules of one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Attempts in all, the first included.
    pub attempts: usize,
    pub backoff: Backoff,
    pub base: Duration,
    /// Retries as a share of the requests; none is without a limit.
    pub budget: Option<f64>,
}

/// One layer that tries again: its rules, and what it has left of its budget.
#[derive(Debug)]
pub struct Retries {
    rules: Rules,
    budget: Option<RetryBudget>,
}

impl Retries {
    pub fn new(rules: Rules) -> Self {
        Self {
            budget: rules.budget.map(RetryBudget::new),
            rules,
        }
    }

    /// Other rules from now on. The budget goes on where its ratio is the same.
    pub fn configure(&mut self, rules: Rules) {
        if rules.budget != self.rules.budget {
            self.budget = rules.budget.map(RetryBudget::new);
        }
        self.rules = rules;
    }

    /// Another request, before its first attempt.
    pub fn request(&mut self) {
        if let Some(budget) = &mut self.budget {
            budget.earn();
        }
    }

    // region: next
    /// How long to wait before the next attempt; none means: give up, and say so. `made` counts the attempts
    /// so far, `left` is what remains of the caller's patience, `dice` is uniform between 0 and 1.
    pub fn next(&mut self, made: usize, left: Duration, dice: f64) -> Option<Duration> {
        if made >= self.rules.attempts {
            return None;
        }
        let doublings = made.saturating_sub(1).min(16) as u32;
        let longest = self.rules.base * 2_u32.pow(doublings).min(LONGEST);
        let wait = match self.rules.backoff {
            Backoff::None => Duration::ZERO,
            Backoff::Exponential => longest,
            Backoff::FullJitter => longest.mul_f64(dice),
        };
        let affordable = wait < left && self.budget.as_mut().is_none_or(RetryBudget::spend);
        affordable.then_some(wait)
    }
    // endregion: next
}
