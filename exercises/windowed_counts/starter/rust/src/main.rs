//! Counts that do not change their mind. See statement.md.
//!
//! What is here reads one batch, and counts whatever is in it. `http.rs` and `json.rs` are plumbing that
//! you can rely on: calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::Call;
use std::collections::HashMap;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let window: u64 = variable::number("WINDOW_MS");
    let limit = Duration::from_secs(2);
    let max = variable::text("BATCH_MAX");
    let url = format!("{}/events?from=0&max={max}", variable::text("SOURCE"));
    let answer = http::get(&url, Instant::now() + limit)?;
    let batch = json::parse(&answer.body);
    let events = batch.as_ref().and_then(|batch| batch.get("events")?.as_list());
    let mut counts: HashMap<String, u64> = HashMap::new();
    for event in events.unwrap_or_default() {
        let key = event.get("key").and_then(|key| key.as_text()).unwrap_or("");
        let at = event.get("at_ms").and_then(|at| at.as_number()).unwrap_or(0.0) as u64;
        *counts.entry(format!("{key}/{}", at - at % window)).or_default() += 1;
    }
    for (path, count) in counts {
        let url = format!("{}/windows/{path}", variable::text("SINK"));
        let body = format!("{{\"count\": {count}}}");
        let call = Call {
            body: &body,
            ..Call::new("PUT", &url)
        };
        http::send(&call, Instant::now() + limit)?;
    }
    // TODO: the rest of the log, the watermark, late and doubled events, failures, a state that stays.
    loop {
        std::thread::sleep(Duration::from_secs(60));
    }
}
