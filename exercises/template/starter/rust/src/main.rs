//! Greets whom the directory names. See statement.md.
//!
//! What is here serves. `http.rs` and `json.rs` are plumbing that you can rely on.

mod http;
mod json;
mod variable;

use http::Response;

fn main() -> std::io::Result<()> {
    let port = variable::number("PORT");
    http::serve(port, |request| match request.path.as_str() {
        "/healthz" => Response::new(200, "{}"),
        // TODO: ask the directory.
        "/greeting" => Response::new(200, r#"{"greeting": "Hello"}"#),
        _ => Response::new(404, "{}"),
    })
}
