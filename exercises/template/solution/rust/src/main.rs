//! Greets whom the directory names.

mod http;
mod json;
mod variable;

use http::Response;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let port = variable::number("PORT");
    let directory = variable::text("DIRECTORY");
    http::serve(port, move |request| match request.path.as_str() {
        "/healthz" => Response::new(200, "{}"),
        "/greeting" => greeting(&directory).unwrap_or_else(|| Response::new(502, "{}")),
        _ => Response::new(404, "{}"),
    })
}

fn greeting(directory: &str) -> Option<Response> {
    let until = Instant::now() + Duration::from_secs(1);
    let answer = http::get(&format!("{directory}/name"), until).ok()?;
    if answer.status != 200 {
        return None;
    }
    let body = json::parse(&answer.body)?;
    let name = body.get("name")?.as_text()?;
    let greeting = json::quoted(&format!("Hello, {name}"));
    Some(Response::new(200, format!(r#"{{"greeting": {greeting}}}"#)))
}
