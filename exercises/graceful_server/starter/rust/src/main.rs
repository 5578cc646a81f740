//! A replica behind a balancer. See statement.md.
//!
//! What is here serves lots, is always ready, and dies at SIGTERM. `http.rs` and `signal.rs` are
//! plumbing that you can rely on; `http::answer` answers one connection, so that you can accept them
//! yourself.
#![allow(dead_code)]

mod http;
mod signal;
mod variable;

use http::Response;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let port = variable::number("PORT");
    let database = variable::text("DATABASE");
    // TODO: the cold start and the end.
    http::serve(port, move |request| match request.path.as_str() {
        "/livez" | "/readyz" => Response::new(200, "{}"),
        path if path.starts_with("/lots/") => fetch(&database, path),
        _ => Response::new(404, "{}"),
    })
}

fn fetch(database: &str, path: &str) -> Response {
    let until = Instant::now() + Duration::from_secs(60);
    let answer = http::get(&format!("{database}{path}"), until).expect("it answers");
    Response::new(answer.status, answer.body)
}
