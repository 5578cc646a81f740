//! What is written down of each call, and how its end is noticed.

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
}

impl Call {
    /// When its client, which waits for at most `limit`, was done with it. The server may hear later that
    /// a client has hung up.
    pub fn over(&self, limit: Duration) -> Duration {
        let end = self.end.map_or(self.at, |(at, _)| at);
        end.min(self.at + limit)
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
pub(super) struct Ledger {
    pub calls: Vec<Call>,
    pub in_flight: usize,
    pub peak: usize,
}

/// What became of each of these calls, with the names of their servers: when they arrived and how they
/// ended, in milliseconds since the first.
pub fn timeline<'a>(calls: impl Iterator<Item = (&'a str, &'a Call)>) -> String {
    let mut calls: Vec<_> = calls.collect();
    calls.sort_by_key(|(_, call)| call.at);
    let Some((_, first)) = calls.first() else {
        return "nobody was asked".to_owned();
    };
    let begun = first.at;
    let ms = |at: Duration| at.saturating_sub(begun).as_millis();
    let tell = |(name, call): &(&str, &Call)| {
        let end = match call.end {
            None => "still open".to_owned(),
            Some((at, End::Answered)) => format!("answered at {} ms", ms(at)),
            Some((at, End::Abandoned)) => format!("hung up on at {} ms", ms(at)),
        };
        format!("{name} asked at {} ms, {end}", ms(call.at))
    };
    calls.iter().map(tell).collect::<Vec<_>>().join("; ")
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
            path: head.uri.path().to_owned(),
            query,
            headers: head.headers,
            body,
        };
        ledger.calls.push(Call {
            request: request.clone(),
            at: shared.epoch.elapsed(),
            end: None,
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

    pub fn answered(mut self) {
        self.answered = true;
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
            let at = self.shared.epoch.elapsed();
            ledger.calls[self.nr].end = Some((at, end));
        }
        self.shared.changed.send_modify(|tick| *tick += 1);
    }
}
