//! The promises of `exercise.yaml`, one function each.
//!
//! Every check has the program and the three shards to itself. Where it can, it waits for events
//! (all shards have been asked; the late answer has been sent) and not for times.

mod deadline;
mod faults;
mod isolation;
mod merging;

use crate::harness::exercise::Check;
use futures::FutureExt;

/// In the order of the manifest.
pub const ALL: &[Check] = &[
    Check {
        name: "starts-and-stops",
        run: |stage| merging::starts_and_stops(stage).boxed(),
    },
    Check {
        name: "merges",
        run: |stage| merging::merges(stage).boxed(),
    },
    Check {
        name: "one-shard-has-all",
        run: |stage| merging::one_shard_has_all(stage).boxed(),
    },
    Check {
        name: "parallel",
        run: |stage| deadline::parallel(stage).boxed(),
    },
    Check {
        name: "slow-but-in-time",
        run: |stage| deadline::slow_but_in_time(stage).boxed(),
    },
    Check {
        name: "shard-hangs",
        run: |stage| deadline::shard_hangs(stage).boxed(),
    },
    Check {
        name: "shard-drips",
        run: |stage| deadline::shard_drips(stage).boxed(),
    },
    Check {
        name: "shard-errors",
        run: |stage| faults::shard_errors(stage).boxed(),
    },
    Check {
        name: "shard-lies",
        run: |stage| faults::shard_lies(stage).boxed(),
    },
    Check {
        name: "shard-garbage",
        run: |stage| faults::shard_garbage(stage).boxed(),
    },
    Check {
        name: "all-down",
        run: |stage| faults::all_down(stage).boxed(),
    },
    Check {
        name: "late-answers",
        run: |stage| isolation::late_answers(stage).boxed(),
    },
    Check {
        name: "calls-end",
        run: |stage| isolation::calls_end(stage).boxed(),
    },
    Check {
        name: "concurrent",
        run: |stage| isolation::concurrent(stage).boxed(),
    },
    Check {
        name: "not-blocked",
        run: |stage| isolation::not_blocked(stage).boxed(),
    },
];
