//! A proxy before three replicas that hedges. See statement.md.
//!
//! What is here serves, and asks one replica. `http.rs` is plumbing that you can rely on; its
//! `Cancel` ends a call from another thread.

mod http;

use http::{Request, Response};
use std::str::FromStr;
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
        replicas: variable::<String>("REPLICAS")
            .split(',')
            .map(str::to_owned)
            .collect(),
        hedge: Duration::from_millis(variable("HEDGE_MS")),
        deadline: Duration::from_millis(variable("DEADLINE_MS")),
        ratio: variable("BUDGET_RATIO"),
        cap: variable("BUDGET_CAP"),
    };
    http::serve(variable("PORT"), move |request| {
        match request.path.as_str() {
            "/healthz" => Response::new(200, "{}"),
            path if path.starts_with("/lots/") => fetch(request, &settings),
            _ => Response::new(404, "{}"),
        }
    })
}

fn variable<T: FromStr>(name: &str) -> T {
    let text = std::env::var(name).unwrap_or_default();
    text.parse().unwrap_or_else(|_| panic!("{name} is not set well"))
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
