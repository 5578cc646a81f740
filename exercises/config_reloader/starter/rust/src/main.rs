//! A new configuration without a restart. See statement.md.
//!
//! What is here sends what is there when it starts, and then sleeps. `http.rs` and `json.rs` are
//! plumbing that you can rely on: calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::Call;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let config = std::fs::read_to_string(format!("{}/app.json", variable::text("CONFIG_DIR")))?;
    let url = format!("{}/reload", variable::text("APP"));
    let limit = variable::number("RELOAD_MS");
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
