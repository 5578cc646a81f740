//! What somebody with a real client asks of the work queue: to put an item in, and what became of it.

use super::broker::{Broker, Submit};
use super::item::{AttemptEnd, Fate, Item};
use super::source::Source;
use crate::engine::{self, Sim, SimTime};
use crate::workbench::outside::{
    Effect, EndpointSpec, Method, NUMBERS_FROM, Outside, Refusal, Reply, Why,
};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// Items from outside whose fate can be asked for, the newest ones.
const KNOWN_MAX: usize = 1_000;

pub fn endpoints() -> Vec<EndpointSpec> {
    vec![
        EndpointSpec {
            method: Method::Post,
            path: "/items",
            query: None,
            body: None,
            effect: Effect::Travels,
            help: "put an item into the queue; answers with its id when the queue has taken it in",
            example: "/items",
        },
        EndpointSpec {
            method: Method::Get,
            path: "/items/{id}",
            query: None,
            body: None,
            effect: Effect::Looks,
            help: "what became of an item that was put in from outside, by the lab's own books",
            example: "/items/1",
        },
    ]
}

/// Takes in what comes from outside.
pub struct Desk {
    source: Rc<Source>,
    broker: Rc<Broker>,
    made: Cell<u64>,
    /// By id, ascending.
    known: RefCell<VecDeque<(u64, Rc<Item>)>>,
}

impl Desk {
    pub fn of(source: &Rc<Source>, broker: &Rc<Broker>) -> Rc<Self> {
        Rc::new(Self {
            source: Rc::clone(source),
            broker: Rc::clone(broker),
            made: Cell::new(0),
            known: RefCell::default(),
        })
    }

    pub fn request(self: &Rc<Self>, sim: &Sim, outside: &Outside, reply: Reply) {
        match outside.endpoint.method {
            Method::Get => {
                let id = outside.argument.as_deref().unwrap_or_default();
                match self.state(id, sim.now()) {
                    Ok(body) => reply.tell(sim.now(), body),
                    Err(Refusal { why, message, hint }) => reply.refuse(why, message, hint),
                }
            }
            Method::Put | Method::Post => self.put(sim, reply),
        }
    }

    /// From the source to the queue, as every item goes; but this one waits for the queue's word.
    fn put(self: &Rc<Self>, sim: &Sim, reply: Reply) {
        self.made.set(self.made.get() + 1);
        let (desk, id) = (Rc::clone(self), self.made.get());
        let world = &self.broker.world;
        sim.spawn_on(world.source, async move {
            let (item, began) = (desk.source.item(NUMBERS_FROM + id), engine::now());
            let queue = desk.broker.world.queue;
            let submit = Submit(Rc::clone(&item));
            let taken = engine::net().call::<Submit, bool>(queue, submit).await;
            let now = engine::now();
            match taken {
                Ok(true) => {
                    desk.remember(id, item);
                    let body = json!({
                        "id": id,
                        "state": "queued",
                        "took_ms": SimTime::from(now - began).as_millis_f64(),
                        "see": format!("/items/{id}"),
                    });
                    reply.accept(now, body);
                }
                Ok(false) => reply.refuse(
                    Why::Shed,
                    "the queue is full and turned the item away",
                    "add workers, or lower arrival_rps",
                ),
                Err(error) => reply.refuse(
                    Why::Failed,
                    format!("the queue did not take the item: {error}"),
                    "nobody knows whether it is in; put it again",
                ),
            }
        });
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
        Ok(told(*id, item, now))
    }
}

fn told(id: u64, item: &Item, now: SimTime) -> Value {
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
                "delivery": attempt.received,
                "worker": attempt.worker,
                "handed_at_s": attempt.handed.as_secs_f64(),
                "ended_at_s": attempt.ended.map(|(at, _)| at.as_secs_f64()),
                "end": attempt.ended.map(|(_, end)| word(end)),
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

fn word(end: AttemptEnd) -> &'static str {
    match end {
        AttemptEnd::Done => "done",
        AttemptEnd::AckRefused => "acknowledged too late",
        AttemptEnd::Failed => "failed",
        AttemptEnd::GivenUp => "lease lost, given up",
        AttemptEnd::Died => "the worker died",
    }
}
