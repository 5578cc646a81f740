//! One of three copies that compete for a lease. See statement.md.
//!
//! What is here asks for the lease, and forgets that it ends. `http.rs`, `json.rs` and `signal.rs` are
//! plumbing that you can rely on.
#![allow(dead_code)]

mod http;
mod json;
mod signal;
mod variable;

use http::{Call, Response};
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let name = variable::text("NAME");
    let store = variable::text("STORE");
    let retry = variable::number("RETRY_MS");
    loop {
        let until = Instant::now() + Duration::from_secs(2);
        let body = format!("{{\"holder\":{}}}", json::quoted(&name));
        let answer = post(&format!("{store}/acquire"), &body, until)?;
        if answer.status == 200 {
            // TODO: the fence, the lots, the end of the lease, SIGTERM.
            println!("I own: {}", answer.body);
        }
        std::thread::sleep(Duration::from_millis(retry));
    }
}

fn post(url: &str, body: &str, until: Instant) -> std::io::Result<Response> {
    let call = Call {
        body,
        ..Call::new("POST", url)
    };
    http::send(&call, until)
}
