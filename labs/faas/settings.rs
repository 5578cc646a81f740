//! The knobs as the types that the pattern works with.

use super::keep_alive::KeepAlive;
use super::pattern::Settings;
use super::table::Knobs;
use crate::choices;
use std::time::Duration;

choices! {
    /// How the load goes over time; see the help of the knob.
    pub enum Profile {
        Poisson,
        Bursty,
        Daily,
        Rare,
    }
}

choices! {
    pub enum KeepAlivePolicy {
        Fixed,
        Histogram,
    }
}

choices! {
    pub enum WhenFull {
        /// As AWS Lambda does with a call that somebody waits for.
        Refuse,
        /// As Cloud Run does.
        Wait,
    }
}

choices! {
    pub enum Invocation {
        Sync,
        Async,
    }
}

impl WhenFull {
    /// How long a call that finds no room waits, if it does.
    pub fn patience(self, patience: Duration) -> Option<Duration> {
        match self {
            Self::Refuse => None,
            Self::Wait => Some(patience),
        }
    }
}

impl KeepAlivePolicy {
    /// How long an instance is kept: so long, or as long as the gaps between calls say.
    pub fn keep_alive(self, fixed: Duration) -> KeepAlive {
        match self {
            Self::Fixed => KeepAlive::Fixed(fixed),
            Self::Histogram => KeepAlive::learning(),
        }
    }
}

impl Knobs {
    /// What our function goes by.
    pub fn settings(&self) -> Settings {
        Settings {
            per_instance: self.instance_concurrency.get(),
            target: self.target.get(),
            patience: self.when_full.get().patience(self.patience.get()),
            time_limit: self.timeout.get(),
            provisioned: self.provisioned.get(),
        }
    }

    /// What the neighbour goes by: nothing but one call an instance.
    pub fn neighbour_settings(&self) -> Settings {
        Settings {
            per_instance: 1,
            target: 1.0,
            patience: None,
            time_limit: self.timeout.get(),
            provisioned: 0,
        }
    }

    pub fn keep_alive(&self) -> KeepAlive {
        self.keep_alive_policy
            .get()
            .keep_alive(self.keep_alive.get())
    }
}
