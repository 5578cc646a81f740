//! One language for two kinds of servers. See statement.md.
//!
//! What is here says that every target is up. `http.rs` and `json.rs` are plumbing that you can rely on:
//! the server, and calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::{Headers, Response};

fn main() -> std::io::Result<()> {
    let targets = format!("{},{}", variable::text("REDIS"), variable::text("APPS"));
    let port = variable::number("PORT");
    http::serve(port, move |request| match request.path.as_str() {
        "/healthz" => Response::new(200, r#"{"ok": true}"#),
        "/metrics" => {
            // TODO: ask the targets, side by side.
            let mut text = String::from("# HELP target_up Whether the target could be read.\n");
            text += "# TYPE target_up gauge\n";
            for target in targets.split(',') {
                text += &format!("target_up{{instance=\"{target}\"}} 1\n");
            }
            let kind = "text/plain; version=0.0.4".to_owned();
            Response {
                headers: Headers(vec![("Content-Type".to_owned(), kind)]),
                ..Response::new(200, text)
            }
        }
        _ => Response::new(404, r#"{"error": "GET /metrics"}"#),
    })
}
