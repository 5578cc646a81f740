//! The servers that surround the learner's program: real HTTP on the loopback, with faults on
//! request, each call written down.
//!
//! An exercise says what a healthy server answers ([`Service`]); the harness does the misbehaving
//! (`answer`). What is recorded of a call ([`Call`]) includes how it ended: answered, or abandoned
//! by the client, which is how cancellation looks from this side (`record`).

mod answer;
pub mod fault;
mod record;
mod request;
#[cfg(test)]
mod tests;

use super::journal::{Journal, Kind};
use super::witness::Witness;
use axum::http::StatusCode;
use axum::serve::ListenerExt;
use fault::{Fault, Gate, Rule, When};
pub(super) use record::Ledger;
pub use record::{Call, End};
pub use request::UpstreamRequest;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What a healthy server of an exercise answers.
pub trait Service: Send + Sync + 'static {
    fn answer(&self, request: &UpstreamRequest) -> Reply;

    /// The well-formed and untrue answer of [`Fault::Lie`].
    fn lie(&self, request: &UpstreamRequest) -> Reply {
        self.answer(request)
    }
}

/// An answer before any fault.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

impl Reply {
    pub fn json(value: &impl serde::Serialize) -> Self {
        let body = serde_json::to_string(value)
            .expect("answers are built of maps with string keys, which always serialise");
        Self {
            status: StatusCode::OK,
            headers: Vec::new(),
            body,
        }
    }

    /// With this header, `Retry-After` for instance.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn bad_request(why: &str) -> Self {
        Self::refuse(StatusCode::BAD_REQUEST, why)
    }

    pub fn not_found(why: &str) -> Self {
        Self::refuse(StatusCode::NOT_FOUND, why)
    }

    pub fn conflict(why: &str) -> Self {
        Self::refuse(StatusCode::CONFLICT, why)
    }

    pub fn refuse(status: StatusCode, why: &str) -> Self {
        Self {
            status,
            ..Self::json(&serde_json::json!({ "error": why }))
        }
    }
}

/// A running server. Dropping it closes its port and every connection.
#[derive(Debug)]
pub struct Upstream {
    name: String,
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    service: Box<dyn Service>,
    rules: Mutex<Vec<Rule>>,
    ledger: Arc<Mutex<Ledger>>,
    /// Ticks whenever the ledger changes, so that checks wait for a condition and not for a time.
    changed: watch::Sender<u64>,
    closed: watch::Sender<bool>,
    /// Of the check. It has the witnesses, too: each injected fault joins them.
    journal: Journal,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl Upstream {
    /// Opens a port on the loopback and serves on it.
    pub(super) async fn start(
        name: &str,
        service: impl Service,
        journal: Journal,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            service: Box::new(service),
            rules: Mutex::default(),
            ledger: Arc::default(),
            changed: watch::Sender::new(0),
            closed: watch::Sender::new(false),
            journal,
        });
        shared.journal.add_server(name, &shared.ledger);
        // Without TCP_NODELAY a dripped byte would wait for the one before it to be acknowledged.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let app = axum::Router::new()
            .fallback(answer::serve)
            .with_state(Arc::clone(&shared));
        let mut closed = shared.closed.subscribe();
        let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
            let _ = closed.wait_for(|closed| *closed).await;
        });
        tokio::spawn(async move { serving.await });
        Ok(Self {
            name: name.to_owned(),
            url: format!("http://{address}"),
            shared,
        })
    }

    /// What reports call it: `shard 2`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on this fault strikes these calls. Among rules that match, the latest counts.
    pub fn inject(&self, when: When, fault: Fault) -> Witness {
        let what = format!("{} was asked while it {}", self.name, fault.in_words());
        let witness = self.shared.journal.witnesses().call(&what);
        self.add_rule(when, fault, witness.clone());
        witness
    }

    /// As [`Self::inject`], for a fault that a program may fail to meet, when that is what the check
    /// finds out: no witness.
    pub fn inject_unwitnessed(&self, when: When, fault: Fault) {
        self.add_rule(when, fault, Witness::of(""));
    }

    /// As [`Self::inject`], for the next call that arrives alone.
    pub fn inject_next(&self, fault: Fault) -> Witness {
        let next = self.calls().len() as u64;
        self.inject(When::Calls(next..next + 1), fault)
    }

    /// Holds the answers to these calls back until the gate is opened.
    pub fn hold(&self, when: When) -> Gate {
        let gate = Gate::shut();
        self.inject(when, Fault::Hold(gate.clone()));
        gate
    }

    fn add_rule(&self, when: When, fault: Fault, witness: Witness) {
        self.note(&format!("{}{}", fault.in_words(), when.in_words()));
        lock(&self.shared.rules).push(Rule {
            when,
            fault,
            witness,
        });
    }

    /// For the timeline: `what` completes a sentence about this server.
    fn note(&self, what: &str) {
        let journal = &self.shared.journal;
        journal.note(Kind::Fault, format!("{} {what}", self.name));
    }

    /// No more faults. Calls that are held back or hanging stay so.
    pub fn heal(&self) {
        let healed = std::mem::take(&mut *lock(&self.shared.rules));
        if !healed.is_empty() {
            self.note("is well again");
        }
    }

    /// Stops listening: connections are refused from now on, open ones are closed.
    pub async fn close(&self) {
        self.note("stops listening");
        self.shared.closed.send_replace(true);
        let address = self.url.trim_start_matches("http://").to_owned();
        let refused = async {
            while tokio::net::TcpStream::connect(&address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        // The listener closes as soon as its task runs; the limit is only against waiting for ever.
        let _ = tokio::time::timeout(Duration::from_secs(2), refused).await;
    }

    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared.ledger).calls.clone()
    }

    /// Calls that arrived and have not ended.
    pub fn in_flight(&self) -> usize {
        lock(&self.shared.ledger).in_flight
    }

    /// The most calls that were in flight at once.
    pub fn peak(&self) -> usize {
        lock(&self.shared.ledger).peak
    }

    /// Waits until `holds` is true of the server, at most `limit`; says whether it came true.
    pub async fn wait_until(&self, limit: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let mut changed = self.shared.changed.subscribe();
        let come_true = async {
            while !holds(self) {
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(limit, come_true).await.is_ok() || holds(self)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.shared.closed.send_replace(true);
    }
}

/// A poisoned lock only means that some check panicked, which is reported as such; the record in it
/// is still whole, since every change to it is a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
