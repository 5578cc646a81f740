//! What is written down of each call, and how its end is noticed.

use super::fault::Fault;
use super::{Shared, UpstreamRequest, lock};
use axum::body::Bytes;
use axum::http::request::Parts;
use std::sync::Arc;
use std::time::Duration;

/// One call in the record. Times are since the check began.
#[derive(Debug, Clone)]
pub struct Call {
    pub request: UpstreamRequest,
    pub at: Duration,
    pub end: Option<(Duration, End)>,
    /// The fault that struck it.
    pub(super) fault: Option<String>,
    /// Of a whole answer.
    pub(super) status: Option<u16>,
}

impl Call {
    /// When its client, which waits for at most `limit`, was done with it. The server may hear later that
    /// a client has hung up.
    pub fn over(&self, limit: Duration) -> Duration {
        let end = self.end.map_or(self.at, |(at, _)| at);
        end.min(self.at + limit)
    }

    /// What became of it: `answered 200 after 3 ms`, `hung up on after 250 ms (it hangs)`.
    pub fn outcome(&self) -> String {
        let after = |at: Duration| at.saturating_sub(self.at).as_millis();
        let end = match (self.end, self.status) {
            (None, _) => "still open".to_owned(),
            (Some((at, End::Abandoned)), _) => format!("hung up on after {} ms", after(at)),
            (Some((at, End::Answered)), Some(status)) => {
                format!("answered {status} after {} ms", after(at))
            }
            (Some((at, End::Answered)), None) => format!("ended after {} ms", after(at)),
        };
        match &self.fault {
            Some(fault) => format!("{end} (it {fault})"),
            None => end,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The whole answer was handed to the connection.
    Answered,
    /// The client went away first: it cancelled, timed out or died.
    Abandoned,
}

#[derive(Debug, Default)]
pub struct Ledger {
    pub calls: Vec<Call>,
    pub in_flight: usize,
    pub peak: usize,
}

/// Ends its call in the ledger: as abandoned, unless it was answered before it is dropped. It is
/// held by whatever future or stream the answer is made of, which hyper drops when the client goes.
pub(super) struct InFlight {
    shared: Arc<Shared>,
    nr: usize,
    answered: bool,
}

impl InFlight {
    pub fn begin(shared: &Arc<Shared>, head: Parts, body: Bytes) -> (Self, UpstreamRequest) {
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&head.uri)
            .map(|query| query.0)
            .unwrap_or_default();
        let mut ledger = lock(&shared.ledger);
        let nr = ledger.calls.len();
        let request = UpstreamRequest {
            nr: nr as u64,
            method: head.method,
            target: head
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            path: head.uri.path().to_owned(),
            query,
            headers: head.headers,
            body,
        };
        ledger.calls.push(Call {
            request: request.clone(),
            at: shared.journal.now(),
            end: None,
            fault: None,
            status: None,
        });
        ledger.in_flight += 1;
        ledger.peak = ledger.peak.max(ledger.in_flight);
        drop(ledger);
        shared.changed.send_modify(|tick| *tick += 1);
        (
            Self {
                shared: Arc::clone(shared),
                nr,
                answered: false,
            },
            request,
        )
    }

    /// This fault strikes the call.
    pub fn struck(&self, fault: &Fault) {
        // The status tells by itself.
        let told = (!matches!(fault, Fault::Status(_))).then(|| fault.in_words());
        lock(&self.shared.ledger).calls[self.nr].fault = told;
    }

    /// With this status, if the answer is whole.
    pub fn answered(mut self, status: Option<u16>) {
        self.answered = true;
        lock(&self.shared.ledger).calls[self.nr].status = status;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let end = if self.answered {
            End::Answered
        } else {
            End::Abandoned
        };
        {
            let mut ledger = lock(&self.shared.ledger);
            ledger.in_flight -= 1;
            let at = self.shared.journal.now();
            ledger.calls[self.nr].end = Some((at, end));
        }
        self.shared.changed.send_modify(|tick| *tick += 1);
    }
}
