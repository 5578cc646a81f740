//! The root of a search over three shards. See statement.md.
//!
//! What is here serves, and asks one shard. `http.rs` and `json.rs` are plumbing that you can rely on.

mod http;
mod json;
mod variable;

use http::{Request, Response};
use json::{Value, quoted};
use std::time::{Duration, Instant};

#[derive(Debug, Clone)]
struct Hit {
    id: String,
    score: f64,
}

fn main() -> std::io::Result<()> {
    let port = variable::number("PORT");
    let shards: Vec<String> = variable::list("SHARDS");
    let deadline = variable::milliseconds("DEADLINE_MS");
    http::serve(port, move |request| match request.path.as_str() {
        "/healthz" => Response::new(200, "{}"),
        "/search" => search(request, &shards, deadline),
        _ => Response::new(404, "{}"),
    })
}

fn search(request: &Request, shards: &[String], deadline: Duration) -> Response {
    let until = Instant::now() + deadline;
    // TODO: this asks one shard of three.
    let hits = ask(&shards[0], &request.query, until).unwrap_or_default();
    answer(&hits, shards.len(), &[])
}

/// The hits of one shard; `None` if it is missing. `query` is as the client sent it: `q=TEXT`.
fn ask(shard: &str, query: &str, until: Instant) -> Option<Vec<Hit>> {
    let response = http::get(&format!("{shard}/search?{query}&k=10"), until).ok()?;
    // TODO: look at the status.
    let body = json::parse(&response.body)?;
    body.get("hits")?.as_list()?.iter().map(hit).collect()
}

fn hit(value: &Value) -> Option<Hit> {
    Some(Hit {
        id: value.get("id")?.as_text()?.to_owned(),
        score: value.get("score")?.as_number()?,
    })
}

fn answer(hits: &[Hit], shards_total: usize, missing: &[&String]) -> Response {
    let hits: Vec<String> = hits
        .iter()
        .map(|hit| format!("{{\"id\":{},\"score\":{}}}", quoted(&hit.id), hit.score))
        .collect();
    let names: Vec<String> = missing.iter().map(|shard| quoted(shard)).collect();
    let body = format!(
        "{{\"hits\":[{}],\"shards_ok\":{},\"shards_total\":{shards_total},\"missing\":[{}]}}",
        hits.join(","),
        shards_total - missing.len(),
        names.join(","),
    );
    Response::new(200, body)
}
