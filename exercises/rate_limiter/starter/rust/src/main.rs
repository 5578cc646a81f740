//! A limit that three copies share. See statement.md.
//!
//! What is here keeps its buckets to itself, and never fills them. `http.rs` and `json.rs` are
//! plumbing that you can rely on: the server, and calls that end at a point in time.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::{Request, Response};
use std::collections::HashMap;
use std::sync::Mutex;

fn main() -> std::io::Result<()> {
    let burst: u32 = variable::number("BURST");
    let taken = Mutex::new(HashMap::new());
    http::serve(variable::number("PORT"), move |request| {
        if request.path == "/healthz" {
            return Response::new(200, r#"{"ok": true}"#);
        }
        let Some(tenant) = tenant(request) else {
            return Response::new(404, r#"{"error": "POST /take?tenant=..."}"#);
        };
        // TODO: the store, time, and what to do without the store.
        let mut taken = taken.lock().unwrap();
        let taken = taken.entry(tenant.to_owned()).or_insert(0);
        *taken += 1;
        match burst.checked_sub(*taken) {
            Some(left) => Response::new(200, format!(r#"{{"allowed": true, "left": {left}}}"#)),
            None => Response::new(429, r#"{"allowed": false, "left": 0}"#),
        }
    })
}

fn tenant(request: &Request) -> Option<&str> {
    let tenant = request.query.strip_prefix("tenant=")?;
    (request.path == "/take").then_some(tenant)
}
