//! An ambassador that retries within a budget. See statement.md.
//!
//! What is here passes requests on, one attempt each. `http.rs` is plumbing that you can rely on.
#![allow(dead_code)]

mod http;
mod variable;

use http::{Call, Request, Response};
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
        upstream: variable::text("UPSTREAM"),
        token_file: variable::text("TOKEN_FILE"),
        attempts: variable::number("ATTEMPTS"),
        try_time: variable::milliseconds("TRY_MS"),
        deadline: variable::milliseconds("DEADLINE_MS"),
        base: variable::milliseconds("BASE_MS"),
        ceiling: variable::milliseconds("CEILING_MS"),
        ratio: variable::number("BUDGET_RATIO"),
        cap: variable::number("BUDGET_CAP"),
        breaker_calls: variable::number("BREAKER_CALLS"),
        open: variable::milliseconds("OPEN_MS"),
    };
    http::serve(variable::number("PORT"), move |request| {
        match request.path.as_str() {
            "/healthz" => Response::new(200, "{}"),
            _ => pass_on(request, &settings),
        }
    })
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
