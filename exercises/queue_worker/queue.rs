//! A queue with leases, by the wall clock: what is handed out comes back when its lease is over.

use crate::harness::shared::Shared;
use crate::harness::upstream::{Reply, Service, UpstreamRequest};
use axum::http::StatusCode;
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// What a pause may cost a check, whatever the program asks for.
const PAUSE_MAX: Duration = Duration::from_millis(60);

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// To be handed out from then on.
    Waiting(Instant),
    /// In somebody's hands until then.
    Leased {
        receipt: String,
        until: Instant,
    },
    Done,
    /// With the reason that was given.
    Dead(String),
}

#[derive(Debug, Clone)]
pub struct Item {
    pub fate: Fate,
    /// How often it was handed out.
    pub attempts: u32,
    /// How often its lease ran out.
    pub expired: u32,
    /// Extensions that were granted.
    pub extended: u32,
    /// The pauses that were asked for when it was given back, in milliseconds.
    pub pauses: Vec<u64>,
}

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<String, Item>,
    order: VecDeque<String>,
    lease: Duration,
    receipts: u64,
    most_in_hand: usize,
    /// The next extension gets lost.
    loses_extension: bool,
}

/// Clones are the same queue.
#[derive(Debug, Clone, Default)]
pub struct Queue(Shared<State>);

impl Queue {
    pub fn new(lease: Duration) -> Self {
        let queue = Self::default();
        queue.set_lease(lease);
        queue
    }

    pub fn put(&self, name: &str) {
        self.put_again(name, 0);
    }

    /// An item that was handed out so often before, to others.
    pub fn put_again(&self, name: &str, attempts: u32) {
        let item = Item {
            fate: Fate::Waiting(Instant::now()),
            attempts,
            expired: 0,
            extended: 0,
            pauses: Vec::new(),
        };
        let mut state = self.0.lock();
        state.items.insert(name.to_owned(), item);
        state.order.push_back(name.to_owned());
    }

    /// Of what is handed out from now on.
    pub fn set_lease(&self, lease: Duration) {
        self.0.lock().lease = lease;
    }

    pub fn item(&self, name: &str) -> Option<Item> {
        let mut state = self.0.lock();
        state.expire();
        state.items.get(name).cloned()
    }

    /// The most items that were handed out and not settled at one time.
    pub fn most_in_hand(&self) -> usize {
        self.0.lock().most_in_hand
    }

    /// The next extension is answered 503 and has no effect.
    pub fn lose_extension(&self) {
        self.0.lock().loses_extension = true;
    }

    /// Takes the item away from whoever has it, as if its lease had run out.
    pub fn revoke(&self, name: &str) {
        if let Some(item) = self.0.lock().items.get_mut(name) {
            // Not handed out again before the worker has heard of it.
            item.fate = Fate::Waiting(Instant::now() + Duration::from_secs(3));
        }
    }

    /// Hands out a revoked item now.
    pub fn release(&self, name: &str) {
        if let Some(item) = self.0.lock().items.get_mut(name) {
            item.fate = Fate::Waiting(Instant::now());
        }
    }
}

impl State {
    fn expire(&mut self) {
        let now = Instant::now();
        for item in self.items.values_mut() {
            if let Fate::Leased { until, .. } = &item.fate
                && *until <= now
            {
                item.expired += 1;
                item.fate = Fate::Waiting(now);
            }
        }
    }

    fn receive(&mut self) -> Reply {
        self.expire();
        let now = Instant::now();
        let ready = |item: &Item| matches!(item.fate, Fate::Waiting(from) if from <= now);
        let Some(place) = self.order.iter().position(|name| ready(&self.items[name])) else {
            return Reply {
                status: StatusCode::NO_CONTENT,
                headers: Vec::new(),
                body: String::new(),
            };
        };
        let Some(name) = self.order.remove(place) else {
            return Reply::refuse(StatusCode::INTERNAL_SERVER_ERROR, "no such place");
        };
        self.order.push_back(name.clone());
        self.receipts += 1;
        let receipt = format!("receipt-{}", self.receipts);
        let until = now + self.lease;
        let lease_ms = self.lease.as_millis() as u64;
        let Some(item) = self.items.get_mut(&name) else {
            return Reply::refuse(StatusCode::INTERNAL_SERVER_ERROR, "no such item");
        };
        item.attempts += 1;
        item.fate = Fate::Leased {
            receipt: receipt.clone(),
            until,
        };
        let attempt = item.attempts;
        let leased = |item: &&Item| matches!(item.fate, Fate::Leased { .. });
        let in_hand = self.items.values().filter(leased).count();
        self.most_in_hand = self.most_in_hand.max(in_hand);
        Reply::json(&json!({
            "item": name, "receipt": receipt, "attempt": attempt, "lease_ms": lease_ms,
        }))
    }

    /// The item whose living lease has this receipt.
    fn held(&mut self, receipt: &str) -> Option<&mut Item> {
        self.expire();
        let holds =
            |item: &Item| matches!(&item.fate, Fate::Leased { receipt: r, .. } if r == receipt);
        self.items.values_mut().find(|item| holds(item))
    }
}

impl Service for Queue {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let mut state = self.0.lock();
        if request.path == "/receive" {
            return state.receive();
        }
        if request.path == "/extend" && state.loses_extension {
            state.loses_extension = false;
            return Reply::refuse(StatusCode::SERVICE_UNAVAILABLE, "try again");
        }
        let body = request.json();
        let lease = state.lease;
        let Some(item) = body["receipt"].as_str().and_then(|r| state.held(r)) else {
            return Reply::conflict("that lease is over");
        };
        let now = Instant::now();
        match request.path.as_str() {
            "/extend" => {
                item.extended += 1;
                if let Fate::Leased { until, .. } = &mut item.fate {
                    *until = now + lease;
                }
            }
            "/ack" => item.fate = Fate::Done,
            "/nack" => {
                let pause = body["pause_ms"].as_u64().unwrap_or(0);
                item.pauses.push(pause);
                item.fate = Fate::Waiting(now + Duration::from_millis(pause).min(PAUSE_MAX));
            }
            "/dead" => {
                let reason = body["reason"].as_str().unwrap_or_default();
                item.fate = Fate::Dead(reason.to_owned());
            }
            _ => return Reply::not_found("there is nothing here"),
        }
        Reply::json(&json!({}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_that_ran_out_cannot_be_acknowledged_and_the_item_comes_again() {
        let queue = Queue::new(Duration::ZERO);
        queue.put("a");
        assert!(queue.0.lock().receive().body.contains("receipt-1"));
        assert!(queue.0.lock().held("receipt-1").is_none());
        assert!(queue.0.lock().receive().body.contains(r#""attempt":2"#));
        assert_eq!(queue.item("a").expect("it is there").expired, 2);
    }
}
