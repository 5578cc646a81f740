//! `retry-budget`: an ambassador that retries within a budget, and fails fast when that is better.
//!
//! - [`ambassador`]: the program with the service behind it, asked as an application would.
//! - [`checks`]: the promises below, one function each.

mod ambassador;
mod checks;

use checks::{breaker, credentials, retries, waits};

crate::exercise! {
    "retry_budget",
    retries::passes_through("The pattern", "Requests and answers pass through, whatever they are"),
    retries::retries("How it works", "A failed attempt is made again, up to ATTEMPTS in all"),
    retries::unsafe_once("How it works", "What may not be repeated is sent one time"),
    retries::hopeless_once("How it works", "An answer that will not get better is passed on"),
    retries::budget("How it works", "In a storm retries stay within the budget, and are earned again"),
    waits::jitter("How it works", "Waits are random, between nothing and a ceiling that doubles"),
    waits::retry_after("How it works", "Retry-After is kept, and the deadline as well"),
    waits::slow_attempt("How it works", "An attempt ends after TRY_MS, and its call with it"),
    breaker::opens("How it works", "When half of the last calls failed, requests are refused at once"),
    breaker::half_open("How it works", "After OPEN_MS one probe decides, and no second one"),
    credentials::adds_token("How it works", "The token is added, and one that comes in is not passed on"),
    credentials::rotates("How it works", "A token that is replaced costs no call"),
}
