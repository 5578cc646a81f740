//! `scatter-gather-top10`: the root of a search over three shards.
//!
//! - [`corpus`]: what the shards contain, and the oracle that knows the right answer.
//! - [`search`]: the program with its three shards, asked as a client would.
//! - [`judge`]: from what the program said to what is wrong with it.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod corpus;
mod judge;
mod search;

use checks::{deadline, faults, isolation, merging};

crate::exercise! {
    "scatter_gather_top10",
    merging::starts_and_stops("How it works", "It serves on $PORT, and is gone within 2 s of SIGTERM"),
    merging::merges("How it works", "The ten best of all shards, ties by id, each lot once"),
    merging::one_shard_has_all("How it works", "All ten may come from one shard"),
    deadline::parallel("How it works", "The three shards are asked at the same time"),
    deadline::slow_but_in_time(
        "Choices and trade-offs",
        "A slow shard that keeps the deadline is in the answer"
    ),
    deadline::shard_hangs(
        "What goes wrong",
        "One shard hangs, and a partial answer comes by the deadline"
    ),
    deadline::shard_drips("What goes wrong", "The deadline holds though bytes keep coming"),
    faults::shard_errors("What goes wrong", "A shard that answers 5xx is missing, and named"),
    faults::shard_lies("What goes wrong", "A shard that does not sort cannot spoil the order"),
    faults::shard_garbage("What goes wrong", "Garbage from a shard costs that shard alone"),
    faults::all_down("What goes wrong", "With no shard at all it says 503, not \"no hits\""),
    isolation::late_answers("What goes wrong", "A late answer never turns up in the next request"),
    isolation::calls_end("What goes wrong", "Calls to a hanging shard end with their request"),
    isolation::concurrent("How it works", "Requests at the same time do not mix"),
    isolation::not_blocked("What goes wrong", "One slow search does not hold up the next"),
}
