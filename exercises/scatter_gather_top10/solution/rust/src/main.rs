//! The root of a search over three shards.
//!
//! One point in time, taken when the request arrives, rules everything: the wait for the shards and
//! every call to them. Each request has its own channel, so a late answer finds nobody listening.

mod http;
mod json;
mod variable;

use http::{Request, Response};
use json::{Value, quoted};
use std::collections::BTreeMap;
use std::sync::mpsc;
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
    let answers = scatter(shards, &request.query, until);
    let missing: Vec<&String> = shards
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| answer.is_none())
        .map(|(shard, _)| shard)
        .collect();
    let hits = gather(answers.iter().flatten().flatten());
    answer(&hits, shards.len(), &missing)
}

/// Asks all shards at once. One answer a shard, `None` for those that failed or are not there in time.
fn scatter(shards: &[String], query: &str, until: Instant) -> Vec<Option<Vec<Hit>>> {
    let (sender, receiver) = mpsc::channel();
    for (nr, shard) in shards.iter().enumerate() {
        let (sender, shard, query) = (sender.clone(), shard.clone(), query.to_owned());
        // The thread ends at `until` as well, because the call does.
        std::thread::spawn(move || sender.send((nr, ask(&shard, &query, until))));
    }
    drop(sender);
    let mut answers = vec![None; shards.len()];
    // Ends when all have answered (the channel closes) or when the time is over.
    while let Ok((nr, hits)) =
        receiver.recv_timeout(until.saturating_duration_since(Instant::now()))
    {
        answers[nr] = hits;
    }
    answers
}

/// The ten best, each lot once with its best score. Sorted here: a shard's order is not to be trusted.
fn gather<'a>(all: impl Iterator<Item = &'a Hit>) -> Vec<Hit> {
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for hit in all {
        let kept = best.entry(&hit.id).or_insert(hit.score);
        *kept = kept.max(hit.score);
    }
    let mut hits: Vec<Hit> = best
        .into_iter()
        .map(|(id, score)| Hit {
            id: id.to_owned(),
            score,
        })
        .collect();
    // The map is in the order of ids and the sort is stable, so equal scores stay in that order.
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
    hits.truncate(10);
    hits
}

/// The hits of one shard; `None` if it is missing. `query` is as the client sent it: `q=TEXT`.
fn ask(shard: &str, query: &str, until: Instant) -> Option<Vec<Hit>> {
    let response = http::get(&format!("{shard}/search?{query}&k=10"), until).ok()?;
    if response.status != 200 {
        return None;
    }
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
    let status = if missing.len() == shards_total {
        503
    } else {
        200
    };
    Response::new(status, body)
}
