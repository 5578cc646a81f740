//! `graceful-server`: a replica behind a balancer, from its cold start to its last answer.
//!
//! - [`replica`]: the program with its database, asked as a balancer would.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod replica;

use checks::{leaving, serving};

crate::exercise! {
    "graceful_server",
    serving::cold_start("How it works", "Alive at once, ready when the catalogue is loaded, and not before"),
    serving::catalogue_fails("How it works", "A catalogue that fails is asked for again, by a program that lives"),
    serving::probes("What goes wrong", "Probes ask nobody, and answer while the database hangs"),
    serving::answers("The pattern", "Lots come from the database, side by side, and its failures are 502"),
    leaving::lingers("What goes wrong", "After SIGTERM it is not ready, and serves on for LINGER_MS"),
    leaving::drains("How it works", "What is in flight is finished, and then the program ends"),
    leaving::grace_ends("How it works", "At GRACE_MS it ends, whatever is in flight"),
    leaving::second_sigterm("How it works", "A second SIGTERM ends it at once"),
}
