//! An ambassador that retries within a budget. See statement.md.
//!
//! What is here passes requests on, one attempt each. `http.rs` is plumbing that you can rely on.
#![allow(dead_code)]

mod http;

use http::{Call, Request, Response};
use std::str::FromStr;
use std::time::{Duration, Instant};

struct Settings {
    upstream: String,
    token_file: String,
    attempts: u32,
    try_time: Duration,
    deadline: Duration,
    base: Duration,
    ceiling: Duration,
    ratio: f64,
    cap: f64,
    breaker_calls: usize,
    open: Duration,
}

fn main() -> std::io::Result<()> {
    let settings = Settings {
        upstream: variable("UPSTREAM"),
        token_file: variable("TOKEN_FILE"),
        attempts: variable("ATTEMPTS"),
        try_time: milliseconds("TRY_MS"),
        deadline: milliseconds("DEADLINE_MS"),
        base: milliseconds("BASE_MS"),
        ceiling: milliseconds("CEILING_MS"),
        ratio: variable("BUDGET_RATIO"),
        cap: variable("BUDGET_CAP"),
        breaker_calls: variable("BREAKER_CALLS"),
        open: milliseconds("OPEN_MS"),
    };
    http::serve(variable("PORT"), move |request| {
        match request.path.as_str() {
            "/healthz" => Response::new(200, "{}"),
            _ => pass_on(request, &settings),
        }
    })
}

fn variable<T: FromStr>(name: &str) -> T {
    let text = std::env::var(name).unwrap_or_default();
    let value = text.parse();
    value.unwrap_or_else(|_| panic!("{name} is not set well"))
}

fn milliseconds(name: &str) -> Duration {
    Duration::from_millis(variable(name))
}

fn pass_on(request: &Request, settings: &Settings) -> Response {
    // TODO: the query, credentials, attempts, the budget, the breaker.
    let url = format!("{}{}", settings.upstream, request.path);
    let call = Call {
        body: &request.body,
        ..Call::new(&request.method, &url)
    };
    match http::send(&call, Instant::now() + settings.try_time) {
        Ok(answer) => Response::new(answer.status, answer.body),
        Err(_) => Response::new(502, "{}"),
    }
}
