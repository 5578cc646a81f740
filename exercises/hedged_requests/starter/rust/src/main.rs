//! A proxy before three replicas that hedges. See statement.md.
//!
//! What is here serves, and asks one replica. `http.rs` is plumbing that you can rely on; its
//! `Cancel` ends a call from another thread.

mod http;
mod variable;

use http::{Request, Response};
use std::time::{Duration, Instant};

#[allow(dead_code)]
struct Settings {
    replicas: Vec<String>,
    hedge: Duration,
    deadline: Duration,
    ratio: f64,
    cap: f64,
}

fn main() -> std::io::Result<()> {
    let settings = Settings {
        replicas: variable::list("REPLICAS"),
        hedge: variable::milliseconds("HEDGE_MS"),
        deadline: variable::milliseconds("DEADLINE_MS"),
        ratio: variable::number("BUDGET_RATIO"),
        cap: variable::number("BUDGET_CAP"),
    };
    http::serve(variable::number("PORT"), move |request| {
        match request.path.as_str() {
            "/healthz" => Response::new(200, "{}"),
            path if path.starts_with("/lots/") => fetch(request, &settings),
            _ => Response::new(404, "{}"),
        }
    })
}

fn fetch(request: &Request, settings: &Settings) -> Response {
    let until = Instant::now() + settings.deadline;
    // TODO: this asks one replica, and waits for it.
    let url = format!("{}{}", settings.replicas[0], request.path);
    match http::get(&url, until) {
        Ok(answer) => Response::new(answer.status, answer.body),
        Err(_) => Response::new(502, "{}"),
    }
}
