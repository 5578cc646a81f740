//! `thumbnail-function`: an event handler with partial batch failure.
//!
//! - [`platform`]: the program with its stores, called as a platform calls a function.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod platform;

crate::exercise! {
    "thumbnail_function",
    checks::handles("The pattern", "Each record of a batch becomes a thumbnail"),
    checks::partial_failure("How it works", "The records that failed are named, and no others"),
    checks::broken_image("What goes wrong", "What will never succeed is put aside and does not come again"),
    checks::duplicates("How it works", "A record that comes again costs no second image"),
    checks::deadline("What goes wrong", "It answers by the deadline, and keeps what is finished"),
    checks::concurrency("How it works", "CONCURRENCY images at a time in all calls, no more and no fewer"),
    checks::isolation("What goes wrong", "Nothing of one record is used for another"),
    checks::warm("How it works", "What is the same for all calls is fetched once, and nothing is left behind"),
}
