//! `api-composition`: the page of a lot, made of what three services say.
//!
//! - [`page`]: the program with its three services, asked as a client would.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod page;

use checks::{deadline, degrade, whole};

crate::exercise! {
    "api_composition",
    whole::starts_and_stops("How it works", "It serves on $PORT, and is gone within 2 s of SIGTERM"),
    whole::composes("The pattern", "Auction, bids and seller in one answer, each service asked once"),
    whole::parallel("How it works", "No call waits for another whose answer it does not need"),
    whole::not_mixed("What goes wrong", "Pages run side by side and do not mix"),
    degrade::optional_fails("In the auction platform", "Without bids or seller there is a page, which says so"),
    degrade::optional_late("In the auction platform", "A slow service costs its field, and not before the deadline"),
    degrade::auction_fails("In the auction platform", "Without the auction there is no page, and no waiting for the rest"),
    degrade::auction_late("In the auction platform", "An auction that is late is a 504, one that is not there a 404"),
    deadline::travels("How it works", "Each call is told how much time remains"),
    deadline::of_the_caller("How it works", "A caller with less time than DEADLINE_MS gets the answer in that time"),
}
