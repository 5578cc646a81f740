//! The knobs as the types that the pattern works with.

use super::breaker;
use super::pattern::{Hedge, Routing, Settings};
use super::retry::{Backoff, Rules};
use super::split::SplitBy;
use super::table::Knobs;
use super::world::Tamper;
use crate::{choices, words};
use std::time::Duration;

words! { Backoff: None, Exponential, FullJitter }
words! { Routing: RoundRobin, Shard }
words! { SplitBy: Key, Chance }

choices! {
    /// Where the code of the ambassador runs.
    pub enum Placement {
        /// A process of its own beside the application.
        Ambassador,
        /// In the application's process.
        Library,
    }
}

impl Knobs {
    /// How a layer tries again: all of them by the same rules.
    pub fn retries(&self, tamper: Tamper) -> Rules {
        Rules {
            attempts: self.attempts.get(),
            backoff: self.backoff.get(),
            base: self.backoff_base.get(),
            budget: self
                .retry_budget
                .get()
                .filter(|_| tamper != Tamper::IgnoreBudget),
        }
    }

    pub fn settings(&self, tamper: Tamper) -> Settings {
        let mut open_for = self.breaker_open_for.get();
        if tamper == Tamper::ProbeEarly {
            open_for /= 2;
        }
        Settings {
            retries: self.retries(tamper),
            hedge: self.hedge_after.get().map(|after| Hedge {
                after,
                budget: if tamper == Tamper::HedgeFreely {
                    1.0
                } else {
                    self.hedge_budget.get()
                },
            }),
            timeout: self.timeout.get(),
            routing: self.routing.get(),
            breaker: self.breaker.get().then_some(breaker::Rules {
                threshold: self.breaker_threshold.get(),
                open_for,
            }),
            ejected_max: self.ejected_max.get(),
            pace: self.rate_limit.get().map(|rps| {
                let spacing = Duration::from_secs_f64(1.0 / rps);
                (spacing, self.rate_burst.get() as u32)
            }),
        }
    }
}
