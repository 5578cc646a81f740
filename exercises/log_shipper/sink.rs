//! The log store: keeps one document for each `_id`, as Elasticsearch does.

use crate::harness::shared::Shared;
use crate::harness::upstream::{Reply, Service, UpstreamRequest};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A line that was sent, in the order in which it came.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Number of the call.
    pub call: u64,
    pub id: String,
    pub message: String,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Sent>,
    docs: BTreeMap<String, String>,
    /// Why a call could not be read.
    unreadable: Option<String>,
}

/// Clones are the same store.
///
/// It answers 400 for a line with the word `never-400`, and 429 for one with `later-429` the first three
/// times; 201 for an `_id` that is new, and 200 for one that it has.
#[derive(Debug, Clone, Default)]
pub struct Sink(Shared<State>);

impl Sink {
    pub fn sent(&self) -> Vec<Sent> {
        self.0.lock().sent.clone()
    }

    /// The lines that it has.
    pub fn has(&self) -> Vec<String> {
        self.0.lock().docs.values().cloned().collect()
    }

    /// Why a call could not be read, if one could not.
    pub fn unreadable(&self) -> Option<String> {
        self.0.lock().unreadable.clone()
    }
}

impl Service for Sink {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let mut state = self.0.lock();
        let lines = match read(request) {
            Ok(lines) => lines,
            Err(why) => {
                let reply = Reply::bad_request(&why);
                state.unreadable.get_or_insert(why);
                return reply;
            }
        };
        let mut items = Vec::new();
        for (id, message) in lines {
            let times = state
                .sent
                .iter()
                .filter(|sent| sent.message == message)
                .count();
            let named = |word: &str| {
                let (_, status) = message.split_once(word)?;
                status.parse::<u16>().ok()
            };
            let refused = named("never-").or(named("later-").filter(|_| times < 3));
            let status = refused.unwrap_or(if state.docs.contains_key(&id) {
                200
            } else {
                201
            });
            if refused.is_none() {
                state.docs.insert(id.clone(), message.clone());
            }
            items.push(json!({ "index": { "_id": id, "status": status } }));
            let call = request.nr;
            state.sent.push(Sent { call, id, message });
        }
        let errors = items
            .iter()
            .any(|item| item["index"]["status"].as_u64() > Some(299));
        Reply::json(&json!({ "took": 3, "errors": errors, "items": items }))
    }
}

/// Each `_id` with its message.
fn read(request: &UpstreamRequest) -> Result<Vec<(String, String)>, String> {
    if request.path != "/_bulk" || request.method != "POST" {
        return Err(format!(
            "{} {} is not POST /_bulk",
            request.method, request.path
        ));
    }
    if request.header("content-type") != Some("application/x-ndjson") {
        return Err("the Content-Type is not application/x-ndjson".to_owned());
    }
    let text = String::from_utf8_lossy(&request.body);
    if !text.ends_with('\n') {
        return Err("the last line of the body has no end".to_owned());
    }
    let lines: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
    let lines = lines.map_err(|error| format!("a line of the body is not valid JSON: {error}"))?;
    let pairs = lines.chunks(2).map(|pair| match pair {
        [action, document] => {
            let id = action["index"]["_id"].as_str();
            let message = document["message"].as_str();
            let pair = id
                .zip(message)
                .map(|(id, message)| (id.to_owned(), message.to_owned()));
            pair.ok_or_else(|| format!("{action} and {document} have no _id and message"))
        }
        _ => Err("an action without a document".to_owned()),
    });
    pairs.collect()
}
