//! `exporter`: an adapter that makes one exposition of two kinds of servers.
//!
//! - [`targets`]: the program with its targets, and the samples that are due of them.
//! - [`real`]: a `redis-server` and `promtool`, where they are installed.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod real;
mod targets;

/// Time and routes where a check is about something else.
const SCRAPE_MS: u64 = 3000;
const ROUTES_MAX: usize = 50;

crate::exercise! {
    "exporter",
    checks::exposes("The pattern", "Both kinds of servers are told in one exposition"),
    checks::labels("How it works", "Whatever a route is called, its label is well-formed"),
    checks::counter_reset("How it works", "A counter that begins again is told as it is"),
    checks::renamed_field("What goes wrong", "A field that was renamed is counted as missing, and not told as 0"),
    checks::dead_target("What goes wrong", "A target that cannot be read is down, and the others are told"),
    checks::slow_target("What goes wrong", "All targets share SCRAPE_MS, which is used and kept"),
    checks::many_routes("What goes wrong", "Of a service with thousands of routes the first ROUTES_MAX are told"),
    real::real_tools("How it works", "A real Redis is told as it is, and promtool reads it, where they are installed"),
    checks::asks_once("How it works", "Each question is one question to each target, and nothing is kept"),
}
