//! A balancer that does not make a herd. See statement.md.
//!
//! What is here sends all requests to the first backend. `http.rs` and `json.rs` are plumbing that you
//! can rely on: the server, and calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;

use http::Response;
use std::str::FromStr;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let list = std::fs::read_to_string(variable::<String>("BACKENDS_FILE"))?;
    let first = list.lines().next().unwrap_or_default().to_owned();
    let limit = Duration::from_millis(variable("TRY_MS"));
    http::serve(variable("PORT"), move |request| {
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

fn variable<T: FromStr>(name: &str) -> T {
    let text = std::env::var(name).unwrap_or_default();
    let value = text.parse();
    value.unwrap_or_else(|_| panic!("{name} is not set well"))
}
