//! Calls: from a client or a component to a component, through an ambassador of their own.

use ddlab_labs::ambassador::retry::Backoff;
use ddlab_labs::knobs;
use ddlab_labs::workbench::knob::KnobSpec;
use ddlab_labs::workbench::prelude::*;
use std::sync::LazyLock;

knobs! {
    pub struct Knobs;
    pub enum Turned { Rules }

    "call" {
        /// how long an attempt may take
        timeout: Duration = duration("1s", "1ms", "10m").essential() => Rules;
        /// attempts after the first, where that fails in a way that may pass
        retries: usize = count(0, 0, 10).essential() => Rules;
        /// how long to wait before a retry: not at all, twice as long each time, or anything up to that
        backoff: Backoff = choice() => Rules;
        /// the wait before the first retry
        backoff_base: Duration = duration("25ms", "0ms", "1m") => Rules;
        /// retries as a share of the requests of a caller; off is without a limit
        retry_budget: Option<f64> = share(0.1, 0.05).starting_at("off") => Rules;
        /// refuse at once while too many of the last 100 calls have failed
        breaker: bool = switch(false) => Rules;
        /// see breaker: from this share on
        breaker_threshold: f64 = share(0.5, 0.05) => Rules;
        /// see breaker: for so long, before it probes
        breaker_open_for: Duration = duration("5s", "10ms", "10m") => Rules;
        /// calls that a caller lets go a second; off is without a limit
        rate_limit: Option<f64> = quantity("rps", 1_000.0, 0.1, 100_000.0).starting_at("off") => Rules;
        /// calls that a caller may have out at a time; more wait for a connection
        pool: Option<usize> = count(100, 1, 100_000).starting_at("inf").restarts();
        /// an attempt that is given up is called off at the callee too, and not worked on to its end
        cancel: bool = switch(false);
        /// the request is answered without this, too
        optional: bool = switch(false);
        /// share of the requests that make this call
        share: f64 = share(1.0, 0.05);
        /// share of the calls that write, where the callee tells reads from writes
        write_ratio: f64 = share(0.0, 0.05);
        /// how deep it may be nested, where calls go round in a cycle
        depth: Option<usize> = count(3, 1, 16).starting_at("off");
    }
}

pub static SPECS: LazyLock<Vec<KnobSpec>> = LazyLock::new(Knobs::specs);
