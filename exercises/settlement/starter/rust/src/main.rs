//! The night in which sellers are paid. See statement.md.
//!
//! What is here fetches the first part, and pays nobody. `http.rs` and `json.rs` are plumbing that you
//! can rely on: calls that end at a point in time, and `Cancel`, which ends a call from another thread.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use std::time::Instant;

fn main() -> std::io::Result<()> {
    let workers = variable::text("WORKERS");
    let first = workers.split(',').next().unwrap_or_default();
    let limit = variable::milliseconds("STRAGGLE_MS");
    let answer = http::get(&format!("{first}/parts/0"), Instant::now() + limit)?;
    let part = json::parse(&answer.body);
    let sales = part.as_ref().and_then(|part| part.get("sales")?.as_list());
    println!("{} sales in the first part", sales.map_or(0, <[_]>::len));
    // TODO: all parts, payments, sums, transfers, the output, and to survive all of it.
    Ok(())
}
