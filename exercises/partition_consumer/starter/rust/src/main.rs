//! A consumer that shares its partitions. See statement.md.
//!
//! What is here joins, and does nothing with what it gets. `http.rs`, `json.rs` and `signal.rs` are
//! plumbing that you can rely on: calls that end at a point in time, JSON, SIGTERM.
#![allow(dead_code)]

mod http;
mod json;
mod signal;
mod variable;

use http::Call;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let url = format!("{}/join", variable::text("BROKER"));
    let body = format!(r#"{{"member":{}}}"#, json::quoted(&variable::text("MEMBER")));
    let call = Call {
        body: &body,
        ..Call::new("POST", &url)
    };
    let answer = http::send(&call, Instant::now() + Duration::from_secs(2))?;
    println!("{}", answer.body);
    // TODO: heartbeats, records in order, commits, new generations, SIGTERM.
    loop {
        std::thread::sleep(Duration::from_secs(60));
    }
}
