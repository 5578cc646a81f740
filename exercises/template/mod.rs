//! `template`: a stub, in the form of an exercise. Its program greets whom the directory names.
//!
//! - [`checks`]: the promises below, one function each.

mod checks;

crate::exercise! {
    "template",
    checks::starts_and_stops("How it works", "It serves on $PORT, and is gone within 2 s of SIGTERM"),
    checks::greets("How it works", "It greets whom the directory names"),
    checks::directory_fails("What goes wrong", "While the directory fails it says 502"),
}
