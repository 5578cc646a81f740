//! The knobs as the types that the pattern works with.

use super::pattern::{Policy, Settings};
use super::scaling::Bounds;
use super::table::Knobs;
use crate::{choices, words};

words! { Policy: RoundRobin, Random, LeastConnections, TwoChoices, Sticky, RingHash }

choices! {
    pub enum Profile {
        Steady,
        Ramp,
        Crowd,
        Daily,
    }

    pub enum State {
        Stateless,
        InMemory,
        External,
    }

    pub enum Autoscale {
        Off,
        /// By the requests that replicas serve.
        Hpa,
        /// By the requests that are offered.
        Event,
        /// By the schedule, and by what is offered beyond it.
        Predictive,
    }

    /// What a readiness probe asks.
    pub enum Readiness {
        Itself,
        Database,
    }

    /// What a liveness probe asks.
    pub enum Liveness {
        /// Whether the process runs.
        Process,
        /// A request like any other, which waits like any other.
        Endpoint,
        Database,
    }
}

impl Knobs {
    pub fn balancing(&self) -> Settings {
        Settings {
            policy: self.policy.get(),
            stale: !self.load_info_age.get().is_zero(),
            slow_start: self.slow_start.get(),
        }
    }

    /// What the autoscaler may do. The schedule raises the floor.
    pub fn bounds(&self) -> Bounds {
        let floor = match self.autoscale.get() {
            Autoscale::Predictive => self.replicas.get().max(self.scheduled.get()),
            // Its metric is measured at replicas: where there is none, nothing says that one is needed.
            Autoscale::Hpa => self.replicas.get().max(1),
            Autoscale::Off | Autoscale::Event => self.replicas.get(),
        };
        let most = self.replicas_max.get().max(floor);
        Bounds {
            target: self.target_rps.get(),
            least: floor as u32,
            most: most as u32,
            down_window: self.down_window.get(),
        }
    }
}
