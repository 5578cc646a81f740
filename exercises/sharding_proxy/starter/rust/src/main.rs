//! A proxy that knows who has which key. See statement.md.
//!
//! What is here routes by the length of the key. `http.rs` and `json.rs` are plumbing that you can rely
//! on: the server, and calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::{Call, Response};
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let text = std::fs::read_to_string(variable::text("SHARDS_FILE"))?;
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    let urls: Vec<String> = lines.map(|(_, url)| url.to_owned()).collect();
    let limit = variable::number("TRY_MS");
    let port = variable::number("PORT");
    http::serve(port, move |request| {
        if request.path == "/healthz" {
            return Response::new(200, r#"{"ok": true}"#);
        }
        // TODO: consistent hashing, failures, hot keys, files that change.
        let url = format!("{}{}", urls[request.path.len() % urls.len()], request.path);
        let call = Call {
            body: &request.body,
            ..Call::new(&request.method, &url)
        };
        let answer = http::send(&call, Instant::now() + Duration::from_millis(limit));
        answer.map_or_else(
            |_| Response::new(502, "{}"),
            |answer| Response::new(answer.status, answer.body),
        )
    })
}
