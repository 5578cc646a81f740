//! A database: one primary, and replicas that follow it.

use ddlab_labs::workbench::prelude::*;
use ddlab_labs::{choices, knobs};

choices! {
    /// Who answers reads.
    pub enum ReadsFrom {
        /// All, the primary among them.
        Any,
        /// The primary alone: nothing is stale.
        Primary,
        /// The replicas, and the primary while there is none.
        Replicas,
    }
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Slots }

    "database" {
        /// machines, the primary among them
        replicas: usize = count(1, 1, 50).restarts().essential();
        /// statements that a machine works on at once; more wait in line
        slots: usize = count(16, 1, 10_000).essential() => Slots;
        /// connections that a machine accepts, at work or waiting; more are refused
        connections: usize = count(500, 1, 100_000);
        /// how long a read takes
        reads: Distribution = distribution("exp:3ms").essential();
        /// how long a write takes
        writes: Distribution = distribution("exp:6ms").essential();
        /// who answers reads
        reads_from: ReadsFrom = choice();
        /// from a write at the primary until a replica has it
        replication_lag: Distribution = distribution("exp:40ms");
        /// from the death of the primary until a replica takes its place; off waits for it to come back
        failover: Option<Duration> = duration("30s", "1s", "1h").or("off");
        /// from the death of a machine until it serves again
        restart: Distribution = distribution("const:60s");
    }
}
