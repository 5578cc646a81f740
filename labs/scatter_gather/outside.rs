//! What somebody with a real client asks of the root: a search, taken in like any other request.

use super::index::Query;
use super::pattern::{self, Completeness};
use super::root::Root;
use crate::workbench::outside::{NUMBERS_FROM, Refusal, Reply, Why};
use serde_json::{Value, json};
use std::rc::Rc;

/// Sends the search to the root; it answers when the root has gathered.
pub fn search(root: &Rc<Root>, text: String, reply: Reply) {
    let number = NUMBERS_FROM + root.next_outside();
    let (root, cluster) = (Rc::clone(root), Rc::clone(root.cluster()));
    reply.answer_after(&cluster.sim.clone(), cluster.root, async move {
        let (query, unknown) = Query::parse(&text);
        let gathered = root.take_in(number, query).await.ok_or_else(|| {
            Refusal::new(
                Why::Shed,
                "the root has too many requests in progress and turned this one away",
                "lower arrival_rps, or add slots",
            )
        })?;
        if gathered.completeness() == Completeness::Failed {
            let message = format!("none of the {} leaves answered", gathered.missing.len());
            let hint = "GET /frame shows how they are";
            return Err(Refusal::new(Why::Failed, message, hint));
        }
        let missing = gathered.missing.iter();
        let missing: Vec<Value> = missing
            .map(|missing| json!({"leaf": missing.leaf + 1, "why": reason(&missing.why)}))
            .collect();
        let hit = |hit: &pattern::Hit| {
            json!({
                "document": hit.document,
                "score": hit.score,
                "words": cluster.index.words(hit.document),
            })
        };
        Ok(json!({
            "query": text,
            "unknown_words": unknown,
            "request": number,
            "hits": gathered.top.iter().map(hit).collect::<Vec<Value>>(),
            "complete": missing.is_empty(),
            "leaves_asked": gathered.answered + missing.len(),
            "leaves_answered": gathered.answered,
            "leaves_missing": missing,
        }))
    });
}

fn reason(why: &pattern::Why) -> String {
    match why {
        pattern::Why::Late => "it was still out when the root stopped waiting".to_owned(),
        pattern::Why::Failed(error) => error.to_string(),
    }
}
