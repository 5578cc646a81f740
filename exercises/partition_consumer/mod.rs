//! `partition-consumer`: one of a group of consumers that share the partitions of a log.
//!
//! - [`broker`]: the log, the group with its generations, and the store with its fence.
//! - [`group`]: the copies of the program between them.
//! - [`checks`]: the promises below, one function each.

mod broker;
mod checks;
mod group;

use checks::{failures, generations, work};

crate::exercise! {
    "partition_consumer",
    work::consumes("The pattern", "Every record has its effect, in the order of its partition"),
    work::shares("How it works", "Three consumers do each record one time"),
    work::side_by_side("How it works", "A partition that is slow delays no other and no heartbeat"),
    work::commits_after("How it works", "Committed is what has had its effect, and not before"),
    generations::rebalance("What goes wrong", "When the generation is over it stops, joins and goes on"),
    failures::poison("What goes wrong", "A record that will never succeed is put aside"),
    generations::zombie("What goes wrong", "A consumer that was frozen does not go on where it was"),
    failures::away("What goes wrong", "What fails is repeated after a pause, for as long as it may"),
    work::leaves("How it works", "On SIGTERM it finishes, commits and leaves"),
}
