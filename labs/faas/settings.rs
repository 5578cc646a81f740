//! The knobs as the types that the pattern works with.

use super::keep_alive::KeepAlive;
use super::pattern::Settings;
use super::table::Knobs;
use crate::choices;

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

impl Knobs {
    /// What our function goes by.
    pub fn settings(&self) -> Settings {
        Settings {
            per_instance: self.instance_concurrency.get(),
            target: self.target.get(),
            patience: match self.when_full.get() {
                WhenFull::Refuse => None,
                WhenFull::Wait => Some(self.patience.get()),
            },
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
        match self.keep_alive_policy.get() {
            KeepAlivePolicy::Fixed => KeepAlive::Fixed(self.keep_alive.get()),
            KeepAlivePolicy::Histogram => KeepAlive::learning(),
        }
    }
}
