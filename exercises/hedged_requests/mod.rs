//! `hedged-requests`: a proxy before three replicas that asks a second one when the first is slow.
//!
//! - [`proxy`]: the program with its three replicas, asked as a client would.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod proxy;

use checks::{budget, copies, failures};

crate::exercise! {
    "hedged_requests",
    copies::starts_and_stops("How it works", "It serves on $PORT, and is gone within 2 s of SIGTERM"),
    copies::fast_is_asked_once("How it works", "While replicas are fast each request is one call, and they take turns"),
    copies::second_copy_wins("How it works", "A copy goes out after HEDGE_MS, wins, and the first call ends"),
    copies::first_copy_wins("How it works", "The first call may still win, and then the copy ends"),
    copies::not_a_third("How it works", "Two calls for a request and no more, and 504 at the deadline"),
    copies::tail("Choices and trade-offs", "The slowest answers get fast, for few calls more"),
    copies::not_blocked("What goes wrong", "A request that waits delays no other"),
    budget::budget("What goes wrong", "When all replicas are slow, copies stay within the budget"),
    failures::failed_call("How it works", "A failed call is replaced at once, and not after HEDGE_MS"),
    failures::failing_costs("What goes wrong", "A failed call is replaced only while the budget pays for it"),
    failures::failed_copy("What goes wrong", "A copy that fails does not end the wait for the first call"),
    failures::all_fail("What goes wrong", "When both calls fail the answer is 502"),
}
