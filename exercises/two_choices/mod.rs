//! `two-choices`: a balancer that takes the better of two backends picked at random.
//!
//! - [`balancer`]: the program with its backends, whose loads and failures the checks set.
//! - [`checks`]: the promises below, one function each.

mod balancer;
mod checks;

use checks::{choice, health, members};

crate::exercise! {
    "two_choices",
    choice::passes_through("The pattern", "Requests and answers pass through, whatever they are"),
    choice::two_choices("How it works", "Each request goes to the better of two, picked at random"),
    choice::fresh_loads("How it works", "Loads are asked for every LOAD_MS, and count at once"),
    choice::unknown_load("How it works", "A backend that tells no load is the last choice"),
    health::ejects("How it works", "FAILURES in a row eject a backend for EJECT_MS"),
    health::in_a_row("How it works", "A success between two failures begins a new count"),
    health::ejects_at_most("What goes wrong", "Never more than EJECTED_MAX are ejected at a time"),
    health::hangs("What goes wrong", "A backend that hangs costs TRY_MS and delays no other request"),
    members::slow_start("What goes wrong", "A new backend gets its share little by little"),
    members::leaves("How it works", "A backend that has left the file gets no more requests"),
}
