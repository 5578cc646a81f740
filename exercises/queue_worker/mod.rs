//! `queue-worker`: a worker that takes items from a queue with leases.
//!
//! - [`queue`]: the queue, with real leases.
//! - [`shop`]: the program with its queue, its vendor and its store.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod queue;
mod shop;

use checks::{failures, leases, work};

crate::exercise! {
    "queue_worker",
    work::works_and_stops("The pattern", "It does the items, and is gone within 2 s of SIGTERM"),
    work::in_parallel("How it works", "WORKERS items at a time, no more and no fewer"),
    work::polls("How it works", "An empty queue is asked again after POLL_MS"),
    work::sigterm("How it works", "On SIGTERM it finishes the items in hand and takes no more"),
    leases::slow_work("How it works", "The lease is extended while the work goes on"),
    leases::lease_lost("How it works", "An item whose lease is lost is dropped"),
    leases::hangs("What goes wrong", "Work that hangs is given up after WORK_MS, and not extended for ever"),
    leases::crash("How it works", "What a killed worker had in hand is done by the next one"),
    failures::flaky("How it works", "A failure gives the item back, with a pause that doubles"),
    failures::poison("How it works", "An item that fails MAX_ATTEMPTS times goes to the dead letters"),
    failures::broken("How it works", "An item that cannot succeed goes there at once"),
    failures::store_fails("How it works", "Acknowledged only after the effect, which has the same key each time"),
}
