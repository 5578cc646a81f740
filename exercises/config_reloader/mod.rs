//! `config-reloader`: a sidecar that has its service take a new configuration.
//!
//! - [`pod`]: the program with its mounted folder and the service.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod pod;

crate::exercise! {
    "config_reloader",
    checks::first_load("The pattern", "The service gets its configuration at the start, byte by byte"),
    checks::not_there("How it works", "What is not there at the start is loaded when it comes"),
    checks::swap("How it works", "A swap of ..data is a change, whatever its time stamps say"),
    checks::same_content("How it works", "Without a change of the content nothing is reloaded"),
    checks::invalid("How it works", "What is not valid is never sent, and the last good one stays"),
    checks::burst("How it works", "Several changes are one reload, SETTLE_MS after the last"),
    checks::endless_burst("What goes wrong", "Changes without an end are not waited for for ever"),
    checks::refused("How it works", "What the service refuses is not sent again"),
    checks::service_away("What goes wrong", "A reload that failed is repeated with the newest configuration"),
}
