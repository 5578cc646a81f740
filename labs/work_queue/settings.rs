//! The knobs as the types that the pattern and the autoscaler work with.

use super::pattern::{Ack, Habits, Rules};
use super::sizing::{Backoff, Bounds, ScaleBy};
use super::table::Knobs;
use crate::{choices, words};

words! { Ack: Late, Early }

choices! {
    pub enum Idempotency { Off, Key }
    pub enum RetryBackoff { None, Fixed, Exponential }
    pub enum Autoscale { Off, Depth, Age }
}

/// Beats in a lease: one that is lost must not cost the item.
const BEATS_PER_LEASE: u32 = 3;

impl Knobs {
    /// What the queue goes by.
    pub fn rules(&self) -> Rules {
        let deliveries = self.max_receives.get() as u32;
        let retry_delay = self.retry_delay.get();
        Rules {
            visibility_timeout: self.visibility_timeout.get(),
            max_receives: self.dead_letter.get().then_some(deliveries),
            backoff: match self.retry_backoff.get() {
                RetryBackoff::None => Backoff::None,
                RetryBackoff::Fixed => Backoff::Fixed(retry_delay),
                RetryBackoff::Exponential => Backoff::Exponential(retry_delay),
            },
        }
    }

    /// What a worker goes by.
    pub fn habits(&self) -> Habits {
        let beat = self.visibility_timeout.get() / BEATS_PER_LEASE;
        Habits {
            ack: self.ack.get(),
            prefetch: self.prefetch.get(),
            heartbeat: self.heartbeat.get().then_some(beat),
        }
    }

    /// What the autoscaler goes by; none while it is off.
    pub fn scale_by(&self) -> Option<ScaleBy> {
        let target = self.scale_target.get();
        match self.autoscale.get() {
            Autoscale::Off => None,
            Autoscale::Depth => Some(ScaleBy::Depth(target)),
            Autoscale::Age => Some(ScaleBy::Age(target)),
        }
    }

    pub fn scale_bounds(&self) -> Bounds {
        Bounds {
            least: self.workers.get(),
            most: self.workers_max.get(),
            cooldown: self.scale_cooldown.get(),
        }
    }
}
