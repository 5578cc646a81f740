//! Logs that leave without the application. See statement.md.
//!
//! What is here sends what is there when it starts, line by line, and then sleeps. `http.rs` and
//! `json.rs` are plumbing that you can rely on: calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::Call;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let text = std::fs::read_to_string(format!("{}/app.log", variable::text("LOG_DIR")))?;
    let url = format!("{}/_bulk", variable::text("SINK"));
    let limit = variable::number("SINK_MS");
    for (nr, line) in text.lines().enumerate() {
        let line = json::quoted(line);
        let body = format!("{{\"index\":{{\"_id\":\"{nr}\"}}}}\n{{\"message\":{line}}}\n");
        let call = Call {
            headers: &[("Content-Type", "application/x-ndjson")],
            body: &body,
            ..Call::new("POST", &url)
        };
        let _ = http::send(&call, Instant::now() + Duration::from_millis(limit));
    }
    // TODO: new lines, half lines, rotation, a store that is away, a state that outlives this program.
    loop {
        std::thread::sleep(Duration::from_secs(60));
    }
}
