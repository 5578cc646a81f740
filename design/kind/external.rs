//! The API of somebody else: nobody here can add a machine to it.

use ddlab_labs::knobs;
use ddlab_labs::workbench::prelude::*;

knobs! {
    pub struct Knobs;
    pub enum Turned { }

    "external" {
        /// how long it takes to answer
        latency: Distribution = distribution("lognormal:80ms,0.5").essential();
        /// share of the calls that fail
        error_ratio: f64 = share(0.001, 0.001).essential();
        /// calls a second that it takes; more are refused at once
        quota: Option<f64> = quantity("rps", 100.0, 0.1, 100_000.0).starting_at("off").essential();
    }
}
