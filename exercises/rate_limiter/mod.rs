//! `rate-limiter`: token buckets that several copies share through a store.
//!
//! - [`limiter`]: the copies of the program with their store, whose clock the checks move.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod limiter;

use checks::{buckets, outages};

crate::exercise! {
    "rate_limiter",
    buckets::burst("The pattern", "A burst is let through to the last token, and no further"),
    buckets::refill("How it works", "Tokens come back at RATE, fractions included, up to BURST"),
    buckets::shared("How it works", "Three copies together let through what one would"),
    buckets::restart("The pattern", "A copy that was killed and started again remembers"),
    buckets::clock("How it works", "The time is the store's, also when it steps back"),
    buckets::forgets("How it works", "The store is told when a bucket may be forgotten"),
    outages::outage("What goes wrong", "Without the store it answers as ON_OUTAGE says, in time"),
    outages::slow_store("What goes wrong", "All calls of a decision share STORE_MS, which is used"),
    outages::isolation("What goes wrong", "Tenants whose calls hang delay no other"),
}
