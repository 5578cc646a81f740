//! Where the lots are. It remembers the highest token that it was shown, and refuses lower ones.

use crate::harness::context::Rng;
use crate::harness::shared::Shared;
use crate::harness::upstream::{Reply, Service, UpstreamRequest};
use axum::http::StatusCode;
use rand::RngExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Lot {
    /// Bidder and cents, in the order in which they came.
    pub bids: Vec<(String, u64)>,
    /// Set once.
    pub closed: Option<Closing>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub token: u64,
    pub winner: Option<String>,
    pub cents: u64,
}

impl Lot {
    /// With up to five bids; the highest may be there twice.
    pub fn draw(rng: &mut Rng) -> Self {
        let count = rng.random_range(0..=5);
        let bid = |nr| (format!("bidder-{nr}"), rng.random_range(1..=4) * 2500);
        Self {
            bids: (0..count).map(bid).collect(),
            closed: None,
        }
    }

    /// The highest bid, the earlier one of two that are equal.
    pub fn right(&self, token: u64) -> Closing {
        let best = self.bids.iter().rev().max_by_key(|(_, cents)| *cents);
        Closing {
            token,
            winner: best.map(|(bidder, _)| bidder.clone()),
            cents: best.map_or(0, |(_, cents)| *cents),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    fence: u64,
    /// How many of the next closings are refused.
    refusals: u32,
    /// A lot that is in the list, and closed all the same.
    ghost: Option<String>,
    lots: BTreeMap<String, Lot>,
}

/// Clones are the same shop.
#[derive(Debug, Clone, Default)]
pub struct Shop(Shared<State>);

impl Shop {
    pub fn put(&self, id: &str, lot: Lot) {
        self.0.lock().lots.insert(id.to_owned(), lot);
    }

    pub fn lot(&self, id: &str) -> Option<Lot> {
        self.0.lock().lots.get(id).cloned()
    }

    pub fn is_closed(&self, id: &str) -> bool {
        self.lot(id).is_some_and(|lot| lot.closed.is_some())
    }

    /// Somebody has shown this token.
    pub fn raise_fence(&self, token: u64) {
        self.0.lock().fence = token;
    }

    /// The next closings are refused with a 500, and have no effect.
    pub fn refuse_closings(&self, count: u32) {
        self.0.lock().refusals = count;
    }

    /// From now on the list begins with a lot that is not open any more: its closing is answered 404.
    pub fn list_ghost(&self, id: &str) {
        self.0.lock().ghost = Some(id.to_owned());
    }

    pub fn refusals_left(&self) -> u32 {
        self.0.lock().refusals
    }
}

impl Service for Shop {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let mut state = self.0.lock();
        if request.path == "/lots" {
            let open = state.lots.iter().filter(|(_, lot)| lot.closed.is_none());
            let ghost = state.ghost.as_ref();
            let ghost = ghost.map(|id| json!({ "id": id, "bids": [] }));
            let open = open.map(|(id, lot)| told(id, lot));
            let open: Vec<Value> = ghost.into_iter().chain(open).collect();
            return Reply::json(&json!({ "lots": open }));
        }
        let body = request.json();
        let Some(token) = body["token"].as_u64() else {
            return Reply::bad_request("there is no token");
        };
        if token < state.fence {
            return Reply::conflict("fenced: there is a newer owner");
        }
        state.fence = token;
        match request.path.as_str() {
            "/fence" => {}
            "/close" if state.refusals > 0 => {
                state.refusals -= 1;
                return Reply::refuse(StatusCode::INTERNAL_SERVER_ERROR, "try again");
            }
            "/close" => {
                let id = body["lot"].as_str().unwrap_or_default();
                let Some(lot) = state.lots.get_mut(id).filter(|lot| lot.closed.is_none()) else {
                    return Reply::not_found("no such lot is open");
                };
                lot.closed = Some(Closing {
                    token,
                    winner: body["winner"].as_str().map(str::to_owned),
                    cents: body["cents"].as_u64().unwrap_or_default(),
                });
            }
            _ => return Reply::not_found("there is nothing here"),
        }
        Reply::json(&json!({}))
    }
}

fn told(id: &str, lot: &Lot) -> Value {
    let bid = |(bidder, cents): &(String, u64)| json!({ "bidder": bidder, "cents": cents });
    json!({ "id": id, "bids": lot.bids.iter().map(bid).collect::<Vec<_>>() })
}
