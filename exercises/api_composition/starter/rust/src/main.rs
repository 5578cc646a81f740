//! The page of a lot, made of what three services say. See statement.md.
//!
//! What is here serves, and asks one service. `http.rs` and `json.rs` are plumbing that you can rely
//! on; `http::Cancel` ends a call from another thread.

mod http;
mod json;
mod variable;

use http::{Request, Response};
use std::time::{Duration, Instant};

#[allow(dead_code)]
struct Services {
    auctions: String,
    bids: String,
    users: String,
    deadline: Duration,
}

fn main() -> std::io::Result<()> {
    let services = Services {
        auctions: variable::text("AUCTIONS"),
        bids: variable::text("BIDS"),
        users: variable::text("USERS"),
        deadline: variable::milliseconds("DEADLINE_MS"),
    };
    let port = variable::number("PORT");
    http::serve(port, move |request| match request.path.as_str() {
        "/healthz" => Response::new(200, "{}"),
        path if path.starts_with("/lots/") => page(request, &services),
        _ => Response::new(404, "{}"),
    })
}

fn page(request: &Request, services: &Services) -> Response {
    let until = Instant::now() + services.deadline;
    // TODO: this asks one service of three, and expects nothing to go wrong.
    let url = format!("{}{}", services.auctions, request.path);
    let auction = http::get(&url, until).expect("it answers").body;
    assert!(json::parse(&auction).is_some(), "it is JSON");
    let body = format!(r#"{{"auction":{auction},"bids":null,"seller":null,"degraded":[]}}"#);
    Response::new(200, body)
}
