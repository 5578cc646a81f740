//! What somebody with a real client asks of the work queue: to put an item in, and what became of it.

use super::broker::{Broker, Submit};
use super::item::{Fate, Item};
use super::source::Source;
use super::table::Asked;
use crate::engine::{self, SimTime};
use crate::workbench::outside::{NUMBERS_FROM, Refusal, Reply, Why};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// Items from outside whose fate can be asked for, the newest ones.
const KNOWN_MAX: usize = 1_000;

/// Takes in what comes from outside.
pub struct Clients {
    source: Rc<Source>,
    broker: Rc<Broker>,
    made: Cell<u64>,
    /// By id, ascending.
    known: RefCell<VecDeque<(u64, Rc<Item>)>>,
}

impl Clients {
    pub fn of(source: &Rc<Source>, broker: &Rc<Broker>) -> Rc<Self> {
        Rc::new(Self {
            source: Rc::clone(source),
            broker: Rc::clone(broker),
            made: Cell::new(0),
            known: RefCell::default(),
        })
    }

    pub fn request(self: &Rc<Self>, asked: Asked, reply: Reply) {
        let world = &self.broker.world;
        match asked {
            Asked::Look(id) => reply.answer(world.now(), self.state(&id, world.now())),
            Asked::Put => {
                self.made.set(self.made.get() + 1);
                let put = Rc::clone(self).put(self.made.get());
                reply.answer_after(&world.sim, world.source, put);
            }
        }
    }

    /// From the source to the queue, as every item goes; but this one waits for the queue's word.
    async fn put(self: Rc<Self>, id: u64) -> Result<Value, Refusal> {
        let item = self.source.item(NUMBERS_FROM + id);
        let (queue, submit) = (self.broker.world.queue, Submit(Rc::clone(&item)));
        let taken = engine::net().call::<Submit, bool>(queue, submit).await;
        match taken {
            Ok(true) => {
                self.remember(id, item);
                Ok(json!({"id": id, "state": "queued", "see": format!("/items/{id}")}))
            }
            Ok(false) => Err(Refusal::new(
                Why::Shed,
                "the queue is full and turned the item away",
                "add workers, or lower arrival_rps",
            )),
            Err(error) => Err(Refusal::new(
                Why::Failed,
                format!("the queue did not take the item: {error}"),
                "nobody knows whether it is in; put it again",
            )),
        }
    }

    fn remember(&self, id: u64, item: Rc<Item>) {
        let mut known = self.known.borrow_mut();
        if known.len() == KNOWN_MAX {
            known.pop_front();
        }
        known.push_back((id, item));
    }

    fn state(&self, id: &str, now: SimTime) -> Result<Value, Refusal> {
        let known = self.known.borrow();
        let number = id.parse::<u64>().ok();
        let found = known.iter().find(|(known, _)| Some(*known) == number);
        let Some((id, item)) = found else {
            let hint = match (known.front(), known.back()) {
                (Some((first, _)), Some((last, _))) => {
                    format!("items {first} to {last} were put in from outside and are known")
                }
                _ => "POST /items puts one in and answers with its id".to_owned(),
            };
            let message = format!("there is no item `{id}` from outside");
            return Err(Refusal::new(Why::NotFound, message, hint));
        };
        Ok(item_json(*id, item, now))
    }
}

fn item_json(id: u64, item: &Item, now: SimTime) -> Value {
    let attempts = item.attempts();
    let last = attempts.last();
    let in_hand = last.is_some_and(|attempt| attempt.ended.is_none());
    let state = match item.fate() {
        Some(Fate::Done) => "done",
        Some(Fate::Dead) => "dead-lettered",
        Some(Fate::Lost) => "lost",
        None if in_hand => "in flight",
        None => "queued",
    };
    let deliveries: Vec<Value> = attempts
        .iter()
        .map(|attempt| {
            json!({
                "delivery": attempt.nth,
                "worker": attempt.worker,
                "handed_at_s": attempt.handed.as_secs_f64(),
                "ended_at_s": attempt.ended.map(|(at, _)| at.as_secs_f64()),
                "end": attempt.ended.map(|(_, end)| end.word()),
            })
        })
        .collect();
    json!({
        "id": id,
        "state": state,
        "age_s": SimTime::from(now - item.arrived).as_secs_f64(),
        "effects": item.effects(),
        "poison": item.poison,
        "deliveries": deliveries,
    })
}
