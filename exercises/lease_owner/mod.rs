//! `lease-owner`: three copies compete for a lease, and its owner closes auctions.
//!
//! - [`store`]: the lease store, by the wall clock.
//! - [`shop`]: where the lots are, behind a fence.
//! - [`market`]: copies of the program with both of them.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod market;
mod shop;
mod store;

use checks::{outages, ownership, work};

crate::exercise! {
    "lease_owner",
    work::closes_and_stops("The pattern", "The owner closes lots, and releases the lease on SIGTERM"),
    work::fence_first("How it works", "It raises the fence before it reads, and each write has its token"),
    work::shop_fails("What goes wrong", "A lot that could not be closed is closed later"),
    ownership::one_owner("How it works", "Of three copies one owns, and renews in time"),
    ownership::paused("What goes wrong", "An owner that was paused past its lease stops at the fence"),
    ownership::killed("How it works", "When the owner dies another one takes over in time"),
    ownership::hands_over("How it works", "An owner that is told to go hands over without a wait"),
    outages::store_away("How it works", "Without the store the owner works to the end of its lease, and no longer"),
    outages::store_slow("How it works", "An answer that comes when its lease is over is not used"),
}
