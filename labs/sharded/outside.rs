//! What somebody with a real client asks of the proxy: to read a key or to write it.

use super::keys::KeyId;
use super::proxy::{Ended, Proxy};
use super::request::{Kind, Request};
use super::shard::Version;
use super::table::Asked;
use super::texts::Texts;
use crate::engine;
use crate::workbench::outside::reply::numbered;
use crate::workbench::outside::{NUMBERS_FROM, Refusal, Reply, Why};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Longest value, in bytes.
const VALUE_MAX: usize = 256;

/// Takes in what comes from outside.
pub struct Clients {
    proxy: Rc<Proxy>,
    texts: RefCell<Texts>,
    made: Cell<u64>,
}

impl Clients {
    pub fn of(proxy: &Rc<Proxy>) -> Rc<Self> {
        Rc::new(Self {
            proxy: Rc::clone(proxy),
            texts: RefCell::default(),
            made: Cell::new(0),
        })
    }

    /// Sends the request to the proxy; it answers when the request has come to its end.
    pub fn request(self: &Rc<Self>, asked: Asked, reply: Reply) {
        let (kind, key, value) = match asked {
            Asked::Read(key) => (Kind::Read, key, String::new()),
            Asked::Write((key, value)) => (Kind::Write, key, value),
        };
        let key = match self.checked(&key, &value) {
            Ok(key) => key,
            Err(refusal) => return reply.refuse(refusal),
        };
        self.made.set(self.made.get() + 1);
        let number = NUMBERS_FROM + self.made.get();
        let (clients, proxy) = (Rc::clone(self), &self.proxy);
        reply.answer_after(&proxy.sim, proxy.node, async move {
            let request = Request::new(number, key, kind, engine::now());
            let ended = clients.proxy.take_in(&request).await.ok_or_else(|| {
                Refusal::new(
                    Why::Shed,
                    "the proxy has too many requests in progress and turned this one away",
                    "lower arrival_rps, or turn a mitigation on",
                )
            })?;
            clients.answer(&request, ended, value)
        });
    }

    fn checked(&self, key: &str, value: &str) -> Result<KeyId, Refusal> {
        let number = numbered("key", "keys", key, self.proxy.keys.len())?;
        if value.len() > VALUE_MAX {
            let message = format!("the value has {} bytes", value.len());
            let hint = format!("the most is {VALUE_MAX}");
            return Err(Refusal::new(Why::TooLarge, message, hint));
        }
        Ok(KeyId(number as u32 - 1))
    }

    fn answer(
        &self,
        request: &Request,
        ended: Result<Version, Ended>,
        written: String,
    ) -> Result<Value, Refusal> {
        let version = ended.map_err(|ended| self.refusal(ended))?;
        let mut body = json!({
            "key": request.key.number(),
            "version": version,
            "request": request.number,
        });
        if request.kind == Kind::Write {
            self.texts.borrow_mut().keep(request.key, version, written);
            body["written_to"] = json!("origin");
            body["deleted_from"] = json!(request.shards_called("delete"));
        } else {
            let mut served_by = request.shards_called("get");
            if served_by.is_empty() {
                served_by.push("front cache of the proxy".to_owned());
            }
            body["served_by"] = json!(served_by);
            body["hit"] = json!(request.all_hits.get());
            body["value"] = json!(self.texts.borrow().of(request.key, version));
        }
        Ok(body)
    }

    fn refusal(&self, ended: Ended) -> Refusal {
        if ended == Ended::TimedOut {
            let limit = self.proxy.knobs.timeout.get().as_millis();
            let message = format!("nobody answered the proxy within its timeout of {limit} ms");
            let hint = "turn the knob timeout, or ask again";
            return Refusal::new(Why::TimedOut, message, hint);
        }
        let message = "a shard or the origin failed on it";
        Refusal::new(Why::Failed, message, "GET /frame shows how they are")
    }
}
