//! The lease store: one lease, by the wall clock, with a token that grows with each grant.

use crate::harness::shared::Shared;
use crate::harness::upstream::{Reply, Service, UpstreamRequest};
use serde_json::json;
use std::time::{Duration, Instant};

#[derive(Debug, Clone)]
pub struct Grant {
    pub holder: String,
    pub token: u64,
    pub until: Instant,
    /// It was given back, and did not run out.
    pub released: bool,
}

#[derive(Debug)]
struct State {
    lease: Duration,
    token: u64,
    /// The last one may be alive.
    grants: Vec<Grant>,
}

/// Clones are the same store.
#[derive(Debug, Clone)]
pub struct Store(Shared<State>);

impl Store {
    /// `token`: the last one that was given out before.
    pub fn new(lease: Duration, token: u64) -> Self {
        let grants = Vec::new();
        Self(Shared::new(State {
            lease,
            token,
            grants,
        }))
    }

    pub fn grants(&self) -> Vec<Grant> {
        self.0.lock().grants.clone()
    }

    /// Who holds the lease now.
    pub fn owner(&self) -> Option<Grant> {
        self.0.lock().living().cloned()
    }

    /// How long the lease is from now on.
    pub fn set_lease(&self, lease: Duration) {
        self.0.lock().lease = lease;
    }

    /// Ends the lease long before its time, as a store that lost its memory does.
    pub fn revoke(&self) {
        if let Some(grant) = self.0.lock().living() {
            grant.until = Instant::now();
        }
    }
}

impl State {
    fn living(&mut self) -> Option<&mut Grant> {
        let last = self.grants.last_mut();
        last.filter(|grant| !grant.released && grant.until > Instant::now())
    }
}

impl Service for Store {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let mut state = self.0.lock();
        let body = request.json();
        let until = Instant::now() + state.lease;
        let lease_ms = state.lease.as_millis() as u64;
        if request.path == "/acquire" {
            let Some(holder) = body["holder"].as_str() else {
                return Reply::bad_request("there is no holder");
            };
            if state.living().is_some() {
                return Reply::conflict("somebody holds the lease");
            }
            state.token += 1;
            let token = state.token;
            state.grants.push(Grant {
                holder: holder.to_owned(),
                token,
                until,
                released: false,
            });
            return Reply::json(&json!({ "token": token, "lease_ms": lease_ms }));
        }
        let token = body["token"].as_u64();
        let Some(grant) = state.living().filter(|grant| token == Some(grant.token)) else {
            return Reply::conflict("that lease is over");
        };
        match request.path.as_str() {
            "/renew" => grant.until = until,
            "/release" => grant.released = true,
            _ => return Reply::not_found("there is nothing here"),
        }
        Reply::json(&json!({ "lease_ms": lease_ms }))
    }
}
