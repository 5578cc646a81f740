//! A cache: shards that each own a part of the keys, in front of an origin, as in the lab of the sharded service.

use ddlab_labs::workbench::prelude::*;
use ddlab_labs::{choices, knobs};

choices! {
    /// Who owns a key.
    pub enum Strategy {
        Ring,
        Jump,
        Rendezvous,
        Maglev,
        Modulo,
    }
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Slots, Memory }

    "cache" {
        /// machines, each of which owns a part of the keys
        shards: usize = count(5, 1, 200).restarts().essential();
        /// which machine owns a key
        strategy: Strategy = choice().restarts();
        /// points of each machine on the ring
        vnodes: usize = count(100, 1, 1_000).restarts();
        /// different keys that are asked for
        keys: usize = count(10_000, 1, 1_000_000).restarts().essential();
        /// how much more some keys are asked for than others: the exponent of Zipf's law, 0 for all the same
        skew: f64 = quantity("", 0.99, 0.0, 3.0).in_steps_of(0.1).restarts();
        /// keys that a machine keeps; the least recently used goes first
        memory: usize = count(1_000, 1, 10_000_000).essential() => Memory;
        /// requests that a machine works on at once
        slots: usize = count(1, 1, 1_000) => Slots;
        /// how long a machine works on a request, without what it fetches
        work: Distribution = distribution("exp:1ms");
        /// requests that may wait in line at a machine; more are refused at once
        shed: Option<usize> = count(1_000, 0, 100_000).or("off");
        /// from the death of a machine until it serves again, with nothing in its memory
        cold_start: Distribution = distribution("const:20s");
    }
}
