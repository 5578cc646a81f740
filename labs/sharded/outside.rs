//! What somebody with a real client asks of the proxy: to read a key or to write it.
//!
//! The lab's own values are versions: how often a key was written. A client writes text, so [`Texts`]
//! remembers which text which version of a key was. What a shard serves stale is then seen as what it
//! is: an older text.

use super::fleet::shard_name;
use super::keys::KeyId;
use super::proxy::{Ended, Proxy};
use super::request::{Callee, Kind, Request};
use super::shard::Version;
use crate::engine::{self, Sim, SimTime};
use crate::workbench::outside::{
    Effect, EndpointSpec, Method, NUMBERS_FROM, Outside, Refusal, Reply, Why,
};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// Longest value, in bytes.
const VALUE_MAX: usize = 256;
/// Texts that are remembered, the newest ones.
const TEXTS_MAX: usize = 10_000;

pub fn endpoints() -> Vec<EndpointSpec> {
    vec![
        EndpointSpec {
            method: Method::Get,
            path: "/keys/{key}",
            query: None,
            body: None,
            effect: Effect::Travels,
            help: "read a key by its number (1 is the most popular); says which shard served it, hit or miss",
            example: "/keys/1",
        },
        EndpointSpec {
            method: Method::Put,
            path: "/keys/{key}",
            query: None,
            body: Some("the value, text of at most 256 bytes"),
            effect: Effect::Travels,
            help: "write a key: the origin takes the value, the shards that cache the key forget theirs",
            example: "/keys/1",
        },
    ]
}

/// Takes in what comes from outside.
pub struct Desk {
    proxy: Rc<Proxy>,
    texts: RefCell<Texts>,
    made: Cell<u64>,
}

impl Desk {
    pub fn of(proxy: &Rc<Proxy>) -> Rc<Self> {
        Rc::new(Self {
            proxy: Rc::clone(proxy),
            texts: RefCell::default(),
            made: Cell::new(0),
        })
    }

    /// Sends the request to the proxy; it answers when the request has come to its end.
    pub fn request(self: &Rc<Self>, sim: &Sim, outside: &Outside, reply: Reply) {
        let (key, value) = match self.read(outside) {
            Ok(asked) => asked,
            Err(Refusal { why, message, hint }) => return reply.refuse(why, message, hint),
        };
        self.made.set(self.made.get() + 1);
        let number = NUMBERS_FROM + self.made.get();
        let desk = Rc::clone(self);
        sim.spawn_on(self.proxy.node, async move {
            let kind = if value.is_some() {
                Kind::Write
            } else {
                Kind::Read
            };
            let request = Request::new(number, key, kind, engine::now());
            let Some(ended) = desk.proxy.take_in(&request).await else {
                return reply.refuse(
                    Why::Shed,
                    "the proxy has too many requests in progress and turned this one away",
                    "lower arrival_rps, or turn a mitigation on",
                );
            };
            desk.answer(&request, ended, value, reply);
        });
    }

    fn read(&self, outside: &Outside) -> Result<(KeyId, Option<String>), Refusal> {
        let given = outside.argument.as_deref().unwrap_or_default();
        let keys = self.proxy.keys.len();
        let number = given.parse::<usize>().ok();
        let Some(number) = number.filter(|number| (1..=keys).contains(number)) else {
            return Err(Refusal::new(
                Why::NotFound,
                format!("there is no key `{given}`"),
                format!("keys are numbered from 1 to {keys}, the most popular first"),
            ));
        };
        let value = outside.body.clone();
        if let Some(length) = value.as_ref().map(String::len)
            && length > VALUE_MAX
        {
            return Err(Refusal::new(
                Why::TooLarge,
                format!("the value has {length} bytes"),
                format!("the most is {VALUE_MAX}"),
            ));
        }
        Ok((KeyId(number as u32 - 1), value))
    }

    fn answer(
        &self,
        request: &Request,
        ended: Result<Version, Ended>,
        written: Option<String>,
        reply: Reply,
    ) {
        let now = engine::now();
        let version = match ended {
            Ok(version) => version,
            Err(Ended::TimedOut) => {
                let limit = self.proxy.knobs.timeout.get().as_millis();
                let message = format!("nobody answered the proxy within its timeout of {limit} ms");
                return reply.refuse(
                    Why::TimedOut,
                    message,
                    "turn the knob timeout, or ask again",
                );
            }
            Err(Ended::Failed | Ended::Answered) => {
                let message = "a shard or the origin failed on it";
                return reply.refuse(Why::Failed, message, "GET /frame shows how they are");
            }
        };
        let mut body = json!({
            "key": request.key.number(),
            "version": version,
            "request": request.number,
            "took_ms": SimTime::from(now - request.arrived).as_millis_f64(),
        });
        if let Some(text) = written {
            self.texts.borrow_mut().keep(request.key, version, text);
            body["written_to"] = json!("origin");
            body["deleted_from"] = shards(request, "delete");
        } else {
            let served_by = shards(request, "get");
            let front = served_by.as_array().is_none_or(Vec::is_empty);
            body["served_by"] = if front {
                json!(["front cache of the proxy"])
            } else {
                served_by
            };
            body["hit"] = json!(request.all_hits.get());
            body["value"] = json!(self.texts.borrow().of(request.key, version));
        }
        reply.tell(now, body);
    }
}

/// The shards that were called so, each once.
fn shards(request: &Request, what: &str) -> Value {
    let mut names: Vec<String> = Vec::new();
    for call in request.calls().iter().filter(|call| call.what == what) {
        if let Callee::Shard(id) = call.to {
            let name = shard_name(id);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    json!(names)
}

/// Which text was which version of a key. Bounded: the oldest are forgotten.
#[derive(Default)]
struct Texts {
    by_version: BTreeMap<(KeyId, Version), String>,
    order: VecDeque<(KeyId, Version)>,
}

impl Texts {
    fn keep(&mut self, key: KeyId, version: Version, text: String) {
        if self.by_version.insert((key, version), text).is_none() {
            self.order.push_back((key, version));
        }
        if self.order.len() > TEXTS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_version.remove(&oldest);
        }
    }

    /// None of a version that the workload wrote, or that nobody has written yet.
    fn of(&self, key: KeyId, version: Version) -> Option<&str> {
        self.by_version.get(&(key, version)).map(String::as_str)
    }
}
