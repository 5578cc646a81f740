//! A service: equal replicas behind a balancer, as in the lab of the replicated service.

use ddlab_labs::replicated::pattern::Policy;
use ddlab_labs::workbench::prelude::*;
use ddlab_labs::{choices, knobs};

choices! {
    /// How a service makes its calls.
    pub enum Order {
        /// One after the other, in the order of the file.
        Sequence,
        /// All at once.
        Parallel,
    }
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Slots, Balance }

    "service" {
        /// copies of the service
        replicas: usize = count(1, 1, 200).restarts().essential();
        /// requests that a replica works on at once; more wait in line
        slots: usize = count(4, 1, 10_000).essential() => Slots;
        /// how long a replica works on a request, without what it waits for others
        work: Distribution = distribution("exp:10ms").essential();
        /// requests that may wait in line at a replica; more are refused at once
        shed: Option<usize> = count(100, 0, 100_000).or("off");
        /// how a replica is picked for each request
        balance: Policy = choice() => Balance;
        /// one call after the other, or all at once
        calls_in: Order = choice();
        /// a request keeps its slot while it waits for others, as with a thread for each request
        blocking: bool = switch(true);
        /// share of the requests that fail for no reason of load
        error_ratio: f64 = share(0.0, 0.01);
        /// from the death of a replica until a new one serves
        cold_start: Distribution = distribution("const:20s");
        /// from a change of a replica until the balancer knows it
        endpoints_lag: Duration = duration("2s", "0ms", "1m");
    }
}
