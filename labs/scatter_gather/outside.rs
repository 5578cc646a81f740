//! What somebody with a real client asks of the root: a search, taken in like any other request.

use super::index::Query;
use super::pattern::{self, Completeness, Gathered};
use super::root::Root;
use crate::engine::{self, Sim, SimTime};
use crate::workbench::outside::{
    Effect, EndpointSpec, Method, NUMBERS_FROM, Outside, QuerySpec, Reply, Why,
};
use serde_json::{Value, json};
use std::rc::Rc;

pub fn endpoints() -> Vec<EndpointSpec> {
    vec![EndpointSpec {
        method: Method::Get,
        path: "/search",
        query: Some(QuerySpec {
            name: "q",
            needed: true,
        }),
        body: None,
        effect: Effect::Travels,
        help: "search all leaves; says which leaves are missing from the answer, if any",
        example: "/search?q=oak+chair",
    }]
}

/// Sends the search to the root; it answers when the root has gathered.
pub fn request(root: &Rc<Root>, sim: &Sim, outside: &Outside, reply: Reply) {
    let text = outside.argument.clone().unwrap_or_default();
    let number = NUMBERS_FROM + root.next_outside();
    let root = Rc::clone(root);
    let node = root.cluster().root;
    sim.spawn_on(node, async move {
        let (query, unknown) = Query::parse(&text);
        let began = engine::now();
        let Some(gathered) = root.take_in(number, query).await else {
            return reply.refuse(
                Why::Shed,
                "the root has too many requests in progress and turned this one away",
                "lower arrival_rps, or add slots",
            );
        };
        answer(&root, &gathered, began, reply, |body| {
            body["query"] = json!(text);
            body["unknown_words"] = json!(unknown);
            body["request"] = json!(number);
        });
    });
}

fn answer(
    root: &Root,
    gathered: &Gathered,
    began: SimTime,
    reply: Reply,
    finish: impl FnOnce(&mut Value),
) {
    let now = engine::now();
    let missing: Vec<Value> = gathered
        .missing
        .iter()
        .map(|missing| json!({"leaf": missing.leaf + 1, "why": reason(&missing.why)}))
        .collect();
    if gathered.completeness() == Completeness::Failed {
        let message = format!("none of the {} leaves answered", missing.len());
        return reply.refuse(Why::Failed, message, "GET /frame shows how they are");
    }
    let index = &root.cluster().index;
    let hits: Vec<Value> = gathered
        .top
        .iter()
        .map(|hit| {
            json!({
                "document": hit.document,
                "score": hit.score,
                "words": index.words(hit.document),
            })
        })
        .collect();
    let mut body = json!({
        "query": "",
        "unknown_words": [],
        "hits": hits,
        "complete": missing.is_empty(),
        "leaves_asked": gathered.answered + missing.len(),
        "leaves_answered": gathered.answered,
        "leaves_missing": missing,
        "took_ms": SimTime::from(now - began).as_millis_f64(),
    });
    finish(&mut body);
    reply.tell(now, body);
}

fn reason(why: &pattern::Why) -> String {
    match why {
        pattern::Why::Late => "it was still out when the root stopped waiting".to_owned(),
        pattern::Why::Failed(error) => error.to_string(),
    }
}
