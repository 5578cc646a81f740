//! A new configuration without a restart. See statement.md.
//!
//! What is here sends what is there when it starts, and then sleeps. `http.rs` and `json.rs` are
//! plumbing that you can rely on: calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;

use http::Call;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let config = std::fs::read_to_string(format!("{}/app.json", variable("CONFIG_DIR")))?;
    let url = format!("{}/reload", variable("APP"));
    let limit = variable("RELOAD_MS").parse().expect("RELOAD_MS is a number");
    let call = Call {
        headers: &[("Content-Type", "application/json")],
        body: &config,
        ..Call::new("POST", &url)
    };
    let _ = http::send(&call, Instant::now() + Duration::from_millis(limit));
    // TODO: changes, bad versions, bursts, a service that is away.
    loop {
        std::thread::sleep(Duration::from_secs(60));
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}
