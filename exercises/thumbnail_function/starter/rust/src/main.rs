//! Thumbnails, a batch at a time. See statement.md.
//!
//! What is here says that all records have failed. `http.rs` and `json.rs` are plumbing that you can
//! rely on: the server, and calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::Response;
use json::{Value, quoted};

fn main() -> std::io::Result<()> {
    let port = variable::number("PORT");
    http::serve(port, |request| {
        if request.path == "/healthz" {
            return Response::new(200, r#"{"ok": true}"#);
        }
        let event = json::parse(&request.body);
        let records = event.as_ref().and_then(|event| event.get("records")?.as_list());
        let id = |record: &Value| record.get("id")?.as_text().map(quoted);
        // TODO: thumbnails, failures, duplicates, the deadline.
        let failed: Vec<String> = records.unwrap_or_default().iter().filter_map(id).collect();
        Response::new(200, format!(r#"{{"failed": [{}]}}"#, failed.join(", ")))
    })
}
