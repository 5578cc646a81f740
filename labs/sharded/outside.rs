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
        let count = self.proxy.keys.len();
        let number = match key.strip_prefix("named:") {
            Some(name) => number_of(name, count),
            None => numbered("key", "keys", key, count)?,
        };
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

/// The number of the key that stands for a name: the one that it ends in, counted round, or one by its letters.
fn number_of(name: &str, count: usize) -> usize {
    let stem = name.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let number = match name[stem.len()..].parse::<u64>() {
        Ok(number) => number,
        // FNV-1a, 64 bits.
        Err(_) => name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }),
    };
    match number % count as u64 {
        0 => count,
        number => number as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::number_of;

    #[test]
    fn a_name_stands_for_the_number_that_it_ends_in_or_for_one_of_its_own() {
        assert_eq!(number_of("key:000000000012", 10_000), 12);
        assert_eq!(number_of("key:10001", 10_000), 1);
        assert_eq!(number_of("0", 10_000), 10_000);
        let by_letters = number_of("key:__rand_int__", 10_000);
        assert_eq!(by_letters, number_of("key:__rand_int__", 10_000));
        assert!((1..=10_000).contains(&by_letters));
        assert!((1..=7).contains(&number_of("99999999999999999999999", 7)));
    }
}
