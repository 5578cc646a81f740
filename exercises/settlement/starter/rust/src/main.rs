//! The night in which sellers are paid. See statement.md.
//!
//! What is here fetches the first part, and pays nobody. `http.rs` and `json.rs` are plumbing that you
//! can rely on: calls that end at a point in time, and `Cancel`, which ends a call from another thread.
#![allow(dead_code)]

mod http;
mod json;

use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let workers = variable("WORKERS");
    let first = workers.split(',').next().unwrap_or_default();
    let limit = Duration::from_millis(variable("STRAGGLE_MS").parse().expect("a number"));
    let answer = http::get(&format!("{first}/parts/0"), Instant::now() + limit)?;
    let part = json::parse(&answer.body);
    let sales = part.as_ref().and_then(|part| part.get("sales")?.as_list());
    println!("{} sales in the first part", sales.map_or(0, <[_]>::len));
    // TODO: all parts, payments, sums, transfers, the output, and to survive all of it.
    Ok(())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}
