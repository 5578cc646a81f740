//! A worker with a lease. See statement.md.
//!
//! What is here takes one item after the other, and hopes. `http.rs`, `json.rs` and `signal.rs` are
//! plumbing that you can rely on; `http::Cancel` ends a call from another thread.
#![allow(dead_code)]

mod http;
mod json;
mod signal;
mod variable;

use http::{Call, Response};
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let queue: String = variable::text("QUEUE");
    let poll = variable::milliseconds("POLL_MS");
    loop {
        let answer = post(&format!("{queue}/receive"), "{}", &[])?;
        let Some(delivery) = json::parse(&answer.body) else {
            std::thread::sleep(poll);
            continue;
        };
        let receipt = delivery.get("receipt").and_then(|r| r.as_text());
        // TODO: the lease, failures, several items at a time, SIGTERM.
        let body = format!("{{\"receipt\":{}}}", json::quoted(receipt.unwrap_or("")));
        post(&format!("{queue}/ack"), &body, &[])?;
    }
}

fn post(url: &str, body: &str, headers: &[(&str, &str)]) -> std::io::Result<Response> {
    let call = Call {
        headers,
        body,
        ..Call::new("POST", url)
    };
    http::send(&call, Instant::now() + Duration::from_secs(2))
}
