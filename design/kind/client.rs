//! Clients: where the load comes from.

use ddlab_labs::workbench::knob::KnobSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_labs::{choices, knobs};
use std::sync::LazyLock;

choices! {
    /// How the load of a client goes up and down.
    pub enum Profile {
        Steady,
        /// From 1 to `peak` times, within ten minutes.
        Ramp,
        /// `peak` times from the first to the third minute.
        Crowd,
        /// Up and down over a day, `peak` times at noon.
        Daily,
    }
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Load }

    "client" {
        /// requests a second, on an ordinary evening
        rps: f64 = quantity("rps", 100.0, 0.01, 200_000.0).essential() => Load;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
        /// as rps says (steady), up to `peak` times that within ten minutes (ramp), `peak` times from the first to the
        /// third minute (crowd), or up and down over a day (daily)
        profile: Profile = choice() => Load;
        /// how many times its ordinary rate the load has at its highest
        peak: f64 = quantity("x", 10.0, 1.0, 1_000.0) => Load;
        /// people who send the requests, each as often as the others
        users: usize = count(1_000, 1, 100_000);
    }
}

pub static SPECS: LazyLock<Vec<KnobSpec>> = LazyLock::new(Knobs::specs);
