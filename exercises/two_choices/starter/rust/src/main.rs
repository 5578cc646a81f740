//! A balancer that does not make a herd. See statement.md.
//!
//! What is here sends all requests to the first backend. `http.rs` and `json.rs` are plumbing that you
//! can rely on: the server, and calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::Response;
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let list = std::fs::read_to_string(variable::text("BACKENDS_FILE"))?;
    let first = list.lines().next().unwrap_or_default().to_owned();
    let limit = variable::milliseconds("TRY_MS");
    http::serve(variable::number("PORT"), move |request| {
        if request.path == "/healthz" {
            return Response::new(200, r#"{"ok": true}"#);
        }
        // TODO: loads, the better of two, ejection, slow start, failures.
        let url = format!("{first}{}", request.path);
        let answer = http::get(&url, Instant::now() + limit);
        answer.map_or_else(
            |_| Response::new(502, "{}"),
            |answer| Response::new(answer.status, answer.body),
        )
    })
}
